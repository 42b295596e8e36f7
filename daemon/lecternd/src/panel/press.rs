//! What a press means: pure. What it asks for goes the same way as what is asked
//! at the command line, and may be refused there.

use std::time::Duration;

use lectern_api::command::Command;
use lectern_api::manifest::{LessonInfo, Trigger};
use lectern_hal::button::Press;

/// Which button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Button {
    /// Begins and ends lessons.
    Lesson,
    /// Closes and opens the shutter.
    Shutter,
}

/// What counts of the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) lesson: Option<Running>,
    pub(super) is_shut: bool,
}

/// The running lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Running {
    /// Only because a person wanted it.
    pub(super) is_a_persons: bool,
    pub(super) on_air: Duration,
}

/// Why a press asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Nothing {
    /// What began by itself is not ended by accident.
    #[error("the lesson began without a person, by the timetable or by itself: hold the button to end it")]
    HoldIt,
    /// Who presses twice wants it once.
    #[error("the lesson has only just begun: hold the button to end it")]
    JustBegun,
}

/// A lesson's light takes up to three seconds to shine; who is in doubt presses
/// once more.
const DOUBT: Duration = Duration::from_secs(5);

/// Whether a lesson runs only because a person wanted it: one that the timetable
/// has, begun early by a person, is the timetable's.
pub(super) fn is_a_persons(info: &LessonInfo) -> bool {
    info.planned.is_none() && !info.trigger.is_automatic() && info.trigger != Trigger::Timetable
}

/// What a press asks for.
pub(super) fn wish(button: Button, press: Press, room: Room) -> Result<Command, Nothing> {
    match (button, press) {
        (Button::Lesson, Press::Short) => match room.lesson {
            None => Ok(Command::Start { title: None, minutes: None }),
            Some(Running { is_a_persons: false, .. }) => Err(Nothing::HoldIt),
            Some(running) if running.on_air < DOUBT => Err(Nothing::JustBegun),
            Some(_) => Ok(Command::Stop),
        },
        (Button::Lesson, Press::Long) => Ok(Command::Stop),
        (Button::Shutter, Press::Short) => Ok(Command::Shutter { closed: !room.is_shut, today: false }),
        (Button::Shutter, Press::Long) => Ok(Command::Shutter { closed: true, today: true }),
    }
}

#[cfg(test)]
mod tests {
    use Press::{Long, Short};
    use lectern_api::manifest::Planned;

    use super::*;

    #[test]
    fn a_press_begins_and_ends_what_a_person_wanted_and_a_long_one_ends_anything() {
        let start = Ok(Command::Start { title: None, minutes: None });
        let room = |is_a_persons, seconds| Room {
            lesson: Some(Running { is_a_persons, on_air: Duration::from_secs(seconds) }),
            is_shut: false,
        };
        let nobody = Room { lesson: None, is_shut: false };
        for (press, room, wanted) in [
            (Short, nobody, start),
            // Whether there is a lesson to end is told where lessons are.
            (Long, nobody, Ok(Command::Stop)),
            (Short, room(true, 60), Ok(Command::Stop)),
            (Short, room(true, 4), Err(Nothing::JustBegun)),
            (Long, room(true, 4), Ok(Command::Stop)),
            (Short, room(false, 60), Err(Nothing::HoldIt)),
            (Short, room(false, 1), Err(Nothing::HoldIt)),
            (Long, room(false, 60), Ok(Command::Stop)),
        ] {
            assert_eq!(wish(Button::Lesson, press, room), wanted, "{press:?} {room:?}");
        }
    }

    #[test]
    fn the_shutter_goes_to_and_fro_and_a_long_press_means_today() {
        for (press, is_shut, closed, today) in [
            (Short, false, true, false),
            (Short, true, false, false),
            (Long, false, true, true),
            (Long, true, true, true),
        ] {
            let wanted = wish(Button::Shutter, press, Room { lesson: None, is_shut });
            assert_eq!(wanted, Ok(Command::Shutter { closed, today }), "{press:?} {is_shut}");
        }
    }

    #[test]
    fn a_planned_lesson_is_the_timetables_whoever_began_it() {
        use crate::capture::schedule::tests::info;
        let at = jiff::Timestamp::UNIX_EPOCH;
        let (slot, subject) = ("3".to_owned(), "语文".to_owned());
        let planned = Planned { begin: at, end: at, slot, subject, class: None, teacher: None };
        for (trigger, by_plan, persons) in [
            (Trigger::Button, false, true),
            (Trigger::Hand, false, true),
            (Trigger::Remote, false, true),
            (Trigger::Launch, false, true),
            (Trigger::Button, true, false),
            (Trigger::Timetable, true, false),
            (Trigger::Signal, false, false),
            (Trigger::Sound, false, false),
        ] {
            let planned = by_plan.then(|| planned.clone());
            let info = LessonInfo { trigger, planned, ..info("a") };
            assert_eq!(is_a_persons(&info), persons, "{trigger:?} {by_plan}");
        }
    }
}
