//! The figures of the spool alone: time, bytes to the device, room, memory.

mod amplification;
pub(crate) mod child;
mod device;
mod index;
pub(crate) mod lesson;
mod memory;
mod opening;
mod plain;
mod put;
mod slow_flush;
mod space;

use std::path::Path;

use lectern_api::SystemClock;

use crate::{BenchError, Name};
use opening::Kind;

/// Where files are no bytes of a disk.
const IN_MEMORY: &str = "/dev/shm";

/// Measures one of them.
pub(crate) fn measure(name: Name, folder: &Path, clock: SystemClock) -> Result<(), BenchError> {
    let memory = || tempfile::tempdir_in(IN_MEMORY).map_err(BenchError::io(IN_MEMORY));
    match name {
        Name::SpoolPutP50 => put::measure(folder, clock),
        Name::SpoolRateSlowFlush => slow_flush::measure(clock, false),
        Name::SpoolRateSlowFlushRecycled => slow_flush::measure(clock, true),
        Name::SpoolWriteAmplification => amplification::measure(clock),
        Name::SpoolSpace => space::measure(folder, clock),
        Name::SpoolIndexBytes => index::measure(memory()?.path(), clock),
        Name::SpoolMemory => memory::measure(memory()?.path(), clock),
        Name::SpoolOpen => opening::measure(folder, clock, Kind::Whole),
        Name::SpoolRebuildFooters => opening::measure(folder, clock, Kind::Footers),
        Name::SpoolRebuildHeaders => opening::measure(folder, clock, Kind::Headers),
        _ => Ok(()),
    }
}
