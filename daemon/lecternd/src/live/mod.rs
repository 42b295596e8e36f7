//! The broadcast: one encode for all, and each target a pipeline of its own.

pub(crate) mod encode;
pub(crate) mod gate;
mod silence;
pub(crate) mod stream;
pub(crate) mod target;
