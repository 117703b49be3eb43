//! Permission as a value: looking a thing up says what it is for, and the write asks for the proof.

use std::marker::PhantomData;

/// For looking at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Read {}
/// For changing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit {}

/// A thing that the caller may use in the way `Can` says. Made by a lookup that asked for the owner, and
/// nowhere else.
#[derive(Clone, Debug)]
pub(crate) struct Granted<T, Can> {
    thing: T,
    can: PhantomData<fn() -> Can>,
}

impl<T, Can> Granted<T, Can> {
    pub(crate) fn new(thing: T) -> Self {
        Self { thing, can: PhantomData }
    }

    /// The thing itself.
    pub(crate) fn into_inner(self) -> T {
        self.thing
    }
}

impl<T, Can> std::ops::Deref for Granted<T, Can> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.thing
    }
}
