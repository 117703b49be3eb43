//! Running code nobody trusts, in a cell: namespaces, a root of its own, limits, a system call filter.
//!
//! The server starts its own binary again as a helper with one thread (`sandbox-cell`), hands it a policy over
//! a socket, and reads what comes out. Owns the control groups it makes and one folder of lock files; a cell's
//! own files live in memory and vanish with it. Strangers' bytes enter as [`Program`] and leave as [`Run`]; the
//! verdict comes from what the supervisor saw. `facts` the cell reports are never the program's.
//!
//! Not here: which jobs run when (`jobs`), what a run means to a person (the apps), the network outward (`edge`).

mod advice;
mod cell;
mod groups;
mod languages;
mod layers;
mod limits;
mod owners;
mod program;
mod run;
mod sandbox;
mod spare;
mod supervise;
mod wire;

pub use cell::cell_main;
pub use languages::{Entry, Language, Space, languages};
pub use layers::{Floor, Layer, Layers};
pub use limits::{Asked, Limits};
pub use program::{MOST_INPUT_BYTES, Program};
pub use run::{Artefact, Exit, Reason, Run, Skipped, Stream, Usage};
pub use sandbox::{Config, Sandbox};
