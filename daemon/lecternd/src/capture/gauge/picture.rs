//! Whether a picture moves, and whether there is anything in it: a thousand
//! points of it, once in a second, against those of the second before. Pure.

use std::time::Duration;

use crate::capture::time::ClockPoint;

/// What is to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// For how long pictures have come without a pause.
    pub(crate) watched: Duration,
    /// How long ago the picture changed; nothing while it has not.
    pub(crate) moved: Option<Duration>,
    /// One colour all over, as capture cards show when nothing is plugged in.
    pub(crate) is_flat: bool,
}

/// Points of a picture that are looked at.
const POINTS: usize = 1024;
const EVERY: Duration = Duration::from_secs(1);
/// A longer pause, and the source began anew.
const PAUSE: Duration = Duration::from_secs(5);
/// Brightness of 256 steps; a "flat" picture has noise of the cable in it.
const FLAT: u8 = 12;

#[derive(Debug, Default)]
pub(super) struct Pictures(Option<Newest>);

#[derive(Debug)]
struct Newest {
    points: Vec<u8>,
    at: ClockPoint,
    begun: ClockPoint,
    moved: Option<ClockPoint>,
    is_flat: bool,
}

impl Pictures {
    /// Whether it is time for the next.
    pub(super) fn is_due(&self, now: ClockPoint) -> bool {
        self.0.as_ref().is_none_or(|newest| now.duration_since(newest.at) >= EVERY)
    }

    /// Looks at the brightness of a picture.
    pub(super) fn take(&mut self, brightness: &[u8], now: ClockPoint) {
        let points: Vec<u8> =
            (0..POINTS).filter_map(|i| brightness.get(i * brightness.len() / POINTS).copied()).collect();
        let (low, high) = points.iter().fold((u8::MAX, 0), |(low, high), p| (low.min(*p), high.max(*p)));
        let is_flat = high.saturating_sub(low) <= FLAT;
        let before = self.0.take().filter(|before| now.duration_since(before.at) <= PAUSE);
        self.0 = Some(match before {
            Some(before) => {
                let moved = if before.points == points { before.moved } else { Some(now) };
                Newest { points, at: now, begun: before.begun, moved, is_flat }
            }
            None => Newest { points, at: now, begun: now, moved: None, is_flat },
        });
    }

    pub(super) fn seen(&self, now: ClockPoint) -> Option<Seen> {
        let newest = self.0.as_ref().filter(|newest| now.duration_since(newest.at) <= PAUSE)?;
        Some(Seen {
            watched: newest.at.duration_since(newest.begun),
            moved: newest.moved.map(|moved| now.duration_since(moved)),
            is_flat: newest.is_flat,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> ClockPoint {
        ClockPoint(gst::ClockTime::from_seconds(second))
    }

    /// Stripes that have moved so far.
    fn stripes(shift: usize) -> Vec<u8> {
        (0..320 * 180).map(|i| if ((i + shift) / 40).is_multiple_of(2) { 30 } else { 200 }).collect()
    }

    #[test]
    fn a_picture_that_never_changes_has_not_moved_however_long_it_is_watched() {
        let mut pictures = Pictures::default();
        assert_eq!(pictures.seen(at(0)), None);
        for second in 0..=20 {
            pictures.take(&stripes(0), at(second));
        }
        let seen = Seen { watched: Duration::from_secs(20), moved: None, is_flat: false };
        assert_eq!(pictures.seen(at(20)), Some(seen));
        pictures.take(&stripes(7), at(21));
        assert_eq!(pictures.seen(at(24)).unwrap().moved, Some(Duration::from_secs(3)));
    }

    #[test]
    fn a_source_that_comes_back_is_watched_anew() {
        let mut pictures = Pictures::default();
        pictures.take(&stripes(0), at(0));
        pictures.take(&stripes(1), at(1));
        assert_eq!(pictures.seen(at(7)), None, "nothing comes any more");
        pictures.take(&stripes(2), at(60));
        let seen = pictures.seen(at(60)).unwrap();
        assert_eq!((seen.watched, seen.moved), (Duration::ZERO, None));
    }

    #[test]
    fn one_colour_with_the_noise_of_a_cable_is_flat_and_a_dark_slide_is_not() {
        let mut pictures = Pictures::default();
        let noise: Vec<u8> = (0..320 * 180).map(|i: u32| 16 + u8::try_from(i * 7 % 9).unwrap()).collect();
        pictures.take(&noise, at(0));
        assert!(pictures.seen(at(0)).unwrap().is_flat);
        let slide: Vec<u8> = (0..320 * 180).map(|i| if i % 97 < 10 { 90 } else { 16 }).collect();
        pictures.take(&slide, at(1));
        assert!(!pictures.seen(at(1)).unwrap().is_flat);
    }

    #[test]
    fn a_picture_of_any_size_is_looked_at_without_a_panic() {
        let mut pictures = Pictures::default();
        for size in [0, 1, 1023, 1024, 1025] {
            pictures.take(&vec![9; size], at(size as u64));
        }
    }
}
