//! What is doubtful about a new timetable, for the school and for this room.

use lectern_api::Text;
use lectern_api::messages::book as words;
use lectern_timetable::{Doubt, Timetable, compare};

/// In a room of fewer lessons a week a single one more or less is a third.
const FEW_A_WEEK: u32 = 8;

/// Why a person should look at `new` first.
pub(crate) fn doubts(old: &Timetable, new: &Timetable, room: Option<&str>) -> Vec<Text> {
    let mut doubts: Vec<Text> = compare(old, new, None).iter().map(Doubt::text).collect();
    let Some(room) = room else { return doubts };
    for doubt in compare(old, new, Some(room)) {
        match doubt {
            Doubt::Count { old, new: 0 } => doubts.push(words::doubt_room_gone(room, old)),
            Doubt::Count { old, new } if old >= FEW_A_WEEK => doubts.push(words::doubt_room(room, old, new)),
            // Of nights and Sundays the school's doubts tell.
            _ => {}
        }
    }
    doubts
}
