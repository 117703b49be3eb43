//! Permission as a value: looking a thing up says what it is for, and the write asks for the proof.

use std::marker::PhantomData;

/// For looking at.
#[derive(Clone, Copy, Debug)]
pub enum Read {}
/// For changing.
#[derive(Clone, Copy, Debug)]
pub enum Edit {}

/// A thing that the caller may use in the way `Can` says. Made by an owner's lookup that asked for the caller, and
/// nowhere else.
#[derive(Clone, Debug)]
pub struct Granted<T, Can> {
    thing: T,
    can: PhantomData<fn() -> Can>,
}

impl<T, Can> Granted<T, Can> {
    /// What a lookup found for the caller.
    pub fn new(thing: T) -> Self {
        Self { thing, can: PhantomData }
    }

    /// The thing itself.
    pub fn into_inner(self) -> T {
        self.thing
    }
}

impl<T, Can> std::ops::Deref for Granted<T, Can> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.thing
    }
}
