//! Which room of the timetable this box stands in. Pure.

use lectern_timetable::Timetable;

/// The room that the configuration names, else the one that the place of the
/// device ends with (`张村小学 三年级二班`), else the only one.
pub(crate) fn room_of(timetable: &Timetable, configured: Option<&str>, place: &str) -> Option<String> {
    let rooms = timetable.rooms();
    if let Some(room) = configured {
        return rooms.contains(&room).then(|| room.to_owned());
    }
    let place = place.trim();
    let bare = place.strip_prefix(timetable.school.as_str()).unwrap_or(place).trim();
    let named = rooms.iter().find(|room| **room == place || **room == bare);
    // `301` is not the end of `1301`.
    let ends = |room: &&&str| place.strip_suffix(**room).is_some_and(|before| before.ends_with([' ', '　']));
    let named = named.or_else(|| rooms.iter().filter(ends).max_by_key(|room| room.len()));
    match (named, rooms.as_slice()) {
        (Some(room), _) | (None, [room]) => Some((*room).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn school(rooms: &[&str]) -> Timetable {
        let term = lectern_timetable::Term {
            name: String::new(),
            monday: jiff::civil::date(2026, 8, 31),
            end: jiff::civil::date(2027, 1, 22),
        };
        let mut timetable = Timetable::new(term);
        timetable.school = "张村小学".to_owned();
        timetable.lessons = rooms
            .iter()
            .map(|room| lectern_timetable::Lesson {
                weekday: 1,
                slot: lectern_timetable::Slot::period(1),
                weeks: lectern_timetable::Weeks::Every,
                class: None,
                subject: "语文".to_owned(),
                teacher: None,
                room: Some((*room).to_owned()),
            })
            .collect();
        timetable
    }

    #[test]
    fn the_room_is_the_configured_one_or_follows_from_the_place() {
        let rooms = school(&["三年级二班", "301", "1301"]);
        for (configured, place, room) in [
            (None, "张村小学 三年级二班", Some("三年级二班")),
            (None, "张村小学三年级二班", Some("三年级二班")),
            (None, "三年级二班", Some("三年级二班")),
            (None, "教学楼 1301", Some("1301")),
            (None, "教学楼 9301", None),
            (None, "", None),
            (Some("301"), "张村小学 三年级二班", Some("301")),
            (Some("302"), "张村小学 三年级二班", None),
        ] {
            assert_eq!(room_of(&rooms, configured, place).as_deref(), room, "{configured:?} {place}");
        }
        assert_eq!(room_of(&school(&["301"]), None, "anywhere").as_deref(), Some("301"));
    }
}
