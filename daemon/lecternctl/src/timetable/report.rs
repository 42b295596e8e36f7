//! What a check or an import found, for programs and for people.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lectern_api::messages::import as words;
use lectern_api::{Language, Text, messages};
use lectern_timetable::import::{Form, Ignored, Import, Summary};
use lectern_timetable::{Mistake, Place, Weeks, model::weekday_text};
use serde::Serialize;

/// The mistakes of one file.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    pub(super) mistakes: Vec<Mistake>,
    pub(super) notices: Vec<Mistake>,
}

impl Checked {
    /// All of them, and how many.
    pub(super) fn page(&self, file: &Path, text: &str, language: Language) -> String {
        let last = if self.mistakes.is_empty() {
            words::timetable_fine(file.display())
        } else {
            messages::config_mistakes(self.mistakes.len())
        };
        self.listing(file, text, language) + last.in_language(language)
    }

    pub(super) fn listing(&self, file: &Path, text: &str, language: Language) -> String {
        let name = file.display().to_string();
        self.mistakes.iter().chain(&self.notices).map(|m| m.render(&name, text, language)).collect()
    }
}

/// What an import understood.
#[derive(Debug)]
pub(super) struct Imported {
    pub(super) read: Import,
    pub(super) doubts: Vec<Text>,
    pub(super) written: Option<PathBuf>,
}

/// The same as programs read it.
#[derive(Debug, Serialize)]
pub(super) struct Facts<'i> {
    form: Form,
    summary: &'i Summary,
    ignored: &'i [Ignored],
    notices: &'i [Mistake],
    doubts: &'i [Text],
    written: Option<&'i Path>,
}

impl Imported {
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            form: self.read.form,
            summary: &self.read.summary,
            ignored: &self.read.ignored,
            notices: &self.read.notices,
            doubts: &self.doubts,
            written: self.written.as_deref(),
        }
    }

    pub(super) fn page(&self, file: &Path, language: Language) -> String {
        let mut lines: Vec<Text> = vec![words::import_form(form_name(self.read.form))];
        let summary = &self.read.summary;
        if !self.read.only_days {
            lines.push(words::import_summary_term(summary.monday, summary.end, summary.weeks));
            let day = |of: fn(&Text) -> &str| {
                let counts = summary.by_weekday.iter().zip(1..).filter(|(count, _)| **count > 0);
                let named = counts.map(|(count, day)| format!("{} {count}", of(&weekday_text(day))));
                named.collect::<Vec<_>>().join(", ")
            };
            lines.push(words::import_summary_lessons(summary.lessons, day(|t| &t.en), day(|t| &t.zh)));
            lines.push(words::import_summary_weeks(weeks(summary, language)));
            let subjects = summary.subjects.iter().map(|(name, count)| format!("{name} {count}"));
            lines.push(words::import_summary_subjects(subjects.collect::<Vec<_>>().join(", ")));
            lines.push(words::import_summary_classes(names(&summary.classes)));
            lines.push(words::import_summary_teachers(names(&summary.teachers)));
            lines.push(words::import_summary_rooms(names(&summary.rooms)));
        }
        if summary.holidays + summary.makeups > 0 {
            lines.push(words::import_summary_days(summary.holidays, summary.makeups));
        }
        if summary.changes > 0 {
            lines.push(words::import_summary_changes(summary.changes));
        }
        for Ignored { place, why } in &self.read.ignored {
            let place = if *place == Place::File { file.display().to_string() } else { place.to_string() };
            lines.push(words::import_ignored(place, &why.en, &why.zh));
        }
        for doubt in &self.doubts {
            lines.push(words::import_doubt(&doubt.en, &doubt.zh));
        }
        let mut page: String =
            lines.iter().map(|line| line.in_language(language).to_owned() + "\n").collect();
        let name = file.display().to_string();
        page.extend(self.read.notices.iter().map(|notice| notice.render(&name, "", language)));
        if let Some(out) = &self.written {
            page += words::import_written(out.display()).in_language(language);
        }
        page
    }
}

fn form_name(form: Form) -> &'static str {
    match form {
        Form::Own => "TOML",
        Form::Ical => "iCalendar",
        Form::Cses => "CSES",
        Form::Table => "CSV / XLSX",
        Form::Holidays => "holiday-cn",
    }
}

fn weeks(summary: &Summary, language: Language) -> String {
    let named = summary.by_weeks.iter().map(|(written, count)| {
        let weeks = Weeks::parse(written).unwrap_or_default();
        format!("{}: {count}", weeks.text().in_language(language))
    });
    named.collect::<Vec<_>>().join("; ")
}

fn names(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
