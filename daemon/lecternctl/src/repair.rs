//! `lecternctl repaired`: a technician's check after a repair.

use clap::Args;
use lectern_api::fault::Fault;
use lectern_api::messages::doctor as words;
use lectern_api::receipt::Repaired as Said;
use lectern_api::{Language, receipt::Receipt};
use serde::Serialize;

use crate::Failure;
use crate::box_api::BoxApi;
use crate::screen::Screen;
use crate::show::Page;

/// What a serial console shows.
const WIDTH: usize = 80;

/// Which fault, and who did it.
#[derive(Debug, Args)]
pub(crate) struct Repaired {
    /// The fault's number, as `lecternctl faults` shows it.
    #[arg(value_name = "FAULT-ID")]
    fault: u64,
    /// Who repaired it.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// The part that was changed.
    #[arg(long, value_name = "TEXT")]
    part: Option<String>,
    /// Anything else.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// Noted only when the box sees that the fault is over.
pub(crate) async fn run(api: &BoxApi, repaired: Repaired, screen: &Screen) -> Result<bool, Failure> {
    let Repaired { fault, by, part, note } = repaired;
    let receipt = api.repaired(fault, &Said { by, part, note }).await?;
    screen.answer(&receipt, |language| {
        let Receipt { code, unit, took_s, repaired, .. } = &receipt;
        let text = words::repaired(code, unit, took(*took_s, language), &repaired.by);
        text.in_language(language).to_owned()
    });
    Ok(true)
}

/// A fault, as programs read it.
#[derive(Debug, Serialize)]
pub(crate) struct Shown<'s> {
    #[serde(flatten)]
    fault: &'s Fault,
    /// Who repaired it, where somebody said so and the box saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<&'s Receipt>,
}

/// Each fault with its receipt.
pub(crate) fn with_receipts<'s>(faults: &'s [Fault], receipts: &'s [Receipt]) -> Vec<Shown<'s>> {
    let receipt = |fault: &Fault| receipts.iter().find(|receipt| receipt.fault == fault.id);
    faults.iter().map(|fault| Shown { fault, repair: receipt(fault) }).collect()
}

/// The receipts of the faults that are shown; nothing where there are none.
pub(crate) fn section(shown: &[Shown<'_>], language: Language) -> String {
    let mut page = Page::new(language);
    for receipt in shown.iter().filter_map(|shown| shown.repair) {
        if page.text.is_empty() {
            page.plain("");
            page.line(&words::repairs());
        }
        let line = words::repair_line(&receipt.code, &receipt.unit, sentence(receipt, language));
        let options = textwrap::Options::new(WIDTH).subsequent_indent("    ");
        page.plain(&textwrap::fill(line.in_language(language), options));
    }
    page.text
}

/// Who, how long, with what, in one sentence.
fn sentence(receipt: &Receipt, language: Language) -> String {
    let Receipt { took_s, repaired: Said { by, part, note }, .. } = receipt;
    let mut text = words::repaired_by(by, took(*took_s, language)).in_language(language).to_owned();
    let part = part.as_ref().map(words::repaired_part);
    let note = note.as_ref().map(words::repaired_note);
    text.extend([part, note].iter().flatten().map(|more| more.in_language(language)));
    text
}

/// `3 d 4 h`, `2 h 5 min`, `40 s`: two units, as people say it.
fn took(seconds: u64, language: Language) -> String {
    let units = match language {
        Language::En => [" d", " h", " min", " s"],
        Language::ZhCn => [" 天", " 小时", " 分", " 秒"],
    };
    let counts = [seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60];
    let first = counts.iter().position(|count| *count > 0).unwrap_or(3);
    let said = counts.iter().zip(units).skip(first).take(2).filter(|(count, _)| **count > 0);
    let said: Vec<String> = said.map(|(count, unit)| format!("{count}{unit}")).collect();
    if said.is_empty() { format!("0{}", units[3]) } else { said.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_took_is_said_in_two_units() {
        for (seconds, en, zh) in [
            (0, "0 s", "0 秒"),
            (40, "40 s", "40 秒"),
            (3600, "1 h", "1 小时"),
            (7500, "2 h 5 min", "2 小时 5 分"),
            (273_700, "3 d 4 h", "3 天 4 小时"),
        ] {
            assert_eq!((took(seconds, Language::En), took(seconds, Language::ZhCn)), (en.into(), zh.into()));
        }
    }

    #[test]
    fn a_receipt_says_who_how_long_and_with_what() {
        let receipt = Receipt {
            fault: 7,
            code: "camera.lost".to_owned(),
            unit: "camera".to_owned(),
            since: jiff::Timestamp::UNIX_EPOCH,
            until: jiff::Timestamp::UNIX_EPOCH,
            took_s: 125,
            noted: jiff::Timestamp::UNIX_EPOCH,
            repaired: Said { by: "李师傅".to_owned(), part: Some("12 V 电源".to_owned()), note: None },
        };
        assert_eq!(sentence(&receipt, Language::ZhCn), "李师傅 修复，历时 2 分 5 秒；更换：12 V 电源");
        assert_eq!(
            sentence(&receipt, Language::En),
            "repaired by 李师傅, 2 min 5 s after it began; part: 12 V 电源"
        );
    }
}
