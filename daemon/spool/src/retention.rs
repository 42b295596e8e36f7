//! What may go without anybody asking: by age, for room, and, where the
//! configuration says so, to make way.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::manifest::Deletion;
use lectern_api::{Bytes, LessonId, Name};

use crate::SpoolError;
use crate::decisions::{Gone, Tombstone, What};
use crate::facts::{Facts, Lesson};
use crate::keys::LessonNo;
use crate::room::RoomMade;
use crate::spool::Spool;

/// An archive that took something so short a time ago is receiving it still.
const RECEIVING: Duration = Duration::from_secs(60);

/// What may go, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    /// All of them must have a lesson before it may go. Without any, the spool
    /// is the archive, and nothing ever goes for room.
    pub archives: Vec<Name>,
    /// Lessons that ended more days ago than this go even when there is room.
    /// Leave it out while the clock cannot be trusted.
    pub keep_days: Option<u32>,
    /// When the disk is full and no lesson may go, the oldest one that not
    /// every archive has makes way all the same.
    pub discard_unarchived: bool,
}

/// A lesson that made way although no archive had all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discarded {
    /// Which.
    pub lesson: LessonId,
    /// When.
    pub at: Timestamp,
}

impl Retention {
    /// Whether nobody would miss it here.
    fn is_elsewhere(&self, lesson: &Lesson) -> bool {
        may_go(lesson)
            && !self.archives.is_empty()
            && self.archives.iter().all(|archive| lesson.facts.archived.contains(archive))
    }

    fn is_too_old(&self, lesson: &Lesson, now: Timestamp) -> bool {
        let Some(days) = self.keep_days else { return false };
        let ended = lesson.facts.info.until.unwrap_or(lesson.facts.info.since);
        may_go(lesson)
            && ended > CLOCKS_WERE_SET
            && now.duration_since(ended) > SignedDuration::from_hours(24 * i64::from(days))
            && self.archives.iter().all(|archive| lesson.facts.archived.contains(archive))
    }
}

fn may_go(lesson: &Lesson) -> bool {
    lesson.facts.closed && !lesson.facts.removed && lesson.hold.is_none()
}

/// A lesson dated before this software was written (2026-01-01) was recorded
/// under a clock that was wrong: nobody knows how old it is.
const CLOCKS_WERE_SET: Timestamp = Timestamp::constant(1_767_225_600, 0);

impl Spool {
    /// Lets go what is too old.
    pub(crate) fn retire(&self, retention: &Retention, made: &mut RoomMade) -> Result<(), SpoolError> {
        let Some(days) = retention.keep_days else { return Ok(()) };
        if retention.archives.is_empty() && self.unreadable_decisions().is_some() {
            return Ok(());
        }
        let (now, reason) = (self.clock.utc(), format!("older than {days} days"));
        while let Some(lesson) =
            self.let_oldest_go(Gone::ByAge, &reason, &[], |_, _, lesson| retention.is_too_old(lesson, now))?
        {
            self.unlink_doomed(made)?;
            tracing::info!("lesson {lesson} left this disk: {reason}");
            made.lessons.push(lesson);
        }
        Ok(())
    }

    /// Lets go the oldest lesson that every archive has.
    pub(crate) fn let_archived_go(&self, retention: &Retention) -> Result<Option<LessonId>, SpoolError> {
        let reason = "the disk was full, and every archive has it";
        self.let_oldest_go(Gone::ForRoom, reason, &[], |_, _, lesson| retention.is_elsewhere(lesson))
    }

    /// Gives up the oldest lesson that not every archive has, unless one is
    /// receiving it. Its gap is durable before a file is touched. Each archive
    /// is to be told.
    pub(crate) fn let_unarchived_go(&self, archives: &[Name]) -> Result<Option<LessonId>, SpoolError> {
        if self.unreadable_decisions().is_some() {
            return Ok(None);
        }
        let now = self.clock.monotonic();
        let reason = "the disk was full, and no archive had it";
        self.let_oldest_go(Gone::MadeWay, reason, archives, |facts, no, lesson| {
            let is_received =
                |(to, at): &(LessonNo, Duration)| *to == no && now.saturating_sub(*at) < RECEIVING;
            may_go(lesson)
                && !facts.receiving.values().any(is_received)
                && !self.carried.holds(&lesson.facts.info.id)
        })
    }

    fn let_oldest_go(
        &self,
        why: Gone,
        reason: &str,
        stores: &[Name],
        may_go: impl Fn(&Facts, LessonNo, &Lesson) -> bool,
    ) -> Result<Option<LessonId>, SpoolError> {
        let mut decisions = self.decisions();
        let (id, mut tombstone) = {
            let facts = self.facts();
            let candidates = facts.lessons.iter().filter(|(no, lesson)| may_go(&facts, **no, lesson));
            let Some((no, lesson)) = candidates.min_by_key(|(_, lesson)| lesson.facts.info.since) else {
                return Ok(None);
            };
            (lesson.facts.info.id.clone(), Tombstone::of(&facts, &self.index, *no, why)?)
        };
        tombstone.stores.extend(stores.iter().cloned());
        self.let_go(&mut decisions, &id, (Deletion::RETENTION, reason), tombstone)?;
        drop(decisions);
        // The facts first: a segment without facts is a leftover, facts
        // without their segment would be damage.
        self.commit()?;
        Ok(Some(id))
    }

    /// What lessons still take that may go as soon as their room is needed.
    #[must_use]
    pub fn reclaimable_bytes(&self, retention: &Retention) -> Bytes {
        let (facts, now) = (self.facts(), self.clock.utc());
        let goes = |lesson: &Lesson| retention.is_elsewhere(lesson) || retention.is_too_old(lesson, now);
        let segments = facts.segments.iter().filter(|(_, s)| facts.lessons.get(&s.lesson).is_some_and(goes));
        Bytes(segments.filter_map(|(epoch, _)| facts.allocated.get(epoch)).sum())
    }

    /// Lessons that made way and of which an archive's manifest is to say so: it
    /// is open still, or not there at all. In it until
    /// [`loss_told`](Self::loss_told), across restarts and the loss of the index.
    #[must_use]
    pub fn losses_untold(&self, archive: &Name) -> Vec<LessonId> {
        self.decisions().untold(archive).map(|(decision, _)| decision.lesson.clone()).collect()
    }

    /// Notes that an archive's manifest says what is lost of a lesson, durably.
    /// Repeating it changes nothing.
    ///
    /// # Errors
    /// [`SpoolError::Io`]; it is untold still then.
    pub fn loss_told(&self, archive: &Name, lesson: &LessonId) -> Result<(), SpoolError> {
        let mut decisions = self.decisions();
        let is_untold = decisions.untold(archive).any(|(decision, _)| decision.lesson == *lesson);
        if is_untold {
            let (at, by) = (self.clock.utc(), archive.as_str());
            let what = What::Told { archive: archive.clone() };
            self.with_ballast(|| decisions.record(at, by, lesson, "", what.clone()))?;
        }
        Ok(())
    }

    /// The lessons that made way although no archive had all of them, the
    /// oldest loss first; for ever, or until they are deleted on request.
    #[must_use]
    pub fn let_go_unarchived(&self) -> Vec<Discarded> {
        let decisions = self.decisions();
        let lost = decisions.gone.values().filter(|(_, tombstone)| tombstone.why == Gone::MadeWay);
        let mut lost: Vec<_> = lost
            .map(|(decision, _)| Discarded { lesson: decision.lesson.clone(), at: decision.at })
            .collect();
        lost.sort_by_key(|lost| lost.at);
        lost
    }
}
