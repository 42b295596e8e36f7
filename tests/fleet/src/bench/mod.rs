//! What is measured.

mod histogram;
mod money;
mod scene;
mod storm;

pub(crate) use money::money;
pub(crate) use storm::{Plan, storm};
