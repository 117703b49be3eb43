//! The manners of the network side, tried from outside: in process where that is enough, over real sockets where
//! time and connections matter.

mod house;

mod manners;
