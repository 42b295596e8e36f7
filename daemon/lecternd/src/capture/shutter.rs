//! The privacy shutter. Every picture and sound of the room passes it twice:
//! on its way into the mixer, and on its way out to the encoders.

use super::time::ClockPoint;

/// The newest stretch for which it was closed, on the shared clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shutter {
    /// Since when, and until when unless it still is.
    closed: Option<(ClockPoint, Option<ClockPoint>)>,
}

/// What was captured so long ago has gone through the mixer: closed again
/// earlier, the shutter must still hide the stretch before.
const THROUGH_THE_MIXER: gst::ClockTime = gst::ClockTime::from_seconds(2);

impl Shutter {
    /// Turns it; says whether that changed anything.
    pub(super) fn turn(&mut self, closed: bool, now: ClockPoint) -> bool {
        self.closed = match (self.closed, closed) {
            (Some((_, None)), true) | (None | Some((_, Some(_))), false) => return false,
            (Some((since, None)), false) => Some((since, Some(now))),
            (Some((since, Some(until))), true) if now.since(until) < THROUGH_THE_MIXER => Some((since, None)),
            (_, true) => Some((now, None)),
        };
        true
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed_since().is_some()
    }

    /// Since when it is closed, if it is.
    pub(crate) fn closed_since(&self) -> Option<ClockPoint> {
        match self.closed {
            Some((since, None)) => Some(since),
            _ => None,
        }
    }

    /// The first point from `begin` on that it hides, if it hides any.
    pub(crate) fn hides_from(&self, begin: ClockPoint) -> Option<ClockPoint> {
        self.closed
            .filter(|(_, until)| until.is_none_or(|until| begin < until))
            .map(|(since, _)| since.max(begin))
    }

    /// Until when it was closed, when it was and is not any more.
    pub(crate) fn opened(&self) -> Option<ClockPoint> {
        self.closed.and_then(|(_, until)| until)
    }

    /// Whether what the mixer made of this point may not be seen.
    pub(crate) fn hides(&self, at: ClockPoint) -> bool {
        self.closed.is_some_and(|(since, until)| since <= at && until.is_none_or(|until| at < until))
    }

    /// Whether what a source captured there may not go into the mixer. A closed
    /// shutter takes nothing, whatever a source says when it was.
    pub(crate) fn keeps_out(&self, at: ClockPoint) -> bool {
        self.is_closed() || self.hides(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> ClockPoint {
        ClockPoint(gst::ClockTime::from_mseconds(millis))
    }

    #[test]
    fn what_was_captured_while_it_was_closed_stays_hidden_after_it_opened() {
        let mut shutter = Shutter::default();
        assert!(!shutter.hides(at(10_000)));
        assert!(shutter.turn(true, at(10_000)));
        assert!(!shutter.turn(true, at(11_000)), "it is closed already");
        assert!(shutter.hides(at(10_000)) && shutter.hides(at(99_000)) && !shutter.hides(at(9_999)));
        assert!(shutter.keeps_out(at(9_999)));
        assert_eq!(shutter.hides_from(at(5_000)), Some(at(10_000)));
        assert!(shutter.turn(false, at(20_000)));
        assert_eq!(shutter.hides_from(at(15_000)), Some(at(15_000)));
        assert_eq!(shutter.hides_from(at(20_000)), None);
        assert!(shutter.hides(at(19_999)) && !shutter.hides(at(20_000)) && !shutter.is_closed());
        assert!(shutter.keeps_out(at(19_999)) && !shutter.keeps_out(at(20_000)));
    }

    #[test]
    fn closed_again_at_once_it_still_hides_the_stretch_before() {
        let mut shutter = Shutter::default();
        shutter.turn(true, at(10_000));
        shutter.turn(false, at(20_000));
        shutter.turn(true, at(20_100));
        assert!(shutter.hides(at(19_900)), "that may still be in the mixer");
        shutter.turn(false, at(21_000));
        shutter.turn(true, at(60_000));
        assert_eq!(shutter.closed_since(), Some(at(60_000)));
    }
}
