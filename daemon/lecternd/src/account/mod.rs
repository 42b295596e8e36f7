//! What became of each planned lesson: settled once it is over, kept for good,
//! told to whoever asks.
//!
//! ```text
//! plan, spool, journal, targets ─▶ Accounts ─▶ facts
//!                                   ▲    │ └─▶ watch: AccountStatus ─▶ status, faults
//!                      Accountant ──┘    └───▶ API: report, acknowledge
//! ```
//!
//! What follows from what is decided in `lectern-account`, purely; here it is
//! read and written. Every step may be the last one before a power cut: a
//! lesson counts as settled only behind its account ([`accounts`]).

mod accounts;
mod ledger;
mod live;
mod recorded;
#[cfg(test)]
mod tests;
mod unit;

pub(crate) use accounts::{AccountError, Accounts, Sources};
pub(crate) use unit::Accountant;
