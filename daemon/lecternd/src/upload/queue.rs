//! Which lesson goes by which lane. Pure.

use lectern_api::LessonId;

/// A lesson that is still on this disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) id: LessonId,
    pub(super) since: jiff::Timestamp,
    /// The store has all of it.
    pub(super) archived: bool,
}

/// The newest lesson, unless the store has it: somebody may be watching it.
pub(super) fn fresh(lessons: &[Waiting]) -> Option<&LessonId> {
    let newest = newest(lessons)?;
    (!newest.archived).then_some(&newest.id)
}

fn newest(lessons: &[Waiting]) -> Option<&Waiting> {
    lessons.iter().max_by_key(|lesson| lesson.since)
}

/// All others that the store lacks, the oldest first: room on the disk is made
/// in that order too.
pub(super) fn backlog(lessons: &[Waiting]) -> Vec<LessonId> {
    let newest = newest(lessons).map(|lesson| &lesson.id);
    let mut rest: Vec<&Waiting> =
        lessons.iter().filter(|lesson| Some(&lesson.id) != newest && !lesson.archived).collect();
    rest.sort_by_key(|lesson| lesson.since);
    rest.into_iter().map(|lesson| lesson.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(number: i64, archived: bool) -> Waiting {
        let id = LessonId::new(format!("lesson-{number}")).unwrap();
        Waiting { id, since: jiff::Timestamp::from_second(number).unwrap(), archived }
    }

    #[test]
    fn the_newest_is_fresh_and_the_others_wait_by_age() {
        let lessons = [lesson(3, false), lesson(1, false), lesson(4, false), lesson(2, true)];
        assert_eq!(fresh(&lessons).unwrap().as_str(), "lesson-4");
        let rest: Vec<_> = backlog(&lessons).into_iter().map(|id| id.to_string()).collect();
        assert_eq!(rest, ["lesson-1", "lesson-3"]);
    }

    #[test]
    fn a_newest_lesson_that_is_archived_leaves_the_lane_free() {
        let lessons = [lesson(1, false), lesson(2, true)];
        assert_eq!(fresh(&lessons), None);
        assert_eq!(backlog(&lessons), [lesson(1, false).id]);
        assert_eq!(fresh(&[]), None);
    }
}
