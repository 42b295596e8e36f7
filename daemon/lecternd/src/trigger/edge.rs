//! Whether a signal or sound begins a lesson or ends one: a pure function of
//! what was and what is noticed.

use std::time::Duration;

use lectern_api::LessonId;

/// What is noticed of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// It is there.
    There,
    /// Something is there that may be nothing: a picture of one colour is what
    /// a teacher shows to be listened to, and what a capture card shows when
    /// nothing is plugged in.
    Doubtful,
    /// It is not there.
    Away,
    /// Nobody may look.
    Hidden,
}

/// What is on the air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OnAir {
    Nothing,
    /// The lesson that this signal has begun.
    Own(LessonId),
    /// Anything else, or nothing may be.
    Other,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    Begin,
    End(LessonId),
}

/// How long is long enough.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// There for so long, it begins a lesson.
    pub(super) hold: Duration,
    /// A pause so short does not interrupt the hold.
    pub(super) pause: Duration,
    /// Away for so long, it has gone away once: it may begin another lesson.
    pub(super) away: Duration,
    /// Away for so long, the lesson is over.
    pub(super) over: Duration,
    /// Doubtful or away for so long, it has gone away once.
    pub(super) doubtful_away: Duration,
    /// Doubtful or away for so long, the lesson is over.
    pub(super) doubtful_over: Duration,
}

/// A signal and its past. Times are those of a clock that never goes back.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    patience: Patience,
    /// Since when it is there, but for short pauses.
    there_since: Option<Duration>,
    /// When it was there last, as far as that is known.
    there: Duration,
    /// When it was there or doubtful last.
    doubtful: Duration,
    /// It has begun a lesson, or had its chance.
    spent: bool,
}

impl Edge {
    /// A signal that nobody has looked at before `now`.
    pub(super) fn new(patience: Patience, spent: bool, now: Duration) -> Self {
        Self { patience, there_since: None, there: now, doubtful: now, spent }
    }

    /// Whether it must go away before it can begin a lesson.
    pub(super) fn is_spent(&self) -> bool {
        self.spent
    }

    /// Notices how the signal is now.
    pub(super) fn notice(&mut self, notice: Notice, on_air: &OnAir, now: Duration) -> Option<Wish> {
        let Patience { hold, pause, away, over, doubtful_away, doubtful_over } = self.patience;
        let stays = self.there_since.is_some() && now - self.there <= pause;
        self.there_since = match notice {
            Notice::There => self.there_since.filter(|_| stays).or(Some(now)),
            Notice::Doubtful | Notice::Away => self.there_since.filter(|_| stays),
            Notice::Hidden => None,
        };
        match notice {
            // What cannot be seen has not gone.
            Notice::There | Notice::Hidden => (self.there, self.doubtful) = (now, now),
            Notice::Doubtful => self.doubtful = now,
            Notice::Away => {}
        }
        let (gone, doubted) = (now - self.doubtful, now - self.there);
        if notice == Notice::Hidden {
            // It may have come up meanwhile: that was not for a lesson.
            self.spent = true;
        } else if gone >= away || doubted >= doubtful_away {
            self.spent = false;
        }
        match on_air {
            OnAir::Own(lesson) => {
                self.spent = true;
                (gone >= over || doubted >= doubtful_over).then(|| Wish::End(lesson.clone()))
            }
            OnAir::Other => {
                self.spent |= self.there_since.is_some();
                None
            }
            OnAir::Nothing => {
                let held =
                    notice == Notice::There && self.there_since.is_some_and(|since| now - since >= hold);
                let begins = held && !self.spent;
                self.spent |= begins;
                begins.then_some(Wish::Begin)
            }
        }
    }
}

#[cfg(test)]
mod tests;
