//! Deleting on request (按申请删除): wish, decision, holds, and what the stores
//! still have to do.

use std::path::PathBuf;
use std::sync::{MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use lectern_api::manifest::{Deletion, LessonInfo};
use lectern_api::{LessonId, Name};

use crate::SpoolError;
use crate::decisions::{Decisions, Gone, Tombstone, What};
use crate::index::Changes;
use crate::room::RoomMade;
use crate::spool::Spool;
use crate::tombstone::bury;

/// A wish is carried out at the earliest so long after it was made: time for
/// whoever made it to think again, and for others to object.
pub(crate) const COOLING_OFF: SignedDuration = SignedDuration::from_hours(7 * 24);
const MAX_REASON_CHARS: usize = 200;

/// A lesson that an archive has to clean away.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingDeletion {
    /// Which, with its dates and without its title.
    pub lesson: LessonInfo,
    /// Who, when and why.
    pub deletion: Deletion,
    /// The last number of each track that it had; empty when it is not known any
    /// more.
    pub tracks: Vec<(Name, u64)>,
    /// How many runs it had; 0 when it is not known any more.
    pub runs: u32,
}

fn checked(text: &str) -> Result<&str, SpoolError> {
    let text = text.trim();
    let fits = (1..=MAX_REASON_CHARS).contains(&text.chars().count()) && !text.contains(char::is_control);
    let wrong = || {
        let text =
            format!("a reason of 1 to {MAX_REASON_CHARS} characters in one line is needed, not {text:?}");
        SpoolError::Invalid(text)
    };
    if fits { Ok(text) } else { Err(wrong()) }
}

impl Spool {
    pub(crate) fn decisions(&self) -> MutexGuard<'_, Decisions> {
        self.decisions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that somebody wants a lesson deleted, durably. A wish that is
    /// there already stays as it is: its seven days run on.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`], [`SpoolError::Deleted`],
    /// [`SpoolError::Held`], [`SpoolError::Invalid`] for an empty or long
    /// reason, or [`SpoolError::Io`].
    pub fn request_deletion(&self, lesson: &LessonId, by: &str, reason: &str) -> Result<(), SpoolError> {
        let mut decisions = self.decisions();
        let reason = checked(reason)?;
        self.check_undeleted(lesson)?;
        check_unheld(&decisions, lesson)?;
        if decisions.requests.contains_key(lesson) {
            return decisions.settle();
        }
        self.with_ballast(|| decisions.record(self.clock.utc(), by, lesson, reason, What::Requested))?;
        self.repeat_wishes_of(&decisions, lesson);
        Ok(())
    }

    /// Takes a wish back, or refuses it, durably.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`], [`SpoolError::NotRequested`] or
    /// [`SpoolError::Io`].
    pub fn keep(&self, lesson: &LessonId, by: &str) -> Result<(), SpoolError> {
        let mut decisions = self.decisions();
        self.facts().lesson(lesson)?;
        if !decisions.requests.contains_key(lesson) {
            return Err(SpoolError::NotRequested(lesson.clone()));
        }
        self.with_ballast(|| decisions.record(self.clock.utc(), by, lesson, "", What::Kept))?;
        self.repeat_wishes_of(&decisions, lesson);
        Ok(())
    }

    /// Keeps a lesson whatever anybody asks, by age and for room too, durably
    /// (封存). One that is held already stays held by whom it was.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`], [`SpoolError::Removed`] or
    /// [`SpoolError::Deleted`] when there is nothing left to hold,
    /// [`SpoolError::Invalid`] for an empty or long reason, or
    /// [`SpoolError::Io`].
    pub fn hold(&self, lesson: &LessonId, by: &str, reason: &str) -> Result<(), SpoolError> {
        let mut decisions = self.decisions();
        let reason = checked(reason)?;
        self.check_undeleted(lesson)?;
        if decisions.holds.contains_key(lesson) {
            // An end of the hold that failed must not come true at a restart.
            return decisions.settle();
        }
        self.with_ballast(|| decisions.record(self.clock.utc(), by, lesson, reason, What::Held))?;
        self.repeat_wishes_of(&decisions, lesson);
        Ok(())
    }

    /// Ends a [`hold`](Self::hold), durably.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`], [`SpoolError::NotHeld`] or
    /// [`SpoolError::Io`].
    pub fn end_hold(&self, lesson: &LessonId, by: &str) -> Result<(), SpoolError> {
        let mut decisions = self.decisions();
        self.facts().lesson(lesson)?;
        if !decisions.holds.contains_key(lesson) {
            return Err(SpoolError::NotHeld(lesson.clone()));
        }
        self.with_ballast(|| decisions.record(self.clock.utc(), by, lesson, "", What::Released))?;
        self.repeat_wishes_of(&decisions, lesson);
        Ok(())
    }

    /// Deletes a lesson for good: its bytes here at once, in the archives by
    /// [`deletions_pending`](Self::deletions_pending). `archives` are all that
    /// may be receiving it, also when they have nothing of it yet. `now`: also
    /// when it was wished for less than seven days ago.
    ///
    /// Decided and durable when it returns without an error; what of the
    /// removal a full or broken disk holds up is finished by
    /// [`make_room`](Self::make_room) or the next opening.
    ///
    /// # Errors
    /// [`SpoolError::UnknownLesson`], [`SpoolError::LessonOpen`],
    /// [`SpoolError::Deleted`], [`SpoolError::DecisionsUnreadable`],
    /// [`SpoolError::Held`], [`SpoolError::TooEarly`], [`SpoolError::Invalid`]
    /// for an empty or long reason, or [`SpoolError::Io`]: nothing was deleted
    /// then.
    pub fn delete(
        &self,
        lesson: &LessonId,
        by: &str,
        reason: &str,
        now: bool,
        archives: &[Name],
    ) -> Result<(), SpoolError> {
        let mut decisions = self.decisions();
        let reason = checked(reason)?;
        self.check_undeleted(lesson)?;
        decisions.check_known()?;
        check_unheld(&decisions, lesson)?;
        let at = self.clock.utc();
        let from = decisions.requests.get(lesson).map(|request| earliest(request.at));
        if let Some(from) = from.filter(|from| at < *from && !now) {
            return Err(SpoolError::TooEarly { lesson: lesson.clone(), from });
        }
        drop(self.writers()?);
        let mut tombstone = {
            let facts = self.facts();
            let (no, found) = facts.lesson(lesson)?;
            if !found.facts.closed {
                return Err(SpoolError::LessonOpen(lesson.clone()));
            }
            Tombstone::of(&facts, &self.index, no, Gone::OnRequest)?
        };
        tombstone.stores.extend(archives.iter().cloned());
        self.let_go(&mut decisions, lesson, (by, reason), tombstone)?;
        drop(decisions);
        if let Err(error) = self.unlink_doomed(&mut RoomMade::default()) {
            tracing::error!("{error}; lesson {lesson} is deleted, its files go later");
        }
        tracing::info!("lesson {lesson} was deleted by {by}");
        Ok(())
    }

    /// The file in which decisions lie that cannot be read, when there is one:
    /// nobody knows which lessons are held then, so none is deleted on request,
    /// and by itself only goes what every archive has.
    #[must_use]
    pub fn unreadable_decisions(&self) -> Option<PathBuf> {
        self.decisions().unreadable.clone()
    }

    /// Records that a lesson goes, durably, and takes it out of the facts.
    pub(crate) fn let_go(
        &self,
        decisions: &mut Decisions,
        lesson: &LessonId,
        (by, reason): (&str, &str),
        tombstone: Tombstone,
    ) -> Result<(), SpoolError> {
        let at = self.clock.utc();
        let decision =
            self.with_ballast(|| decisions.record(at, by, lesson, reason, What::Gone(tombstone.clone())))?;
        let mut changes = Changes::default();
        let mut facts = self.facts();
        bury(&mut facts, &self.index, &decision, &tombstone, &mut changes)?;
        self.stage(changes, 0);
        drop(facts);
        self.repeat_wishes_of(decisions, lesson);
        Ok(())
    }

    /// Writes deletions down once more whose line cannot be read: the index knows
    /// that they were decided, and the archives that had all of the lesson may
    /// owe them still.
    pub(crate) fn repeat_deletions(&self) -> Result<(), SpoolError> {
        let mut decisions = self.decisions();
        if decisions.unreadable.is_none() {
            return Ok(());
        }
        let mut forgotten = Vec::new();
        {
            let facts = self.facts();
            for (no, lesson) in &facts.lessons {
                let on_request = lesson.facts.deletion.clone().filter(|deletion| !deletion.is_by_retention());
                if let Some(deletion) =
                    on_request.filter(|_| !decisions.gone.contains_key(&lesson.facts.info.id))
                {
                    let tombstone = Tombstone::of(&facts, &self.index, *no, Gone::OnRequest)?;
                    forgotten.push((lesson.facts.info.id.clone(), deletion, tombstone));
                }
            }
        }
        for (lesson, Deletion { at, by, reason }, tombstone) in forgotten {
            decisions.record(at, &by, &lesson, &reason, What::Gone(tombstone))?;
        }
        Ok(())
    }

    /// What an archive has to clean away: lessons that were deleted on request
    /// and that it has, or may have, something of. The oldest deletion first;
    /// in it until [`deletion_done`](Self::deletion_done), across restarts and
    /// the loss of the index.
    #[must_use]
    pub fn deletions_pending(&self, archive: &Name) -> Vec<PendingDeletion> {
        let decisions = self.decisions();
        let mut uncleaned: Vec<_> = decisions.uncleaned(archive).collect();
        uncleaned.sort_by_key(|(decision, _)| decision.number);
        let pending = uncleaned.into_iter().filter_map(|(decision, tombstone)| {
            let lesson = tombstone.info(&decision.lesson);
            let (deletion, tracks) = (decision.deletion(tombstone)?, tombstone.numbers.clone());
            Some(PendingDeletion { lesson, deletion, tracks, runs: tombstone.runs })
        });
        pending.collect()
    }

    /// Notes that an archive has nothing of a deleted lesson any more, durably.
    /// Repeating it changes nothing.
    ///
    /// # Errors
    /// [`SpoolError::Io`]; it is pending still then.
    pub fn deletion_done(&self, archive: &Name, lesson: &LessonId) -> Result<(), SpoolError> {
        let mut decisions = self.decisions();
        let is_pending = decisions.uncleaned(archive).any(|(decision, _)| decision.lesson == *lesson);
        if is_pending {
            let what = What::Cleaned { archive: archive.clone() };
            self.with_ballast(|| {
                decisions.record(self.clock.utc(), archive.as_str(), lesson, "", what.clone())
            })?;
        }
        Ok(())
    }

    fn check_undeleted(&self, lesson: &LessonId) -> Result<(), SpoolError> {
        let facts = self.facts();
        let (_, found) = facts.lesson(lesson)?;
        let decisions_by_people = |deletion: &&Deletion| !deletion.is_by_retention();
        match found.facts.deletion.as_ref().filter(decisions_by_people) {
            Some(_) => Err(SpoolError::Deleted(lesson.clone())),
            None => Ok(()),
        }
    }

    pub(crate) fn repeat_wishes_of(&self, decisions: &Decisions, lesson: &LessonId) {
        if let Ok((_, found)) = self.facts().lesson_mut(lesson) {
            found.request = decisions.requests.get(lesson).cloned();
            found.hold = decisions.holds.get(lesson).cloned();
        }
    }
}

fn check_unheld(decisions: &Decisions, lesson: &LessonId) -> Result<(), SpoolError> {
    match decisions.holds.get(lesson) {
        Some(hold) => Err(SpoolError::Held { lesson: lesson.clone(), hold: Box::new(hold.clone()) }),
        None => Ok(()),
    }
}

fn earliest(requested: Timestamp) -> Timestamp {
    requested.checked_add(COOLING_OFF).unwrap_or(requested)
}
