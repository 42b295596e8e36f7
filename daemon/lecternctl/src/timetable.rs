//! Timetables. Files on this machine's disk are checked, shown and imported
//! without the daemon, and nothing of it changes what is in force; the timetable
//! of the box is shown, sent and decided on through the daemon.

mod on_box;
pub(crate) mod page;
mod report;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use jiff::civil::Date;
use lectern_api::messages::import as words;
use lectern_api::{Clock as _, SystemClock, messages};
use lectern_timetable::import::{self, Form, Options};
use lectern_timetable::{Mistakes, Plan, Term, Timetable, compare, own};

use crate::Failure;
use crate::box_api::BoxApi;
use crate::screen::Screen;

#[derive(Debug, Subcommand)]
pub(crate) enum TimetableAction {
    /// Name every mistake in a timetable, with its line and what to do.
    Check {
        /// The timetable.
        file: PathBuf,
    },
    /// What is planned on a day or in a week, and if nothing, why not.
    Show {
        /// A timetable file; without one the box tells what it has in force.
        file: Option<PathBuf>,
        /// Of a file, only this room.
        #[arg(long, value_name = "R", requires = "file")]
        room: Option<String>,
        /// This day, such as 2026-09-07, instead of today.
        #[arg(long, value_name = "D")]
        date: Option<String>,
        /// The week that the day is in.
        #[arg(long)]
        week: bool,
    },
    /// Read a calendar, a table or a list of holidays, and show what was
    /// understood.
    Import(Import),
    /// Send a timetable of any form to the box. Its holidays and dated changes
    /// are used at once, its week from the next day; what is doubtful waits.
    Push {
        /// The timetable.
        file: PathBuf,
        /// Use it at once, doubtful or not: you have looked at it.
        #[arg(long)]
        now: bool,
    },
    /// Use at once what is to come; a lesson that is on goes on to its end.
    Confirm {
        /// Its number, as `versions` lists it.
        version: Option<u32>,
    },
    /// What is in force, what is to come and why, and what is kept.
    Versions,
    /// Go back to a version that is kept.
    Rollback {
        /// Its number, as `versions` lists it.
        version: u32,
    },
    /// Say whose lessons a make-up day has.
    Makeup {
        /// The day, such as 2026-10-10.
        date: String,
        /// monday … sunday, a date, or none.
        #[arg(value_name = "WHOSE")]
        follows: lectern_api::timetable::DayLessons,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// What to read.
    file: PathBuf,
    /// What it is, where its content does not tell.
    #[arg(long, value_name = "F")]
    form: Option<FormName>,
    /// Write it as a timetable.
    #[arg(long, value_name = "F")]
    out: Option<PathBuf>,
    /// The timetable in force: its lessons are replaced, everything else (term,
    /// bells, classes, holidays, changes) is kept, and what is doubtful beside
    /// it is told.
    #[arg(long, value_name = "F")]
    base: Option<PathBuf>,
    /// The Monday of week 1, without --base.
    #[arg(long, value_name = "D")]
    monday: Option<String>,
    /// The last day of the term, without --base.
    #[arg(long, value_name = "D")]
    end: Option<String>,
    /// The class of lessons that name none.
    #[arg(long, value_name = "C")]
    class: Option<String>,
    /// The room of lessons that name none.
    #[arg(long, value_name = "R")]
    room: Option<String>,
}

/// The names of forms.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum FormName {
    /// iCalendar (.ics).
    Ical,
    /// CSES version 1 (.yaml).
    Cses,
    /// A list or a grid (.csv, .xlsx).
    Table,
    /// Holidays and make-up days (.json of holiday-cn).
    Holidays,
}

impl From<FormName> for Form {
    fn from(name: FormName) -> Self {
        match name {
            FormName::Ical => Self::Ical,
            FormName::Cses => Self::Cses,
            FormName::Table => Self::Table,
            FormName::Holidays => Self::Holidays,
        }
    }
}

/// Whether the answer is yes.
pub(crate) async fn run(action: TimetableAction, api: &BoxApi, screen: &Screen) -> Result<bool, Failure> {
    match action {
        TimetableAction::Check { file } => check(&file, screen),
        TimetableAction::Show { file: Some(file), room, date, week } => {
            show(&file, room, date.as_deref(), week, screen)
        }
        TimetableAction::Show { file: None, date, week, .. } => {
            on_box::show(api, date.as_deref(), week, screen).await
        }
        TimetableAction::Push { file, now } => on_box::push(api, &file, now, screen).await,
        TimetableAction::Confirm { version } => on_box::confirm(api, version, screen).await,
        TimetableAction::Versions => on_box::versions(api, screen).await,
        TimetableAction::Rollback { version } => on_box::roll_back(api, version, screen).await,
        TimetableAction::Makeup { date, follows } => on_box::makeup(api, &date, follows, screen).await,
        TimetableAction::Import(args) => import(args, screen),
    }
}

fn check(file: &Path, screen: &Screen) -> Result<bool, Failure> {
    let bytes = load(file)?;
    let (mistakes, notices) = match own::read(&bytes) {
        Ok(checked) => (Vec::new(), checked.notices),
        Err(Mistakes(mistakes)) => (mistakes, Vec::new()),
    };
    let fine = mistakes.is_empty();
    let report = report::Checked { mistakes, notices };
    screen.answer(&report, |language| report.page(file, &String::from_utf8_lossy(&bytes), language));
    Ok(fine)
}

fn show(
    file: &Path,
    room: Option<String>,
    date: Option<&str>,
    week: bool,
    screen: &Screen,
) -> Result<bool, Failure> {
    let bytes = load(file)?;
    let timetable = own_form(file, &bytes, screen)?;
    let today = SystemClock::new().utc().to_zoned(timetable.time_zone.clone()).date();
    let date = date.map_or(Ok(today), parse_date)?;
    let rooms: Vec<String> = timetable.rooms().into_iter().map(str::to_owned).collect();
    let rooms = match room {
        Some(room) if !rooms.contains(&room) => {
            return Err(Failure::No(words::show_room(room, rooms.join(", "))));
        }
        Some(room) => vec![room],
        None => rooms,
    };
    let plan = Plan::new(timetable);
    let dates: Vec<Date> = if week { days_of_week(date) } else { vec![date] };
    let views = page::views(&plan, &rooms, &dates);
    screen.answer(
        &views,
        |language| {
            if week { page::weeks(&views, language) } else { page::days(&views, language) }
        },
    );
    Ok(true)
}

pub(crate) fn days_of_week(date: Date) -> Vec<Date> {
    let back = i64::from(date.weekday().to_monday_zero_offset());
    let monday = date.saturating_sub(jiff::Span::new().days(back));
    (0..7).map(|day| monday.saturating_add(jiff::Span::new().days(day))).collect()
}

fn import(args: Import, screen: &Screen) -> Result<bool, Failure> {
    let base = match &args.base {
        Some(base) => Some(own_form(base, &load(base)?, screen)?),
        None => None,
    };
    let term = match (&args.monday, &args.end) {
        (Some(monday), Some(end)) => {
            Some(Term { name: String::new(), monday: parse_date(monday)?, end: parse_date(end)? })
        }
        (None, None) => None,
        _ => return Err(Failure::WrongUse(words::import_term())),
    };
    let bytes = load(&args.file)?;
    let options = Options { base: base.clone(), term, class: args.class, room: args.room };
    let read = match import::read(&bytes, args.form.map(Form::from), &options) {
        Ok(read) => read,
        Err(mistakes) => {
            refuse(&args.file, &bytes, mistakes, screen);
            return Ok(false);
        }
    };
    let doubts = base.map_or_else(Vec::new, |base| compare(&base, &read.timetable, None));
    let doubts: Vec<_> = doubts.iter().map(lectern_timetable::Doubt::text).collect();
    let text = if read.only_days {
        own::write_days(&read.timetable.holidays, &read.timetable.makeups)
    } else {
        own::write(&read.timetable)
    };
    if let Some(out) = &args.out {
        let failed = |cause| Failure::No(words::import_unwritable(out.display(), cause));
        std::fs::write(out, text).map_err(failed)?;
    }
    let plausible = doubts.is_empty();
    let report = report::Imported { read, doubts, written: args.out };
    screen.answer(&report.facts(), |language| report.page(&args.file, language));
    Ok(plausible)
}

/// Says every mistake of a file; in JSON as the answer, as `check` does.
fn refuse(file: &Path, bytes: &[u8], mistakes: Mistakes, screen: &Screen) {
    let count = mistakes.0.len();
    let report = report::Checked { mistakes: mistakes.0, notices: Vec::new() };
    let text = String::from_utf8_lossy(bytes);
    screen.answer(&report, |language| {
        report.listing(file, &text, language) + words::import_refused(count).in_language(language)
    });
}

/// A timetable in the own form; its mistakes are said, and end the command.
fn own_form(file: &Path, bytes: &[u8], screen: &Screen) -> Result<Timetable, Failure> {
    own::read(bytes).map(|checked| checked.timetable).map_err(|mistakes| {
        let text = String::from_utf8_lossy(bytes);
        let count = mistakes.0.len();
        for mistake in &mistakes.0 {
            let render = |language| mistake.render(&file.display().to_string(), &text, language);
            screen.complain(&lectern_api::Text {
                en: render(lectern_api::Language::En).trim_end().to_owned(),
                zh: render(lectern_api::Language::ZhCn).trim_end().to_owned(),
            });
        }
        Failure::WrongUse(messages::config_mistakes(count))
    })
}

pub(crate) fn parse_date(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_| Failure::WrongUse(words::show_date(text)))
}

/// No more than an importer reads, whatever the file is.
fn load(file: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;
    let most = lectern_timetable::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let read = std::fs::File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(cause) => Err(Failure::WrongUse(messages::config_unreadable(file.display(), cause))),
    }
}
