//! The truth: when there was power, when the box knew the time, what people
//! did, what of a recording was lost.

use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};
use lectern_account::{Due, Entry, Happening, Span, Spans};
use lectern_api::account::{Cause, PlannedLesson};
use lectern_timetable::RoomPlan;

use crate::school::{at, lessons_of, term, versions};

/// A start of the box.
#[derive(Debug, Clone)]
pub(crate) struct Boot {
    pub(crate) up: Span,
    /// When the box knew the time; never, when that is nothing.
    pub(crate) knows_from: Option<Timestamp>,
    /// It was shut down in order at the end.
    pub(crate) ends_clean: bool,
    /// Only the recorder was started again, not the machine.
    pub(crate) same_boot: bool,
}

/// A stretch in which something kept lessons from being recorded, and how the
/// box comes to know.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    pub(crate) span: Span,
    pub(crate) cause: Cause,
    /// The journal tells, or a gap in the recording.
    pub(crate) in_journal: bool,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) versions: Vec<(Timestamp, RoomPlan)>,
    pub(crate) boots: Vec<Boot>,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) lessons: Vec<Due>,
}

/// What really became of a lesson.
#[derive(Debug)]
pub(crate) struct Truth {
    pub(crate) lesson: PlannedLesson,
    /// When it was recorded; nothing when nobody was owed it.
    pub(crate) owed: Option<Spans>,
    boots: Vec<Boot>,
    troubles: Vec<Trouble>,
}

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

impl World {
    pub(crate) fn new(random: &mut fastrand::Rng) -> Self {
        let versions = versions(random);
        let lessons = lessons_of(&versions);
        let boots = boots(random);
        let mut troubles = troubles(random);
        // Somebody closes the shutter of a box that is there.
        troubles.retain(|trouble| !trouble.in_journal || is_on(&boots, trouble.span.from));
        Self { versions, boots, troubles, lessons }
    }

    /// Moments at which the box has a look: every now and then while it is on
    /// and knows the time, and the last one after the term.
    pub(crate) fn looks(&self) -> Vec<Timestamp> {
        let mut looks = Vec::new();
        for boot in &self.boots {
            let Some(mut now) = boot.knows_from else { continue };
            while now < boot.up.until {
                looks.push(now);
                now += minutes(40);
            }
        }
        looks
    }

    pub(crate) fn plan_at(&self, now: Timestamp) -> &RoomPlan {
        let (_, plan) = self.versions.iter().rfind(|(from, _)| *from <= now).unwrap_or(&self.versions[0]);
        plan
    }

    /// When lessons could be recorded.
    pub(crate) fn able(&self) -> Spans {
        let up = self.boots.iter().filter_map(|boot| Span::new(boot.knows_from?, boot.up.until));
        let trouble: Spans = self.troubles.iter().map(|trouble| trouble.span).collect();
        up.collect::<Spans>().minus(&trouble)
    }

    /// The journal, with what the recorder knew at each moment, until one.
    pub(crate) fn journal(&self, now: Timestamp) -> Vec<Entry> {
        let mut entries: Vec<(Timestamp, Entry)> = Vec::new();
        let mut former: Option<&Boot> = None;
        for boot in self.boots.iter().filter(|boot| boot.up.from <= now) {
            // Written every five minutes, in order at an end.
            let last_alive = former.and_then(|former| {
                let known = former.knows_from?;
                let whole = former.up.until.duration_since(known).as_mins() / 5 * 5;
                Some(if former.ends_clean { former.up.until } else { known + minutes(whole) })
            });
            let started = Happening::Started {
                same_boot: boot.same_boot,
                clean: former.is_none_or(|former| former.ends_clean),
                last_alive,
            };
            let dated = boot.knows_from.filter(|from| *from <= now).map(|_| boot.up.from);
            let knew = boot.knows_from == Some(boot.up.from);
            entries.push((boot.up.from, Entry { at: dated, knew, what: started }));
            if let Some(from) = boot.knows_from.filter(|from| *from > boot.up.from && *from <= now) {
                entries.push((from, Entry { at: Some(from), knew: true, what: Happening::ClockKnown }));
            }
            if boot.ends_clean && boot.up.until <= now {
                let stopped = Entry {
                    at: dated.map(|_| boot.up.until),
                    knew: dated.is_some(),
                    what: Happening::Stopped,
                };
                entries.push((boot.up.until, stopped));
            }
            former = Some(boot);
        }
        for trouble in self.troubles.iter().filter(|trouble| trouble.in_journal) {
            let Trouble { span, cause, .. } = trouble;
            let began = Happening::Began { cause: *cause, until: Some(span.until) };
            if span.from <= now {
                entries.push((span.from, Entry { at: Some(span.from), knew: true, what: began }));
                if is_on(&self.boots, span.until) && span.until <= now {
                    let ended = Happening::Ended { cause: *cause };
                    entries.push((span.until, Entry { at: Some(span.until), knew: true, what: ended }));
                }
            }
        }
        entries.sort_by_key(|(at, _)| *at);
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    pub(crate) fn truths(&self) -> Vec<Truth> {
        let able = self.able();
        let truth = |due: &Due| {
            let whole = Span { from: due.lesson.begin, until: due.lesson.end };
            let suspended: Spans =
                self.troubles.iter().filter(|t| t.cause == Cause::Suspended).map(|t| t.span).collect();
            let wanted = due.not_owed.is_none() && !Spans::from(whole).minus(&suspended).is_empty();
            Truth {
                lesson: due.lesson.clone(),
                owed: wanted.then(|| able.within(&whole)),
                boots: self.boots.clone(),
                troubles: self.troubles.clone(),
            }
        };
        self.lessons.iter().map(truth).collect()
    }
}

/// Whether the box is on and knows the time.
fn is_on(boots: &[Boot], at: Timestamp) -> bool {
    boots.iter().any(|boot| boot.knows_from.is_some_and(|from| from <= at) && at < boot.up.until)
}

impl Truth {
    /// Everything that kept the box from recording at a moment.
    pub(crate) fn why(&self, at: Timestamp) -> Vec<Cause> {
        let holds = |span: &Span| span.from <= at && at < span.until;
        let mut causes: Vec<Cause> =
            self.troubles.iter().filter(|t| holds(&t.span)).map(|trouble| trouble.cause).collect();
        match self.boots.iter().position(|boot| boot.up.from <= at && at < boot.up.until) {
            Some(number) => {
                let Boot { up, knows_from, ends_clean, .. } = &self.boots[number];
                match knows_from {
                    // A start whose time nobody ever learns is one with the absence around it.
                    None => causes.extend([Cause::ClockUnknown, Cause::OffOrClockUnknown]),
                    Some(from) if at < *from => causes.push(Cause::ClockUnknown),
                    Some(_) => {}
                }
                // When the power went the box knows to five minutes.
                if !ends_clean && up.until.duration_since(at) < minutes(6) {
                    causes.extend(self.off_behind(number));
                }
            }
            None => {
                let before = self.boots.iter().rposition(|boot| boot.up.until <= at).unwrap();
                causes.extend(self.off_behind(before));
                if self.boots[before].knows_from.is_none() {
                    causes.push(Cause::OffOrClockUnknown);
                }
            }
        }
        causes
    }

    /// What the absence behind a start may be called.
    fn off_behind(&self, boot: usize) -> Vec<Cause> {
        let after = self.boots.get(boot + 1);
        let mut causes =
            vec![match (self.boots[boot].ends_clean, after.is_some_and(|boot| boot.same_boot)) {
                (_, true) => Cause::SoftwareDown,
                (true, _) => Cause::SwitchedOff,
                (false, _) => Cause::PowerLost,
            }];
        if after.is_some_and(|boot| boot.knows_from.is_none()) {
            causes.push(Cause::OffOrClockUnknown);
        }
        causes
    }
}

/// On from the first morning until after the term, with cuts and restarts, and
/// now and then without the time.
fn boots(random: &mut fastrand::Rng) -> Vec<Boot> {
    let end = term().until + minutes(24 * 60);
    let mut boots = Vec::new();
    let mut from = at(0, time(6, 0, 0, 0));
    let mut same_boot = false;
    while from < end {
        let up = minutes(match random.u8(..10) {
            0..3 => random.i64(2..90),
            3..8 => random.i64(300..2_500),
            _ => random.i64(2_000..12_000),
        });
        let until = (from + up).min(end);
        let is_last = until == end;
        let long = up.as_mins();
        let knows_from = match random.u8(..12) {
            0 if !boots.is_empty() && !is_last => None,
            1 | 2 if long > 3 => Some(from + SignedDuration::from_secs(random.i64(1..60 * long.min(70)))),
            _ => Some(from),
        };
        boots.push(Boot {
            up: Span { from, until },
            knows_from: knows_from.filter(|from| *from < until),
            ends_clean: random.u8(..3) == 0,
            same_boot,
        });
        same_boot = random.u8(..5) == 0;
        let off = match random.u8(..10) {
            _ if same_boot => random.i64(5..200),
            0..5 => random.i64(60..5_000),
            5..9 => random.i64(5_000..60_000),
            _ => random.i64(100_000..500_000),
        };
        from = until + SignedDuration::from_secs(off);
    }
    // The last look is one of a box that knows everything.
    let last = boots.last_mut().unwrap();
    if last.up.until < end {
        last.up.until = end;
    }
    last.knows_from.get_or_insert(last.up.from);
    boots
}

/// One after the other: shutters, suspensions, lessons stopped by hand, full
/// disks, failures of the record.
fn troubles(random: &mut fastrand::Rng) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let mut from = at(0, time(7, 0, 0, 0));
    loop {
        from += SignedDuration::from_secs(random.i64(600..200_000));
        let (cause, in_journal) = match random.u8(..5) {
            0 => (Cause::Shutter, true),
            1 => (Cause::Suspended, true),
            2 => (Cause::StoppedByHand, true),
            3 => (Cause::PipelineDown, false),
            _ => (Cause::DiskRefused, false),
        };
        let span = Span { from, until: from + SignedDuration::from_secs(random.i64(2..9_000)) };
        if span.until >= term().until {
            return troubles;
        }
        troubles.push(Trouble { span, cause, in_journal });
        from = span.until;
    }
}
