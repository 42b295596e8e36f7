//! The one place that opens spools.

use std::path::Path;
use std::sync::Arc;

use lectern_api::SystemClock;
use lectern_spool::{DeviceKey, Keyring, OpenReport, Options, Spool, SpoolError};

/// Small, so that a few fragments fill a segment and a few lessons the spool.
pub const OPTIONS: Options = Options { quota_bytes: 36 << 20, segment_bytes: 3 << 20, reserve_bytes: 0 };

/// Opens the spool in a folder.
///
/// # Errors
/// Those of [`Spool::open`].
pub fn open(folder: &Path) -> Result<(Spool, OpenReport), SpoolError> {
    let keyring = Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None };
    Spool::open(folder, OPTIONS, keyring, Arc::new(SystemClock::new()))
}
