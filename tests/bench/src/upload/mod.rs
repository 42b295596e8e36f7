//! The figures of the archive: the real daemon brings what waits in its spool
//! to a real S3 server.

mod backlog;
mod beside;
mod outage;
mod s3;
pub(crate) mod server;

use std::path::Path;

use lectern_api::SystemClock;

use crate::{BenchError, Name};

/// Measures one of them.
pub(crate) fn measure(name: Name, folder: &Path, clock: SystemClock) -> Result<(), BenchError> {
    match name {
        Name::UploadS3 => s3::measure(folder, clock),
        Name::BytesBesideMedia => beside::measure(folder, clock),
        Name::OutageHour => outage::measure(folder, clock),
        _ => Ok(()),
    }
}
