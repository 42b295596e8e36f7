//! What a source brings, measured where it passes anyway: whether the picture
//! moves, how loud the sound is, and what the guard in its pipeline says. A few
//! numbers stay in memory; no picture and no sound is kept.

mod picture;
mod sound;
mod verdict;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lectern_api::source::{PictureStatus, SoundStatus};

use self::picture::Pictures;
pub(crate) use self::picture::Seen;
pub(crate) use self::sound::Heard;
use self::sound::Levels;
use self::verdict::Verdict;
use super::time::{ClockPoint, Pulse};

/// The gauge of one source. It outlives the source's pipelines.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    measured: Mutex<Measured>,
    arrival: Pulse,
}

#[derive(Debug, Default)]
struct Measured {
    pictures: Pictures,
    levels: Levels,
    verdict: Verdict,
}

impl Gauge {
    /// A picture of [`picture_caps`](super::source::picture_caps) passes.
    pub(super) fn picture(&self, buffer: &gst::BufferRef) {
        self.arrival.beat();
        let now = ClockPoint::now();
        let mut measured = self.lock();
        if measured.pictures.is_due(now)
            && let Ok(map) = buffer.map_readable()
        {
            // I420: two thirds are brightness.
            measured.pictures.take(&map[..map.len() / 3 * 2], now);
        }
    }

    /// Sound of [`AUDIO_CAPS`](super::source::AUDIO_CAPS) passes.
    pub(super) fn sound(&self, buffer: &gst::BufferRef) {
        self.arrival.beat();
        if let Ok(map) = buffer.map_readable() {
            let samples = map.chunks_exact(4).map(|raw| f32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]));
            self.lock().levels.take(samples, ClockPoint::now());
        }
    }

    /// Something passes that nobody may look at or listen to.
    pub(super) fn hidden(&self) {
        self.arrival.beat();
    }

    /// Takes what the guard in the source's pipeline says now.
    pub(super) fn judged(&self, verdict: &gst::StructureRef) {
        self.lock().verdict.take(verdict, ClockPoint::now());
    }

    /// The source is closed, or nobody may look: what was said counts no more.
    pub(super) fn forget(&self) {
        self.lock().verdict.forget();
    }

    /// What the guard says of the picture; nothing while it has seen none.
    pub(crate) fn picture_status(&self) -> Option<PictureStatus> {
        let (now, measured) = (ClockPoint::now(), self.lock());
        measured.verdict.picture(measured.pictures.seen(now), now)
    }

    /// What the guard says of the sound; nothing while it has heard none.
    pub(crate) fn sound_status(&self) -> Option<SoundStatus> {
        self.lock().verdict.sound(ClockPoint::now())
    }

    /// What is to be seen; nothing while no picture comes.
    pub(crate) fn seen(&self) -> Option<Seen> {
        self.lock().pictures.seen(ClockPoint::now())
    }

    /// What is to be heard; nothing while no sound comes.
    pub(crate) fn heard(&self) -> Option<Heard> {
        self.lock().levels.heard(ClockPoint::now())
    }

    /// How long ago the newest frame came, whatever happened to the source
    /// since; nothing when there never was one.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.arrival.age()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Measured> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
