//! Which part of the program goes through a tap: pure arithmetic on the mixer's
//! frame grid. Two taps that are cut at the same bell share no frame and lose
//! none, because both are cut at the same frame.

use super::feed::Epoch;
use super::time::ClockPoint;

/// What becomes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is captured between bells.
    Outside,
    Inside,
    /// It is captured after the last bell: nothing more comes.
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) begin: ClockPoint,
    pub(crate) end: Option<ClockPoint>,
}

/// Stretches of the program, in order and apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    spans: Vec<Span>,
    /// Where lessons begin, also those that follow at once.
    bells: Vec<ClockPoint>,
    half_frame: gst::ClockTime,
}

/// Less than a sample: cutting there would complain.
const GRAIN: gst::ClockTime = gst::ClockTime::from_useconds(25);

impl Window {
    /// From bell to bell, in order; nothing captured before `from`.
    pub(crate) fn new(epoch: &Epoch, from: ClockPoint, bells: &[(ClockPoint, Option<ClockPoint>)]) -> Self {
        let mut spans: Vec<Span> = Vec::new();
        for (begin, end) in bells {
            let begin = epoch.first_frame_from(from.max(*begin));
            let end = end.map(|end| epoch.first_frame_from(end).max(begin));
            match spans.last_mut() {
                Some(last) if last.end.is_none_or(|last| last >= begin) => {
                    last.end = last.end.and_then(|last| end.map(|end| last.max(end)));
                }
                _ => spans.push(Span { begin, end }),
            }
        }
        let bells = bells.iter().map(|(begin, _)| epoch.first_frame_from(from.max(*begin))).collect();
        Self { spans, bells, half_frame: epoch.frame() / 2 }
    }

    /// The first frame, if there is any.
    pub(crate) fn begin(&self) -> Option<ClockPoint> {
        self.spans.iter().find(|span| span.end.is_none_or(|end| span.begin < end)).map(|span| span.begin)
    }

    /// The same, and nothing captured at `at` or later.
    pub(crate) fn ending_at(mut self, at: ClockPoint) -> Self {
        self.spans.retain(|span| span.begin < at);
        if let Some(last) = self.spans.last_mut() {
            last.end = Some(last.end.map_or(at, |end| end.min(at)));
        }
        self
    }

    /// What becomes of a picture. Its time is rounded: it belongs to the point
    /// of the grid that is nearest.
    pub(crate) fn picture(&self, at: ClockPoint) -> Fate {
        let at = ClockPoint(at.0 + self.half_frame);
        if self.spans.iter().any(|span| span.begin <= at && span.end.is_none_or(|end| at < end)) {
            Fate::Inside
        } else {
            self.outside(at)
        }
    }

    /// What becomes of a piece of sound, and to which span it is to be cut.
    pub(crate) fn sound(&self, at: ClockPoint, length: gst::ClockTime) -> (Fate, Option<Span>) {
        let (first, last) = (at.0 + GRAIN, at.0 + length);
        let meets = |span: &&Span| last > span.begin.0 + GRAIN && span.end.is_none_or(|end| first < end.0);
        match self.spans.iter().find(meets) {
            Some(span) => (Fate::Inside, Some(*span)),
            None => (self.outside(ClockPoint(first)), None),
        }
    }

    fn outside(&self, at: ClockPoint) -> Fate {
        let over = self.spans.last().is_none_or(|span| span.end.is_some_and(|end| end <= at));
        if over { Fate::Over } else { Fate::Outside }
    }

    /// The next keyframe behind one: a group later, or at a bell that comes
    /// before.
    pub(crate) fn key_after(&self, key: ClockPoint, group: gst::ClockTime) -> ClockPoint {
        let regular = ClockPoint(key.0 + group);
        let bells = self.bells.iter().copied();
        bells
            .filter(|bell| *bell > ClockPoint(key.0 + self.half_frame))
            .min()
            .map_or(regular, |bell| bell.min(regular))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: u64 = 40_000_000;
    const GROUP: gst::ClockTime = gst::ClockTime::from_seconds(2);

    fn epoch() -> Epoch {
        Epoch::new(0, gst::ClockTime::from_nseconds(1_234_567_891), 25)
    }

    fn at(millis: u64) -> ClockPoint {
        ClockPoint(gst::ClockTime::from_mseconds(millis))
    }

    fn frames() -> impl Iterator<Item = ClockPoint> {
        // Rounded the way a mixer does, and a nanosecond off either way.
        let base = epoch().first_frame_from(at(0)).0.nseconds();
        (0..2000_u64).map(move |n| ClockPoint(gst::ClockTime::from_nseconds(base + n * FRAME + n % 3 - 1)))
    }

    #[test]
    fn each_frame_and_each_sample_around_a_bell_belongs_to_one_lesson() {
        for millis in (30_000..30_200).step_by(7) {
            let bell = at(millis);
            let before = Window::new(&epoch(), at(0), &[(at(5_000), Some(bell))]);
            let behind = Window::new(&epoch(), at(0), &[(bell, None)]);
            for frame in frames().filter(|frame| *frame > at(5_100)) {
                let both = [before.picture(frame), behind.picture(frame)];
                assert_eq!(
                    both.iter().filter(|fate| **fate == Fate::Inside).count(),
                    1,
                    "{frame:?} {both:?}"
                );
            }
            let (Some(cut), Some(first)) = (before.spans[0].end, behind.begin()) else { panic!() };
            assert_eq!(cut, first, "sound is cut there");
            assert!(first.0 + gst::ClockTime::from_nseconds(2) >= bell.0);
        }
    }

    #[test]
    fn nothing_is_inside_before_the_bell_and_all_is_over_behind_the_end() {
        let window = Window::new(&epoch(), at(0), &[(at(10_000), Some(at(20_000)))]);
        for frame in frames() {
            let fate = window.picture(frame);
            if frame < at(9_980) {
                assert_eq!(fate, Fate::Outside);
            } else if frame >= at(20_020) {
                assert_eq!(fate, Fate::Over);
            }
        }
        let piece = gst::ClockTime::from_mseconds(20);
        assert_eq!(window.sound(at(9_900), piece).0, Fate::Outside);
        assert_eq!(window.sound(at(12_000), piece).0, Fate::Inside);
        assert_eq!(window.sound(at(20_100), piece).0, Fate::Over);
    }

    #[test]
    fn what_begins_at_its_end_has_no_first_frame() {
        let begin = |end| Window::new(&epoch(), at(20_001), &[(at(10_000), Some(at(end)))]).begin();
        assert_eq!(begin(20_000), None);
        assert_eq!(begin(20_001), None, "that would be a run of one piece of silence");
        assert!(begin(20_100).is_some());
    }

    #[test]
    fn a_break_is_outside_and_a_lesson_that_follows_at_once_is_not_cut() {
        let bells = [(at(10_000), Some(at(20_000))), (at(20_000), Some(at(30_000))), (at(35_000), None)];
        let window = Window::new(&epoch(), at(0), &bells);
        assert_eq!(window.spans.len(), 2);
        assert_eq!(window.picture(at(20_000)), Fate::Inside);
        assert_eq!(window.picture(at(33_000)), Fate::Outside);
        assert_eq!(window.picture(at(36_000)), Fate::Inside);
    }

    #[test]
    fn keyframes_come_every_group_and_at_every_bell() {
        let bells = [(at(10_000), Some(at(15_000))), (at(15_000), None)];
        let window = Window::new(&epoch(), at(0), &bells);
        let (first, second) = (window.bells[0], window.bells[1]);
        let mut key = first;
        for _ in 0..3 {
            key = window.key_after(key, GROUP);
        }
        assert_eq!(key, second, "two groups and the bell");
        assert_eq!(window.key_after(key, GROUP), ClockPoint(second.0 + GROUP));
    }

    #[test]
    fn a_window_that_ends_now_keeps_nothing_of_the_future() {
        let window = Window::new(&epoch(), at(0), &[(at(10_000), None)]);
        assert_eq!(window.clone().ending_at(at(12_000)).picture(at(12_100)), Fate::Over);
        assert_eq!(window.clone().ending_at(at(12_000)).picture(at(11_900)), Fate::Inside);
        assert_eq!(window.ending_at(at(9_000)).picture(at(10_100)), Fate::Over);
    }
}
