//! Lessons written straight into a spool, without a picture in them.

use std::path::Path;
use std::sync::Arc;

use lectern_api::manifest::{Anchor, LessonInfo, Trigger};
use lectern_api::{Clock as _, LessonId, Name, SystemClock, Ticks};
use lectern_spool::{DeviceKey, Keyring, NewFragment, OpenReport, Options, Spool};

use crate::BenchError;

/// What two seconds of 2.4 Mbit/s take.
pub(crate) const FRAGMENT_BYTES: usize = 600 << 10;
/// The device's key, in every measurement.
pub(crate) const KEY_BYTES: [u8; 32] = [7; 32];
const TWO_SECONDS: Ticks = Ticks(2 * Ticks::PER_SECOND);

/// Opens the spool in a folder, with the key that every measurement uses.
pub(crate) fn open(folder: &Path, options: Options) -> Result<(Spool, OpenReport), BenchError> {
    let keyring = Keyring { device: DeviceKey::from_bytes(KEY_BYTES), recovery: None };
    Ok(Spool::open(folder, options, keyring, Arc::new(SystemClock::new()))?)
}

/// A name that is one.
pub(crate) fn name(text: &str) -> Result<Name, BenchError> {
    Name::new(text).map_err(|e| BenchError::Gst(e.to_string()))
}

/// A lesson that is being written.
#[derive(Debug)]
pub(crate) struct Lesson<'a> {
    spool: &'a Spool,
    pub(crate) id: LessonId,
    track: Name,
    run: u32,
    written: u64,
}

impl<'a> Lesson<'a> {
    /// Begins it, with its first run.
    pub(crate) fn begin(spool: &'a Spool, title: &str) -> Result<Self, BenchError> {
        let utc = SystemClock::new().utc();
        let id = LessonId::by_hand(utc);
        let (track, title) = (name("program")?, title.to_owned());
        let date = jiff::civil::date(2026, 9, 21);
        let (until, planned_until, trigger) = (None, None, Trigger::Hand);
        spool.begin_lesson(&LessonInfo {
            id: id.clone(),
            title,
            date,
            since: utc,
            until,
            planned_until,
            trigger,
            planned: None,
        })?;
        let anchor = Anchor { pts_90k: Ticks(0), utc, synced: true, uncertainty_ms: None };
        let run = spool.begin_run(&id, &track, &[7; 1200], "avc1.64001f,mp4a.40.2", anchor)?;
        Ok(Self { spool, id, track, run, written: 0 })
    }

    /// Appends two seconds.
    pub(crate) fn append(&mut self, payload: &[u8]) -> Result<(), BenchError> {
        let pts_90k = Ticks(self.written * TWO_SECONDS.0);
        self.spool.append(NewFragment {
            lesson: &self.id,
            track: &self.track,
            run: self.run,
            pts_90k,
            duration_90k: TWO_SECONDS,
            payload,
        })?;
        self.written += 1;
        Ok(())
    }

    /// Ends it. No archive has it yet.
    pub(crate) fn end(&self) -> Result<(), BenchError> {
        Ok(self.spool.end_lesson(&self.id, SystemClock::new().utc())?)
    }

    /// Ends it, and says that an archive has all of it.
    pub(crate) fn end_archived(self, archive: &Name) -> Result<LessonId, BenchError> {
        self.end()?;
        for seq in 1..=self.written {
            self.spool.acknowledge(archive, &self.id, &self.track, seq)?;
        }
        self.spool.finish_archive(archive, &self.id)?;
        Ok(self.id)
    }
}

/// Bytes that differ from fragment to fragment.
#[derive(Debug)]
pub(crate) struct Payload(Vec<u8>);

impl Payload {
    pub(crate) fn of(bytes: usize) -> Self {
        Self((0..bytes).map(|at| (at * 31 % 251) as u8).collect())
    }

    /// The next one.
    pub(crate) fn next(&mut self, number: u64) -> &[u8] {
        let mark = number.to_le_bytes();
        let length = mark.len().min(self.0.len());
        self.0[..length].copy_from_slice(&mark[..length]);
        &self.0
    }
}
