//! From the journal of the box to stretches of time: when it was off, when it
//! did not know the time, when somebody wanted nothing recorded.
//!
//! The journal's order is certain, its times are not: an entry that was never
//! dated only says that something lies between its neighbours.

use jiff::Timestamp;
use lectern_api::account::Cause;

use crate::evidence::Stretch;
use crate::span::Span;

/// Something that happened to the box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The recorder started.
    Started {
        /// The machine had run on.
        same_boot: bool,
        /// It had been told to end.
        clean: bool,
        /// When it is known to have been alive before, when that is known.
        last_alive: Option<Timestamp>,
    },
    /// The recorder was told to end.
    Stopped,
    /// From here on the time is known.
    ClockKnown,
    /// From here on it is not.
    ClockUnknown,
    /// The time stepped, from what it would have been to what it is.
    ClockJumped {
        /// What it would have been.
        from: Timestamp,
        /// What it is.
        to: Timestamp,
    },
    /// Something began that keeps lessons from being recorded. It goes on over
    /// restarts when a person wanted it, and ends with the recorder otherwise.
    Began {
        /// What.
        cause: Cause,
        /// When it ends by itself.
        until: Option<Timestamp>,
    },
    /// It ended.
    Ended {
        /// What.
        cause: Cause,
    },
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When; nothing when nobody ever knew.
    pub at: Option<Timestamp>,
    /// Whether the box knew the time then, or learned it later.
    pub knew: bool,
    /// What happened.
    pub what: Happening,
}

/// A stretch in which the recorder did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Off {
    /// From when it was last known to run, to when it ran again.
    pub span: Span,
    /// The machine ran on.
    pub same_boot: bool,
    /// It had been told to end.
    pub clean: bool,
    /// It ran in between, at times that nobody knows.
    pub ran_unknown: bool,
}

impl Off {
    /// What keeps a lesson from being recorded.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self { ran_unknown: true, .. } => Cause::OffOrClockUnknown,
            Self { same_boot: true, .. } => Cause::SoftwareDown,
            Self { clean: true, .. } => Cause::SwitchedOff,
            Self { .. } => Cause::PowerLost,
        }
    }

    /// Whether the box was off, and nobody had shut it down.
    #[must_use]
    pub fn is_power_cut(&self) -> bool {
        !self.same_boot && !self.clean
    }
}

/// What the journal says about the time until now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Since when anything is known.
    pub since: Option<Timestamp>,
    /// When the recorder did not run, by time.
    pub off: Vec<Off>,
    /// These and everything else that kept lessons from being recorded.
    pub stretches: Vec<Stretch>,
}

/// Reads a journal, the oldest entry first.
#[must_use]
pub fn history(journal: &[Entry], now: Timestamp) -> History {
    let mut reader = Reader::default();
    for entry in journal {
        reader.read(entry);
    }
    reader.finish(now)
}

/// Something that has begun and not ended.
#[derive(Debug)]
struct Open {
    cause: Cause,
    since: Timestamp,
    until: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Reader {
    history: History,
    /// The newest moment that the recorder is known to have run.
    ran: Option<Timestamp>,
    /// It ran, and has ended since.
    ended: bool,
    /// A start that has not been dated: how it ended before that.
    undated: Option<(bool, bool)>,
    open: Vec<Open>,
}

impl Reader {
    fn read(&mut self, entry: &Entry) {
        let Entry { at, knew, what } = entry;
        if let Happening::Started { same_boot, clean, last_alive } = what {
            self.started(*at, (*same_boot, *clean), *last_alive);
        }
        let Some(at) = *at else { return };
        self.history.since.get_or_insert(at);
        match what {
            Happening::Started { .. } if !knew => self.begin(Cause::ClockUnknown, at, None),
            Happening::Started { .. } => {}
            Happening::Stopped => {
                self.end_what_ends_with_the_recorder(at);
                self.ended = true;
            }
            Happening::ClockUnknown => self.begin(Cause::ClockUnknown, at, None),
            Happening::ClockKnown => {
                // A start of unknown time is dated with this at the latest.
                self.end(Cause::ClockUnknown, at);
            }
            Happening::ClockJumped { from, to } => {
                // What a clock that knew nothing would have said is no time.
                let from = self.ran.map_or(*to, |ran| ran.max(*from));
                self.add(from, *to, Cause::ClockUnknown);
            }
            Happening::Began { cause, until } => self.begin(*cause, at, *until),
            Happening::Ended { cause } => self.end(*cause, at),
        }
        // A clock that was set back takes nothing back.
        self.ran = self.ran.max(Some(at));
    }

    fn started(&mut self, at: Option<Timestamp>, how: (bool, bool), last_alive: Option<Timestamp>) {
        let alive = if self.ended { None } else { last_alive };
        let off_from = self.ran.max(alive);
        if let Some(off_from) = off_from {
            self.end_what_ends_with_the_recorder(off_from);
        }
        self.ran = off_from;
        self.ended = false;
        let (same_boot, clean) = match self.undated {
            // Of several ends the worst counts.
            Some((same_boot, clean)) => (same_boot && how.0, clean && how.1),
            None => how,
        };
        let Some(at) = at else {
            self.undated = Some((same_boot, clean));
            return;
        };
        let ran_unknown = self.undated.take().is_some();
        let Some(span) = off_from.and_then(|from| Span::new(from, at)) else { return };
        let off = Off { span, same_boot, clean, ran_unknown };
        self.add(span.from, span.until, off.cause());
        self.history.off.push(off);
    }

    fn begin(&mut self, cause: Cause, since: Timestamp, until: Option<Timestamp>) {
        self.end(cause, since);
        self.open.push(Open { cause, since, until });
    }

    fn end(&mut self, cause: Cause, at: Timestamp) {
        self.end_those(at, |open| open == cause);
    }

    fn end_what_ends_with_the_recorder(&mut self, at: Timestamp) {
        self.end_those(at, |cause| !cause.is_wanted());
    }

    fn end_those(&mut self, at: Timestamp, which: impl Fn(Cause) -> bool) {
        let (ended, open) = std::mem::take(&mut self.open).into_iter().partition(|open| which(open.cause));
        self.open = open;
        for Open { cause, since, until } in ended {
            self.add(since, until.map_or(at, |until| until.min(at)), cause);
        }
    }

    fn add(&mut self, from: Timestamp, until: Timestamp, cause: Cause) {
        self.history.stretches.extend(Span::new(from, until).map(|span| Stretch { span, cause }));
    }

    fn finish(mut self, now: Timestamp) -> History {
        if let (Some(_), Some(from)) = (self.undated, self.ran) {
            self.add(from, now, Cause::OffOrClockUnknown);
        }
        self.end_those(now, |_| true);
        self.history
    }
}

#[cfg(test)]
mod tests;
