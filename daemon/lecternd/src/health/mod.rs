//! What is wrong: found by pure rules in the status, told when it has held for
//! its time, over on evidence, and remembered; and mended, as far as the box can.

mod book;
mod catalogue;
mod memory;
mod mender;
mod repair;
mod rules;
mod timetable;
mod unit;

pub(crate) use catalogue::is_at_hand;
pub(crate) use memory::{FaultMemory, PAST_KEPT};
pub(crate) use mender::{Hindrance, MenderPorts, Report, Tools, Work, run as take_orders};
pub(crate) use repair::Order;
pub(crate) use rules::guards;
pub(crate) use unit::{Health, Listeners};
