//! How a disk behaves, and what it was asked to do.

use std::time::Duration;

/// Whether flushes count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushes {
    /// As a good disk does.
    Kept,
    /// The disk says yes and does nothing: the control, which must lose
    /// something.
    Ignored,
}

/// What is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// Every write with its bytes, and every flush.
    Everything,
    /// Only how many there were.
    Counts,
}

/// How a disk behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behaviour {
    /// Whether flushes count.
    pub flushes: Flushes,
    /// How long each flush takes; writes and reads go on meanwhile.
    pub flush_takes: Duration,
    /// What is written down.
    pub records: Records,
}

impl Behaviour {
    /// For power cuts: everything is written down, nothing takes long.
    #[must_use]
    pub fn recorded(flushes: Flushes) -> Self {
        Self { flushes, flush_takes: Duration::ZERO, records: Records::Everything }
    }

    /// For figures: a good disk whose flushes take so long, counted.
    #[must_use]
    pub fn counted(flush_takes: Duration) -> Self {
        Self { flushes: Flushes::Kept, flush_takes, records: Records::Counts }
    }
}

/// What a disk was asked to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bytes handed over.
    pub written_bytes: u64,
    /// In so many requests.
    pub writes: u64,
    /// Flushes that were asked for and kept.
    pub flushes: u64,
}
