//! The report of a term: in words, as CSV, as a spreadsheet, as JSON.

mod csv;
mod table;
#[cfg(test)]
mod tests;
mod xlsx;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use lectern_api::Language;
use lectern_api::account as api;
use lectern_api::messages::account as words;

use crate::Failure;
use crate::box_api::BoxApi;
use crate::screen::Screen;
use crate::timetable::parse_date;

#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    /// The first day; the term's, where nothing is said.
    #[arg(long, value_name = "D")]
    from: Option<String>,
    /// The last day; the term's, where nothing is said.
    #[arg(long, value_name = "D")]
    to: Option<String>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Sums of this instead of lessons; in words, only these.
    #[arg(long, value_enum)]
    by: Option<By>,
    /// The file that it goes into.
    #[arg(long, value_name = "F")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Sums in words.
    Table,
    /// A row for each lesson; opens in spreadsheets.
    Csv,
    /// A spreadsheet: lessons, and sums on sheets of their own.
    Xlsx,
    /// Everything, for programs.
    Json,
}

/// What sums are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum By {
    /// Of each class.
    Class,
    /// Of each subject.
    Subject,
    /// Of each teacher.
    Teacher,
    /// Of each week of the term.
    Week,
}

impl By {
    const ALL: [Self; 4] = [Self::Class, Self::Subject, Self::Teacher, Self::Week];

    fn sums(self, report: &api::Report) -> &[api::Sum] {
        match self {
            Self::Class => &report.sums.by_class,
            Self::Subject => &report.sums.by_subject,
            Self::Teacher => &report.sums.by_teacher,
            Self::Week => &report.sums.by_week,
        }
    }

    fn heading(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Self::Class => ("班级", "Class"),
            Self::Subject => ("科目", "Subject"),
            Self::Teacher => ("教师", "Teacher"),
            Self::Week => ("周次", "Week"),
        };
        if language == Language::ZhCn { zh } else { en }
    }
}

/// `report`.
pub(crate) async fn run(api: &BoxApi, args: Report, screen: &Screen) -> Result<bool, Failure> {
    let format = if screen.wants_json() { Format::Json } else { args.format };
    if format == Format::Xlsx && args.out.is_none() {
        return Err(Failure::WrongUse(words::report_needs_file()));
    }
    let day = |text: Option<&str>| text.map(parse_date).transpose();
    let report = api.report(day(args.from.as_deref())?, day(args.to.as_deref())?).await?;
    let language = screen.language();
    let unwritable = |cause: &dyn std::fmt::Display| {
        let file = args.out.as_deref().unwrap_or(Path::new("-"));
        Failure::No(words::report_unwritable(file.display(), cause))
    };
    let bytes = match format {
        Format::Table => table::page(&report, args.by, language).into_bytes(),
        Format::Json => serde_json::to_vec_pretty(&report).map_err(|e| unwritable(&e))?,
        Format::Csv => csv::write(&table::sheet(&report, args.by, language)).map_err(|e| unwritable(&e))?,
        Format::Xlsx => xlsx::write(&table::sheets(&report, language)).map_err(|e| unwritable(&e))?,
    };
    match &args.out {
        None => {
            // A closed pipe is no fault.
            let _ = std::io::stdout().lock().write_all(&bytes);
        }
        Some(file) => {
            std::fs::write(file, bytes).map_err(|e| unwritable(&e))?;
            screen.say(&words::report_written(file.display(), report.lessons.len()));
        }
    }
    Ok(true)
}
