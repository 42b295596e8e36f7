//! From the forms that schools keep timetables in.
//!
//! An importer either understands a file as a whole or refuses it with every
//! mistake; what it leaves out on purpose is told, with its place. Term, bells,
//! classes, free days and dated changes that a form does not have come from the
//! timetable in force, the base.

mod cses;
mod guess;
mod holidays;
mod ical;
mod names;
mod slots;
mod summary;
mod table;
mod text;
mod yaml;

use lectern_api::{Text, messages::import as words};
use serde::Serialize;

use crate::MAX_BYTES;
use crate::check::{self, Item};
use crate::mistake::{Mistake, Mistakes, Place};
use crate::model::{Class, Lesson, Term, Timetable};
use crate::overrides::{Overrides, Pick};
use crate::own;
use crate::plan::Plan;

pub use guess::guess;
pub use summary::Summary;

/// The longest name, in characters, as in the own form.
const LONGEST_NAME: usize = 120;

/// The forms that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The own one.
    Own,
    /// iCalendar, RFC 5545.
    Ical,
    /// CSES version 1, YAML.
    Cses,
    /// A list or a grid, CSV or XLSX.
    Table,
    /// Holidays and make-up days, the JSON of holiday-cn.
    Holidays,
}

/// What the file itself may not say.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The timetable in force. Its lessons are replaced, the rest is kept.
    pub base: Option<Timetable>,
    /// The term, where there is no base.
    pub term: Option<Term>,
    /// The class of lessons that name none.
    pub class: Option<String>,
    /// The room of lessons that name none and whose class has none.
    pub room: Option<String>,
}

/// Something that was left out on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ignored {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What, and why.
    pub why: Text,
}

impl Ignored {
    fn new(place: Place, why: Text) -> Self {
        Self { place, why }
    }
}

/// What was understood.
#[derive(Debug, Clone)]
pub struct Import {
    /// The form of the file.
    pub form: Form,
    /// The timetable, checked. It has not been applied anywhere.
    pub timetable: Timetable,
    /// Whether only free days were read and nothing to put them into was given.
    pub only_days: bool,
    /// What is in it.
    pub summary: Summary,
    /// What was left out.
    pub ignored: Vec<Ignored>,
    /// What deserves a word.
    pub notices: Vec<Mistake>,
}

/// Reads a file of a form, or of the form that it looks like.
///
/// # Errors
/// Every mistake of the file; then nothing of it is to be applied.
pub fn read(bytes: &[u8], form: Option<Form>, options: &Options) -> Result<Import, Mistakes> {
    if bytes.len() > MAX_BYTES {
        use lectern_api::messages::timetable as words;
        return Err(Mistakes::of_file((words::too_large(bytes.len(), MAX_BYTES), words::too_large_remedy())));
    }
    let form = match form.or_else(|| guess(bytes)) {
        Some(form) => form,
        None => return Err(Mistakes::of_file((words::unknown_form(), words::unknown_form_remedy()))),
    };
    match form {
        Form::Own => own::read(bytes).map(|checked| Import {
            form,
            summary: Summary::of(&checked.timetable),
            timetable: checked.timetable,
            only_days: false,
            ignored: Vec::new(),
            notices: checked.notices,
        }),
        Form::Holidays => holidays::read(&text::decode(bytes)?, options),
        Form::Ical => ical::read(&text::decode(bytes)?, options)?.finish(form),
        Form::Cses => cses::read(&text::decode(bytes)?, options)?.finish(form),
        Form::Table => table::read(bytes, options)?.finish(form),
    }
}

/// What an importer found, before it is checked.
#[derive(Debug)]
struct Found {
    /// With everything but lessons.
    timetable: Timetable,
    lessons: Vec<(Place, Lesson)>,
    ignored: Vec<Ignored>,
}

impl Found {
    /// Puts the lessons in, in the order of the week, and checks the whole.
    fn finish(mut self, form: Form) -> Result<Import, Mistakes> {
        if self.lessons.len() > crate::MAX_LESSONS {
            use lectern_api::messages::timetable as words;
            let cause = words::too_many("lesson", self.lessons.len(), crate::MAX_LESSONS);
            return Err(Mistakes::of_file((cause, words::too_many_remedy())));
        }
        if self.lessons.is_empty() {
            return Err(Mistakes::of_file((words::no_lessons(), words::no_lessons_remedy())));
        }
        self.tidy()?;
        self.lessons.sort_by(|a, b| a.1.cmp(&b.1));
        self.lessons.dedup_by(|later, earlier| {
            let twice = later.1 == earlier.1;
            if twice {
                self.ignored.push(Ignored::new(later.0.clone(), words::ignored_twice(&earlier.0)));
            }
            twice
        });
        let places: Vec<Place> = self.lessons.iter().map(|(place, _)| place.clone()).collect();
        self.timetable.lessons =
            std::mem::take(&mut self.lessons).into_iter().map(|(_, lesson)| lesson).collect();
        add_classes(&mut self.timetable);
        if self.timetable.bells.is_empty() && self.timetable.lessons.iter().any(counts_periods) {
            return Err(Mistakes::of_file((words::no_bells(), words::no_bells_remedy())));
        }
        self.drop_changes_of_nothing();
        let locate = |item: Item, _: &str| match item {
            Item::Lesson(number) => places.get(number).cloned().unwrap_or_default(),
            _ => Place::File,
        };
        let findings = check::check(&self.timetable, &locate);
        if !findings.mistakes.is_empty() {
            return Err(Mistakes::sorted(findings.mistakes));
        }
        self.ignored.sort_by(|a, b| a.place.cmp(&b.place));
        Ok(Import {
            form,
            summary: Summary::of(&self.timetable),
            timetable: self.timetable,
            only_days: false,
            ignored: self.ignored,
            notices: findings.notices,
        })
    }
}

impl Found {
    /// Names on one line, none of them empty or too long to be one.
    fn tidy(&mut self) -> Result<(), Mistakes> {
        let mut mistakes = Vec::new();
        for (place, lesson) in &mut self.lessons {
            lesson.subject = names::tidy(&lesson.subject);
            for name in [&mut lesson.class, &mut lesson.teacher, &mut lesson.room] {
                *name = name.take().map(|name| names::tidy(&name)).filter(|name| !name.is_empty());
            }
            let all =
                [Some(&lesson.subject), lesson.class.as_ref(), lesson.teacher.as_ref(), lesson.room.as_ref()];
            for name in all
                .into_iter()
                .flatten()
                .filter(|name| name.is_empty() || name.chars().count() > LONGEST_NAME)
            {
                use lectern_api::messages::timetable as words;
                let begin: String = name.chars().take(20).collect();
                let wrong = (words::bad_text(begin), words::bad_text_remedy(LONGEST_NAME));
                mistakes.push(Mistake::new(place.clone(), "", wrong));
            }
        }
        for name in names_of_changes(&self.timetable.overrides) {
            if name.is_empty() || name.chars().count() > LONGEST_NAME {
                use lectern_api::messages::timetable as words;
                let begin: String = name.chars().take(20).collect();
                let wrong = (words::bad_text(begin), words::bad_text_remedy(LONGEST_NAME));
                mistakes.push(Mistake::new(Place::File, "", wrong));
            }
        }
        if mistakes.is_empty() { Ok(()) } else { Err(Mistakes::sorted(mistakes)) }
    }
}

/// Every name in what a form makes of dated changes.
fn names_of_changes(all: &Overrides) -> impl Iterator<Item = &String> {
    let picks = all.cancels.iter().map(|cancel| &cancel.pick);
    let picks = picks.chain(all.moves.iter().map(|moved| &moved.pick));
    let picks = picks.chain(all.substitutes.iter().map(|substitute| &substitute.pick));
    let of_picks = picks.flat_map(|pick| [&pick.class, &pick.room, &pick.teacher]).flatten();
    let of_moves = all.moves.iter().filter_map(|moved| moved.to_room.as_ref());
    let of_extras = all.extras.iter().flat_map(|extra| {
        let others = [&extra.class, &extra.teacher, &extra.room].into_iter().flatten();
        others.chain([&extra.subject])
    });
    let of_substitutes = all.substitutes.iter().flat_map(|s| s.subject.iter().chain([&s.by]));
    of_picks.chain(of_moves).chain(of_extras).chain(of_substitutes)
}

impl Found {
    /// A change in the base that names a lesson which is no more would have no
    /// effect; it is left out and told, so that an old one blocks nothing.
    fn drop_changes_of_nothing(&mut self) {
        let plan = Plan::new(self.timetable.clone());
        let mut dropped = Vec::new();
        let mut named = |pick: &Pick| {
            let found = plan.ordinary(pick.date).any(|lesson| pick.takes(lesson, plan.timetable()));
            if !found {
                dropped.push(pick.date);
            }
            found
        };
        let all = &mut self.timetable.overrides;
        all.cancels.retain(|cancel| named(&cancel.pick));
        all.moves.retain(|moved| named(&moved.pick));
        all.swaps.retain(|swap| named(&swap.pick) && named(&swap.with));
        all.substitutes.retain(|substitute| named(&substitute.pick));
        let told = dropped.into_iter().map(|date| Ignored::new(Place::File, words::ignored_change(date)));
        self.ignored.extend(told);
    }
}

fn counts_periods(lesson: &Lesson) -> bool {
    matches!(lesson.slot, crate::Slot::Periods { .. })
}

/// The base without its lessons, or an empty term.
fn frame(options: &Options) -> Result<Timetable, Mistakes> {
    let mut frame = match (&options.base, &options.term) {
        (Some(base), _) => Timetable { lessons: Vec::new(), ..base.clone() },
        (None, Some(term)) => Timetable::new(term.clone()),
        (None, None) => return Err(Mistakes::of_file((words::no_term(), words::no_term_remedy()))),
    };
    if let Some(room) = &options.room {
        frame.room = Some(room.clone());
    }
    Ok(frame)
}

/// Classes that the base does not know, where the name tells the grade.
fn add_classes(timetable: &mut Timetable) {
    for number in 0..timetable.lessons.len() {
        let Some(name) = timetable.lessons[number].class.clone() else { continue };
        if timetable.class(Some(&name)).is_some() {
            continue;
        }
        if let Some(grade) = names::grade_of(&name) {
            timetable.classes.push(Class { name, grade, room: None });
        }
    }
}
