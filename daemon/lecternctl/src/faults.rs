//! `lecternctl faults`: what is wrong, and what was.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lectern_api::fault::{Fault, Severity};
use lectern_api::repair::Tried;
use lectern_api::{Language, Text, messages};

use crate::Failure;
use crate::box_api::BoxApi;
use crate::repair;
use crate::screen::Screen;
use crate::show::Page;

/// What a serial console shows.
const WIDTH: usize = 80;

/// Whether nothing is wrong.
pub(crate) async fn run(api: &BoxApi, past: usize, screen: &Screen) -> Result<bool, Failure> {
    let faults = api.faults(past).await?;
    let zone = api.time_zone().await;
    let receipts = api.repairs().await;
    let shown = repair::with_receipts(&faults, &receipts);
    screen.answer(&shown, |language| page(&faults, &zone, language) + &repair::section(&shown, language));
    Ok(faults.iter().all(|fault| fault.until.is_some()))
}

fn page(faults: &[Fault], zone: &TimeZone, language: Language) -> String {
    let mut page = Page::new(language);
    let (open, past): (Vec<_>, Vec<_>) = faults.iter().partition(|fault| fault.until.is_none());
    if open.is_empty() {
        page.line(&messages::no_open_faults());
    }
    for fault in open {
        page.plain(&head(fault, zone, language));
        page.plain(&wrapped("    ", "    ", fault.text.in_language(language)));
        page.plain(&wrapped("  → ", "    ", fault.hint.in_language(language)));
        if let Some(part) = fault.part {
            let part = part.text();
            let line = messages::fault_part(&part.en, &part.zh);
            page.plain(&wrapped("    ", "    ", line.in_language(language)));
        }
        tried(&mut page, fault, zone, language);
    }
    if !past.is_empty() {
        page.plain("");
        page.line(&messages::past_faults());
    }
    for fault in past {
        page.plain(&head(fault, zone, language));
        page.plain(&wrapped("    ", "    ", fault.text.in_language(language)));
        tried(&mut page, fault, zone, language);
    }
    page.text
}

/// What the box has done about it: what nobody has to try again.
fn tried(page: &mut Page, fault: &Fault, zone: &TimeZone, language: Language) {
    for Tried { what, at, outcome } in &fault.tried {
        let at = if day(*at, zone) == day(fault.since, zone) { time(*at, zone) } else { moment(*at, zone) };
        let (what, outcome) = (what.text(), outcome.text());
        let line = messages::fault_tried(at, &what.en, &what.zh, &outcome.en, &outcome.zh);
        page.plain(&wrapped("  · ", "    ", line.in_language(language)));
    }
}

/// How bad, which and where, since when: what a technician reads out on the
/// telephone.
fn head(fault: &Fault, zone: &TimeZone, language: Language) -> String {
    let Fault { code, unit, count, .. } = fault;
    let severity = severity(fault.severity);
    let since = moment(fault.since, zone);
    let text = match fault.until {
        None => messages::fault_since(&severity.en, &severity.zh, code, unit, since),
        Some(until) => {
            let until = if day(until, zone) == day(fault.since, zone) {
                time(until, zone)
            } else {
                moment(until, zone)
            };
            messages::fault_lasted(&severity.en, &severity.zh, code, unit, since, until)
        }
    };
    let again = if *count > 1 {
        messages::fault_count(count).in_language(language).to_owned()
    } else {
        String::new()
    };
    let number = messages::fault_number(fault.id);
    wrapped("", "    ", &[text.in_language(language), &again, number.in_language(language)].concat())
}

fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Critical => messages::severity_critical(),
        Severity::Major => messages::severity_major(),
        Severity::Minor => messages::severity_minor(),
        Severity::Warning => messages::severity_warning(),
    }
}

fn day(at: Timestamp, zone: &TimeZone) -> jiff::civil::Date {
    at.to_zoned(zone.clone()).date()
}

fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%m-%d %H:%M:%S").to_string()
}

fn wrapped(first: &str, rest: &str, text: &str) -> String {
    textwrap::fill(text, textwrap::Options::new(WIDTH).initial_indent(first).subsequent_indent(rest))
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use lectern_api::repair::{Outcome, Part, Repair};

    fn fault(until: Option<&str>, count: u32) -> Fault {
        Fault {
            id: 7,
            code: "camera.lost".to_owned(),
            severity: Severity::Major,
            unit: "camera".to_owned(),
            since: "2026-09-07T01:14:02Z".parse().unwrap(),
            text: messages::camera_lost(),
            hint: messages::camera_lost_hint(),
            count,
            until: until.map(|until| until.parse().unwrap()),
            tried: Vec::new(),
            part: None,
        }
    }

    fn repaired(until: Option<&str>) -> Fault {
        let tried = [
            (Repair::RestartSource, "2026-09-07T01:14:07Z", Outcome::NoHelp),
            (Repair::Replug, "2026-09-07T01:14:27Z", Outcome::Skipped),
            (Repair::Reboot, "2026-09-07T16:14:27Z", Outcome::Helped),
        ];
        let tried = tried.map(|(what, at, outcome)| Tried { what, at: at.parse().unwrap(), outcome });
        Fault { tried: tried.to_vec(), part: Some(Part::Camera), ..fault(until, 1) }
    }

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    #[test]
    fn an_open_fault_says_how_bad_since_when_what_and_what_to_do() {
        let shown = page(&[fault(None, 1)], &zone(), Language::ZhCn);
        assert_eq!(
            shown,
            "重要　camera.lost（camera）　09-07 09:14:02 起　编号 7\n    摄像机没有画面：断电或网线松了。大屏和声音照常录制。\n  \
             → 看摄像机指示灯：不亮查电源，亮着查网线；接好后自动恢复，不用重启。\n"
        );
        let english = page(&[fault(None, 1)], &zone(), Language::En);
        assert!(
            english.starts_with("MAJOR  camera.lost (camera)  since 09-07 09:14:02  no. 7\n"),
            "{english}"
        );
    }

    #[test]
    fn a_past_fault_says_how_long_and_how_often() {
        let faults = [fault(Some("2026-09-07T01:15:31Z"), 3), fault(Some("2026-09-08T01:15:31Z"), 1)];
        let shown = page(&faults, &zone(), Language::ZhCn);
        assert!(shown.starts_with("现在没有故障\n\n以往的故障：\n"), "{shown}");
        assert!(shown.contains("09-07 09:14:02 至 09:15:31，反复 3 次　编号 7\n"), "{shown}");
        assert!(shown.contains("09-07 09:14:02 至 09-08 09:15:31　编号 7\n"), "{shown}");
    }

    #[test]
    fn what_the_box_has_tried_is_told_with_its_outcome_and_the_part_only_while_it_may_be_needed() {
        let shown = page(&[repaired(None)], &zone(), Language::ZhCn);
        assert!(shown.contains("    可能要换配件：摄像机\n"), "{shown}");
        assert!(shown.contains("  · 已试 09:14:07：重新打开了画面或声音的来源，没有用\n"), "{shown}");
        assert!(shown.contains("  · 已试 09-08 00:14:27：重启了盒子，之后恢复了\n"), "{shown}");
        let past = page(&[repaired(Some("2026-09-07T16:20:00Z"))], &zone(), Language::En);
        assert!(past.contains("  · tried 09:14:07: closed and opened the source; no help\n"), "{past}");
        assert!(!past.contains("new part"), "{past}");
    }

    #[test]
    fn no_line_is_wider_than_a_console() {
        for language in [Language::ZhCn, Language::En] {
            for line in page(
                &[fault(None, 12), repaired(None), fault(Some("2026-09-08T01:15:31Z"), 1)],
                &zone(),
                language,
            )
            .lines()
            {
                assert!(line.width() <= WIDTH, "{line}");
            }
        }
    }
}
