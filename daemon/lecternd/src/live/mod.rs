//! The broadcast: one encode for all, and each target a pipeline of its own.

pub(crate) mod encode;
pub(crate) mod gate;
pub(crate) mod stream;
pub(crate) mod target;
