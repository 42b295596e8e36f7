//! How much an archive may claim before it is called absurd. Whoever checks or
//! exports a lesson from an address need not trust what lies there: neither
//! time nor memory may grow beyond what a lesson can have.

/// The largest manifest that is read, in bytes: 180 000 fragments, four tracks
/// of a day.
pub const MAX_MANIFEST_BYTES: u64 = 32 << 20;

/// The largest part of a ledger that is read, in bytes; one of four tracks has
/// 160 kB.
pub const MAX_PART_BYTES: u64 = 1 << 20;

/// What the parts of a ledger may have together, in bytes.
pub const MAX_LEDGER_BYTES: u64 = 32 << 20;

/// The largest playlist that is read, in bytes.
pub const MAX_PLAYLIST_BYTES: u64 = 16 << 20;

/// The largest init segment that is exported, in bytes; usually 1 to 2 kB.
pub const MAX_INIT_BYTES: u64 = 256 << 10;

/// What the init segments of a track may have together, in bytes: they are kept
/// in memory during an export.
pub const MAX_INITS_BYTES: u64 = 16 << 20;

/// Tracks of a lesson: a program and its sources.
pub const MAX_TRACKS: usize = 64;

/// Runs of a lesson: a pipeline that is started again every five seconds for
/// half a day.
pub const MAX_RUNS: usize = 10_000;
