//! From what the box does to what its lights show: pure. A light that is lit
//! always means the same, and the one for recording is lit only on evidence.

use std::time::Duration;

use lectern_api::fault::{Fault, Severity};
use lectern_api::status::LiveState;
use lectern_hal::indicator::Light;

use super::Lit;
use crate::health::is_at_hand;

/// What lights are judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    /// The running lesson.
    pub(super) lesson: Option<Record>,
    pub(super) is_shut: bool,
    pub(super) live: &'a [LiveState],
    pub(super) faults: &'a [Fault],
}

/// How far the running lesson has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    /// For how long it is on the air.
    pub(super) on_air: Duration,
    /// How long ago the newest fragment of any lesson became durable.
    pub(super) fragment_age: Option<Duration>,
}

/// The only rhythm: the one that the kernel blinks in by itself, so that nobody
/// needs a right to change it.
pub(super) const BLINK: Light = Light::Blink { on: HALF, off: HALF };
const HALF: Duration = Duration::from_millis(500);

/// Fragments become durable every 2 s; a third one that does not come is no
/// hiccup of the disk any more.
const MOST_FRAGMENT: Duration = Duration::from_secs(6);

/// What each light shows.
pub(super) fn lights(sight: &Sight<'_>) -> Lit {
    Lit {
        recording: recording(sight),
        live: live(sight),
        fault: fault(sight.faults),
        shutter: if sight.is_shut { Light::On } else { Light::Off },
    }
}

/// Behind a closed shutter nothing is recorded, and nothing may look as if.
fn recording(sight: &Sight<'_>) -> Light {
    let Some(record) = sight.lesson.filter(|_| !sight.is_shut) else { return Light::Off };
    // One from before the lesson is no evidence for it.
    let is_durable = |age: Duration| age <= MOST_FRAGMENT && age < record.on_air;
    if record.fragment_age.is_some_and(is_durable) { Light::On } else { BLINK }
}

fn live(sight: &Sight<'_>) -> Light {
    if sight.live.contains(&LiveState::Sending) {
        return Light::On;
    }
    // Before the bell a connection carries nothing, and waits for nothing.
    let waits = sight.lesson.is_some() && sight.live.iter().any(|state| *state != LiveState::Idle);
    if waits { BLINK } else { Light::Off }
}

fn fault(faults: &[Fault]) -> Light {
    let is_urgent = |fault: &Fault| fault.severity == Severity::Critical;
    let is_for_the_room = |fault: &Fault| fault.severity >= Severity::Major && is_at_hand(&fault.code);
    if faults.iter().any(is_urgent) {
        BLINK
    } else if faults.iter().any(is_for_the_room) {
        Light::On
    } else {
        Light::Off
    }
}

#[cfg(test)]
mod tests {
    use Light::{Off, On};
    use lectern_api::Text;
    use lectern_api::status::LiveState::{Connecting, Idle, Sending, Stalled, Waiting};

    use super::*;

    const NOTHING: Sight<'_> = Sight { lesson: None, is_shut: false, live: &[], faults: &[] };

    fn lesson(on_air_ms: u64, fragment_age_ms: Option<u64>) -> Option<Record> {
        let on_air = Duration::from_millis(on_air_ms);
        Some(Record { on_air, fragment_age: fragment_age_ms.map(Duration::from_millis) })
    }

    #[test]
    fn it_shines_for_recording_only_while_fragments_of_the_lesson_become_durable() {
        for (lesson, shows, why) in [
            (None, Off, "no lesson"),
            (lesson(0, None), BLINK, "a lesson that has just begun"),
            (lesson(1000, Some(60_000)), BLINK, "what is durable is of an earlier lesson"),
            (lesson(1000, Some(1000)), BLINK, "it became durable just as the lesson began"),
            (lesson(2100, Some(0)), On, "its first fragment"),
            (lesson(60_000, Some(6000)), On, "a slow disk"),
            (lesson(60_000, Some(6001)), BLINK, "nothing for too long"),
            (lesson(60_000, None), BLINK, "nothing at all"),
        ] {
            assert_eq!(lights(&Sight { lesson, ..NOTHING }).recording, shows, "{why}");
            let shut = lights(&Sight { lesson, is_shut: true, ..NOTHING });
            assert_eq!((shut.recording, shut.shutter), (Off, On), "behind the shutter: {why}");
        }
        assert_eq!(lights(&NOTHING), Lit::DARK);
    }

    #[test]
    fn the_live_light_shines_while_anybody_is_sent_to_and_blinks_while_a_lesson_waits_for_it() {
        for (live, in_a_lesson, else_) in [
            (&[][..], Off, Off),
            (&[Idle], Off, Off),
            (&[Connecting], BLINK, Off),
            (&[Waiting], BLINK, Off),
            (&[Stalled, Idle], BLINK, Off),
            (&[Stalled, Sending], On, On),
        ] {
            let shows = |lesson| lights(&Sight { lesson, live, ..NOTHING }).live;
            assert_eq!((shows(lesson(60_000, None)), shows(None)), (in_a_lesson, else_), "{live:?}");
        }
    }

    fn open(code: &str, severity: Severity) -> Fault {
        let (text, since) = (Text { en: String::new(), zh: String::new() }, jiff::Timestamp::UNIX_EPOCH);
        Fault {
            id: 1,
            code: code.to_owned(),
            severity,
            unit: String::new(),
            since,
            hint: text.clone(),
            text,
            count: 1,
            until: None,
            tried: Vec::new(),
            part: None,
        }
    }

    #[test]
    fn the_fault_light_blinks_when_all_is_lost_and_shines_for_what_the_room_can_mend() {
        use Severity::{Critical, Major, Minor, Warning};
        for (faults, shows) in [
            (vec![open("clock.unsynced", Warning), open("thermal.hot", Minor)], Off),
            (vec![open("lesson.missed", Major), open("live.refused", Major)], Off),
            (vec![open("mic.silent", Major)], On),
            (vec![open("mic.silent", Minor)], Off),
            (vec![open("mic.silent", Major), open("spool.full", Critical)], BLINK),
        ] {
            assert_eq!(lights(&Sight { faults: &faults, ..NOTHING }).fault, shows, "{faults:?}");
        }
    }
}
