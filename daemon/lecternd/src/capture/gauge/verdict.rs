//! What the guard in a source's pipeline says of it. Pure, but for the form in
//! which the guard says it.

use std::time::Duration;

use lectern_api::source::{Exposure, NoSignal, PictureStatus, SoundStatus};

use super::picture::Seen;
use crate::capture::time::ClockPoint;

/// The newest verdict on a source, since it was opened.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// When the guard had first seen or heard anything.
    begun: Option<ClockPoint>,
    said: Said,
    /// When the picture showed something last; that outlives an opening.
    shown: Option<ClockPoint>,
}

#[derive(Debug, Default, Clone, Copy)]
enum Said {
    #[default]
    Nothing,
    Picture(PictureStatus),
    Sound(SoundStatus),
}

impl Verdict {
    /// Takes what the property `verdict` of `pictureguard` or `soundguard` says.
    pub(super) fn take(&mut self, verdict: &gst::StructureRef, now: ClockPoint) {
        // Without a time the guard has not seen anything.
        if !verdict.has_field("pts") {
            return;
        }
        self.begun.get_or_insert(now);
        self.said = match verdict.name().as_str() {
            "lectern-picture" => Said::Picture(picture(verdict)),
            "lectern-sound" => Said::Sound(sound(verdict)),
            _ => Said::Nothing,
        };
        if self.picture_at(now).is_some_and(|picture| picture.is_seen()) {
            self.shown = Some(now);
        }
    }

    /// The source is closed, or nobody may look.
    pub(super) fn forget(&mut self) {
        *self = Self { shown: self.shown, ..Self::default() };
    }

    pub(super) fn picture(&self, seen: Option<Seen>, now: ClockPoint) -> Option<PictureStatus> {
        let moved_ms_ago = seen.and_then(|seen| seen.moved).map(ms);
        let shown_ms_ago = self.shown.map(|shown| ms(now.duration_since(shown)));
        self.picture_at(now).map(|picture| PictureStatus { moved_ms_ago, shown_ms_ago, ..picture })
    }

    pub(super) fn sound(&self, now: ClockPoint) -> Option<SoundStatus> {
        let Said::Sound(sound) = self.said else { return None };
        Some(SoundStatus { listened_ms: self.watched_ms(now), ..sound })
    }

    fn picture_at(&self, now: ClockPoint) -> Option<PictureStatus> {
        let Said::Picture(picture) = self.said else { return None };
        Some(PictureStatus { watched_ms: self.watched_ms(now), ..picture })
    }

    fn watched_ms(&self, now: ClockPoint) -> u64 {
        self.begun.map_or(0, |begun| ms(now.duration_since(begun)))
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn is(verdict: &gst::StructureRef, field: &str) -> bool {
    verdict.get::<bool>(field).unwrap_or(false)
}

fn picture(verdict: &gst::StructureRef) -> PictureStatus {
    let pattern = verdict.get::<&str>("pattern").unwrap_or_default();
    PictureStatus {
        black: is(verdict, "black"),
        frozen: is(verdict, "frozen"),
        no_signal: match pattern {
            _ if !is(verdict, "no-signal") => None,
            "bars" => Some(NoSignal::Bars),
            _ => Some(NoSignal::Blue),
        },
        exposure: match verdict.get::<&str>("exposure").unwrap_or_default() {
            "under" => Exposure::Under,
            "over" => Exposure::Over,
            _ => Exposure::Normal,
        },
        ..PictureStatus::default()
    }
}

fn sound(verdict: &gst::StructureRef) -> SoundStatus {
    SoundStatus {
        silent: is(verdict, "silent"),
        clipping: is(verdict, "clipping"),
        hum: is(verdict, "hum"),
        listened_ms: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> ClockPoint {
        ClockPoint(gst::ClockTime::from_mseconds(millis))
    }

    fn black(is_black: bool) -> gst::Structure {
        gst::init().unwrap();
        gst::Structure::builder("lectern-picture").field("black", is_black).field("pts", 1_u64).build()
    }

    #[test]
    fn a_guard_that_has_seen_nothing_says_nothing() {
        gst::init().unwrap();
        let mut verdict = Verdict::default();
        let nothing = gst::Structure::builder("lectern-picture").field("black", false).build();
        verdict.take(&nothing, at(1_000));
        assert_eq!(verdict.picture(None, at(1_000)), None);
    }

    #[test]
    fn what_was_said_of_a_source_is_forgotten_when_it_is_closed_but_not_when_it_was_seen() {
        let mut verdict = Verdict::default();
        verdict.take(&black(false), at(1_000));
        verdict.take(&black(false), at(4_000));
        assert_eq!(verdict.picture(None, at(5_000)).unwrap().watched_ms, 4_000);
        verdict.forget();
        assert_eq!(verdict.picture(None, at(6_000)), None);
        verdict.take(&black(true), at(7_000));
        let picture = verdict.picture(None, at(8_000)).unwrap();
        assert_eq!((picture.watched_ms, picture.shown_ms_ago, picture.black), (1_000, Some(4_000), true));
        assert_eq!(verdict.sound(at(8_000)), None);
    }

    #[test]
    fn what_a_guard_says_is_read_word_by_word() {
        gst::init().unwrap();
        let said = gst::Structure::builder("lectern-picture")
            .field("black", false)
            .field("frozen", true)
            .field("no-signal", true)
            .field("pattern", "bars")
            .field("exposure", "over")
            .field("pts", 1_u64);
        let mut verdict = Verdict::default();
        verdict.take(&said.build(), at(0));
        let picture = verdict.picture(None, at(0)).unwrap();
        assert_eq!((picture.frozen, picture.no_signal), (true, Some(NoSignal::Bars)));
        assert_eq!(picture.exposure, Exposure::Over);
        let said = gst::Structure::builder("lectern-sound").field("silent", true).field("hum", true);
        verdict.take(&said.field("clipping", false).field("pts", 1_u64).build(), at(0));
        let expected = SoundStatus { listened_ms: 500, silent: true, clipping: false, hum: true };
        assert_eq!(verdict.sound(at(500)), Some(expected));
    }
}
