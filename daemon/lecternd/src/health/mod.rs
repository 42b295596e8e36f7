//! What is wrong: found by pure rules in the status, told when it has held for
//! its time, over on evidence, and remembered.

mod book;
mod catalogue;
mod memory;
mod rules;
mod timetable;
mod unit;

pub(crate) use memory::{FaultMemory, PAST_KEPT};
pub(crate) use rules::guards;
pub(crate) use unit::{Health, Listeners};
