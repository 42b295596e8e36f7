//! One day: whose weekday it is, and what becomes of each lesson.

use std::collections::HashMap;

use jiff::civil::{Date, Time};
use lectern_api::LessonId;
use sha2::{Digest as _, Sha256};

use super::reason::{Reason, Whereabouts};
use super::{Change, Plan};
use crate::hours::{Hours, Slot};
use crate::model::{Follows, Lesson, weekday_of};
use crate::overrides::{Cancel, Move, Pick, Substitute, Swap};

/// Whose lessons a date has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayKind {
    /// Those of a weekday in a week of the term.
    School {
        /// 1 for Monday … 7 for Sunday.
        weekday: u8,
        /// From 1.
        week: u8,
        /// The holiday that the day makes up for.
        makes_up_for: Option<String>,
    },
    /// None: the term has not begun.
    BeforeTerm,
    /// None: the term is over.
    AfterTerm,
    /// None: a holiday, by its name.
    Holiday(String),
    /// None: a make-up day without lessons, by its holiday's name.
    NotTaught(String),
    /// None, because nobody has said whose; by its holiday's name.
    Ambiguous(String),
}

/// One lesson at one place and time of a date, planned unless there is a
/// reason against it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) date: Date,
    pub(super) slot: Slot,
    pub(super) hours: Option<Hours>,
    pub(super) class: Option<String>,
    pub(super) grade: Option<u8>,
    pub(super) subject: String,
    pub(super) teacher: Option<String>,
    pub(super) instead_of: Option<String>,
    pub(super) room: Option<String>,
    pub(super) change: Option<Change>,
    pub(super) reason: Option<Reason>,
    /// Where the ordinary week has it.
    origin: (Date, Slot, Option<String>),
}

impl Entry {
    /// `20260907-p03-1f0c9a2b`: where the ordinary week has the lesson. An
    /// extra one has an `x`: it may take the place of another.
    pub(super) fn id(&self) -> Option<LessonId> {
        let (date, slot, place) = &self.origin;
        let place = place.as_ref().or(self.class.as_ref()).map_or("", String::as_str);
        let key: String = Sha256::digest(place).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let extra = if self.change == Some(Change::Extra) { "x" } else { "" };
        LessonId::new(format!("{}-{}{extra}-{key}", date.strftime("%Y%m%d"), slot.key())).ok()
    }
}

/// What the dated changes of one date say of its ordinary lessons.
struct Changes<'a> {
    cancels: Vec<&'a Cancel>,
    moves: Vec<&'a Move>,
    swaps: Vec<(&'a Swap, &'a Pick, &'a Pick)>,
    substitutes: Vec<&'a Substitute>,
}

/// What becomes of an ordinary lesson.
enum Fate<'a> {
    Held,
    Cancelled(&'a Cancel),
    Moved(&'a Move),
    /// And where the other one is.
    Swapped(&'a Swap, &'a Pick),
}

impl Plan {
    /// Whose lessons a date has.
    #[must_use]
    pub fn day(&self, date: Date) -> DayKind {
        let timetable = &*self.timetable;
        if date < timetable.term.monday {
            return DayKind::BeforeTerm;
        }
        let Some(week) = timetable.term.week_of(date) else { return DayKind::AfterTerm };
        if let Some(holiday) = timetable.holidays.iter().find(|h| h.from <= date && date <= h.to) {
            return DayKind::Holiday(holiday.name.clone());
        }
        let Some(makeup) = timetable.makeups.iter().find(|makeup| makeup.date == date) else {
            return DayKind::School { weekday: weekday_of(date), week, makes_up_for: None };
        };
        let name = makeup.name.clone();
        match makeup.follows {
            None => DayKind::Ambiguous(name),
            Some(Follows::Nothing) => DayKind::NotTaught(name),
            Some(Follows::Weekday(weekday)) => DayKind::School { weekday, week, makes_up_for: Some(name) },
            Some(Follows::Date(other)) => DayKind::School {
                weekday: weekday_of(other),
                week: timetable.term.week_of(other).unwrap_or(week),
                makes_up_for: Some(name),
            },
        }
    }

    /// The lessons that the ordinary week has on a date.
    pub(crate) fn ordinary(&self, date: Date) -> impl Iterator<Item = &Lesson> {
        self.ordinary_in(date, None)
    }

    fn ordinary_in(&self, date: Date, room: Option<&str>) -> impl Iterator<Item = &Lesson> {
        let (weekday, week) = self.weekday_and_week(date);
        self.on(weekday, room).filter(move |lesson| lesson.weeks.contains(week))
    }

    /// The lessons of the weekday in a room that only other weeks have, and the
    /// week that the date is in.
    pub(super) fn in_other_weeks(&self, date: Date, room: &str) -> impl Iterator<Item = (&Lesson, u8)> {
        let (weekday, week) = self.weekday_and_week(date);
        let others = self.on(weekday, Some(room)).filter(move |lesson| !lesson.weeks.contains(week));
        others.map(move |lesson| (lesson, week))
    }

    /// Those whose lessons a date has; weekday 0 has none.
    fn weekday_and_week(&self, date: Date) -> (u8, u8) {
        match self.day(date) {
            DayKind::School { weekday, week, .. } => (weekday, week),
            _ => (0, 0),
        }
    }

    /// Everything that has to do with a date, and a room where one is given.
    pub(super) fn entries(&self, date: Date, room: Option<&str>) -> Vec<Entry> {
        let changes = self.changes(date);
        let here = |entry: &Entry| room.is_none_or(|room| entry.room.as_deref() == Some(room));
        let mut entries: Vec<Entry> = Vec::new();
        for lesson in self.ordinary_in(date, room) {
            let mut entry = self.as_written(date, lesson, &changes);
            entry.reason = match changes.fate(self, lesson) {
                Fate::Held => None,
                Fate::Cancelled(cancel) => Some(Reason::Cancelled(cancel.reason.clone())),
                Fate::Moved(moved) => {
                    let to = self.moved_to(moved, lesson);
                    Some(Reason::Moved { to, reason: moved.reason.clone() })
                }
                Fate::Swapped(swap, other) => {
                    let to = self.swapped_to(other, lesson);
                    Some(Reason::Swapped { to, reason: swap.reason.clone() })
                }
            };
            entries.push(entry);
        }
        entries.extend(self.arrivals(date).into_iter().filter(here));
        entries.extend(self.extras(date).filter(here));
        for entry in &mut entries {
            entry.hours = self.timetable.hours(date, entry.grade, entry.slot);
            if entry.reason.is_none() && entry.hours.is_none() {
                entry.reason = Some(Reason::NoBell(entry.slot));
            }
            if entry.reason.is_none() {
                entry.reason = self.suspension(entry);
            }
        }
        displace(&mut entries);
        entries
    }

    fn changes(&self, date: Date) -> Changes<'_> {
        let all = &self.timetable.overrides;
        let one = all.swaps.iter().map(|swap| (swap, &swap.pick, &swap.with));
        let other = all.swaps.iter().map(|swap| (swap, &swap.with, &swap.pick));
        Changes {
            cancels: all.cancels.iter().filter(|c| c.pick.date == date).collect(),
            moves: all.moves.iter().filter(|m| m.pick.date == date).collect(),
            swaps: one.chain(other).filter(|(_, pick, _)| pick.date == date).collect(),
            substitutes: all.substitutes.iter().filter(|s| s.pick.date == date).collect(),
        }
    }

    /// What comes to a date from elsewhere, or from another time or room of it.
    fn arrivals(&self, date: Date) -> Vec<Entry> {
        let all = &self.timetable.overrides;
        let mut out = Vec::new();
        for moved in all.moves.iter().filter(|m| m.to_date.unwrap_or(m.pick.date) == date) {
            let from = moved.pick.date;
            let changes = self.changes(from);
            for lesson in self.ordinary(from).filter(|l| moved.pick.takes(l, &self.timetable)) {
                if matches!(changes.fate(self, lesson), Fate::Moved(its) if std::ptr::eq(its, moved)) {
                    let to = self.moved_to(moved, lesson);
                    out.push(self.arrived(from, lesson, &changes, to, Change::Moved));
                }
            }
        }
        let one = all.swaps.iter().map(|swap| (swap, &swap.pick, &swap.with));
        let other = all.swaps.iter().map(|swap| (swap, &swap.with, &swap.pick));
        for (swap, pick, with) in one.chain(other).filter(|(_, _, with)| with.date == date) {
            let changes = self.changes(pick.date);
            for lesson in self.ordinary(pick.date).filter(|l| pick.takes(l, &self.timetable)) {
                if matches!(changes.fate(self, lesson), Fate::Swapped(its, _) if std::ptr::eq(its, swap)) {
                    let to = self.swapped_to(with, lesson);
                    out.push(self.arrived(pick.date, lesson, &changes, to, Change::Swapped));
                }
            }
        }
        out
    }

    fn arrived(
        &self,
        from: Date,
        lesson: &Lesson,
        changes: &Changes<'_>,
        to: Whereabouts,
        change: fn(Whereabouts) -> Change,
    ) -> Entry {
        let entry = self.as_written(from, lesson, changes);
        let was = Whereabouts { date: from, slot: entry.slot, room: entry.room.clone() };
        Entry { date: to.date, slot: to.slot, room: to.room, change: Some(change(was)), ..entry }
    }

    fn extras(&self, date: Date) -> impl Iterator<Item = Entry> {
        let extras = self.timetable.overrides.extras.iter().filter(move |extra| extra.date == date);
        extras.map(move |extra| {
            let room = self.timetable.room_of(extra.room.as_deref(), extra.class.as_deref());
            Entry {
                date,
                slot: extra.slot,
                hours: None,
                class: extra.class.clone(),
                grade: self.timetable.class(extra.class.as_deref()).map(|class| class.grade),
                subject: extra.subject.clone(),
                teacher: extra.teacher.clone(),
                instead_of: None,
                room: room.map(str::to_owned),
                change: Some(Change::Extra),
                reason: None,
                origin: (date, extra.slot, room.map(str::to_owned)),
            }
        })
    }

    /// A lesson where the ordinary week has it, with its teacher of the date.
    fn as_written(&self, date: Date, lesson: &Lesson, changes: &Changes<'_>) -> Entry {
        let stand_in = changes.substitutes.iter().rev().find(|s| s.pick.takes(lesson, &self.timetable));
        let room = self.timetable.room_of(lesson.room.as_deref(), lesson.class.as_deref()).map(str::to_owned);
        Entry {
            date,
            slot: lesson.slot,
            hours: None,
            class: lesson.class.clone(),
            grade: self.timetable.class(lesson.class.as_deref()).map(|class| class.grade),
            subject: stand_in.and_then(|s| s.subject.clone()).unwrap_or_else(|| lesson.subject.clone()),
            teacher: stand_in.map(|s| s.by.clone()).or_else(|| lesson.teacher.clone()),
            instead_of: stand_in.and_then(|_| lesson.teacher.clone()),
            room: room.clone(),
            change: None,
            reason: None,
            origin: (date, lesson.slot, room),
        }
    }

    fn moved_to(&self, moved: &Move, lesson: &Lesson) -> Whereabouts {
        let room = self.timetable.room_of(lesson.room.as_deref(), lesson.class.as_deref());
        Whereabouts {
            date: moved.to_date.unwrap_or(moved.pick.date),
            slot: moved.to_slot.unwrap_or(lesson.slot),
            room: moved.to_room.as_deref().or(room).map(str::to_owned),
        }
    }

    /// To the other one's date and slot, in its own room.
    fn swapped_to(&self, other: &Pick, lesson: &Lesson) -> Whereabouts {
        let room = self.timetable.room_of(lesson.room.as_deref(), lesson.class.as_deref());
        let theirs = self.ordinary(other.date).find(|l| other.takes(l, &self.timetable)).map(|l| l.slot);
        Whereabouts {
            date: other.date,
            slot: theirs.or(other.slot).unwrap_or(lesson.slot),
            room: room.map(str::to_owned),
        }
    }

    fn suspension(&self, entry: &Entry) -> Option<Reason> {
        let hours = entry.hours?;
        let (from, until) = (entry.date.to_datetime(hours.begin()), entry.date.to_datetime(hours.end()));
        let all = &self.timetable.overrides;
        let suspend = all.suspends.iter().find(|s| s.during.overlaps(from, until));
        let exam = all.exams.iter().find(|exam| {
            exam.during.overlaps(from, until) && exam.concerns(entry.grade, entry.room.as_deref())
        });
        let suspended =
            suspend.map(|s| Reason::Suspended { reason: s.reason.clone(), until: s.during.until });
        suspended.or_else(|| exam.map(|e| Reason::Exam { name: e.name.clone(), until: e.during.until }))
    }
}

impl<'a> Changes<'a> {
    fn fate(&self, plan: &Plan, lesson: &Lesson) -> Fate<'a> {
        let takes = |pick: &Pick| pick.takes(lesson, &plan.timetable);
        if let Some(cancel) = self.cancels.iter().find(|cancel| takes(&cancel.pick)) {
            return Fate::Cancelled(cancel);
        }
        if let Some(moved) = self.moves.iter().find(|moved| takes(&moved.pick)) {
            return Fate::Moved(moved);
        }
        match self.swaps.iter().find(|(_, pick, _)| takes(pick)) {
            Some((swap, _, other)) => Fate::Swapped(swap, other),
            None => Fate::Held,
        }
    }
}

/// Of lessons that begin at once in one room only one is held.
fn displace(entries: &mut [Entry]) {
    let mut winners: HashMap<(String, Time), usize> = HashMap::new();
    let key = |entry: &Entry| {
        entry.reason.is_none().then_some(())?;
        Some((entry.room.clone()?, entry.hours?.begin()))
    };
    for (number, entry) in entries.iter().enumerate() {
        let Some(key) = key(entry) else { continue };
        let winner = winners.entry(key).or_insert(number);
        if entry.change.is_some() || entries[*winner].change.is_none() {
            *winner = number;
        }
    }
    let subjects: HashMap<(String, Time), (usize, String)> = winners
        .into_iter()
        .map(|(place, number)| (place, (number, entries[number].subject.clone())))
        .collect();
    for (number, entry) in entries.iter_mut().enumerate() {
        let Some((winner, subject)) = key(entry).and_then(|key| subjects.get(&key)) else { continue };
        if *winner != number {
            entry.reason = Some(Reason::Displaced(subject.clone()));
        }
    }
}
