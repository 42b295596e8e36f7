//! What is wrong with the timetable. Pure.

use lectern_api::fault::Severity;
use lectern_api::messages::book as words;
use lectern_api::timetable::{PendingVersion, TimetableStatus};

use super::book::Finding;

const UNIT: &str = "timetable";

pub(super) fn findings(status: &TimetableStatus) -> Vec<Finding> {
    let finding = |code, severity, unit: String, text, hint| Finding { code, severity, unit, text, hint };
    let mut findings = Vec::new();
    let is_expected = status.configured || status.refused.is_some() || !status.pending.is_empty();
    if status.in_force.is_none() && is_expected {
        let (text, hint) = (words::fault_missing(), words::fault_missing_hint());
        findings.push(finding("timetable.missing", Severity::Major, UNIT.to_owned(), text, hint));
    } else if status.in_force.is_some() && status.room.is_none() {
        let (text, hint) = (words::fault_room(), words::fault_room_hint(status.rooms.join("、")));
        findings.push(finding("timetable.missing", Severity::Major, UNIT.to_owned(), text, hint));
    }
    for day in &status.ambiguous {
        let (date, name) = (day.date, &day.name);
        let (severity, text) = match day.in_days {
            0 => (Severity::Major, words::fault_ambiguous_today(date, name)),
            1 => (Severity::Major, words::fault_ambiguous_tomorrow(date, name)),
            days => (Severity::Minor, words::fault_ambiguous(date, name, days)),
        };
        let hint = words::fault_ambiguous_hint(date);
        findings.push(finding("timetable.ambiguous", severity, date.to_string(), text, hint));
    }
    for PendingVersion { version, from, doubts } in &status.pending {
        let number = version.number;
        let text = match (from, doubts.first()) {
            (Some(from), _) => words::fault_pending_from(number, from),
            (None, Some(doubt)) => words::fault_pending(number, &doubt.en, &doubt.zh),
            (None, None) => continue,
        };
        let unit = format!("version-{number}");
        let hint = words::fault_pending_hint(number);
        findings.push(finding("timetable.pending", Severity::Warning, unit, text, hint));
    }
    if let Some(refused) = &status.refused
        && let Some(first) = refused.mistakes.first()
    {
        let text = words::fault_rejected(&refused.origin.place, &first.en, &first.zh);
        let hint = words::fault_rejected_hint();
        findings.push(finding("timetable.rejected", Severity::Minor, UNIT.to_owned(), text, hint));
    }
    if let Some(trouble) = status.trouble.as_ref().filter(|_| status.in_force.is_some()) {
        let hint = words::fault_unreachable_hint();
        findings.push(finding(
            "timetable.unreachable",
            Severity::Warning,
            UNIT.to_owned(),
            trouble.clone(),
            hint,
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_api::Text;
    use lectern_api::timetable::{OpenMakeup, Origin, OriginKind, RefusedFile, Version};

    fn version(number: u32) -> Version {
        Version {
            number,
            sha256: String::new(),
            origin: Origin { kind: OriginKind::File, place: "/etc/lectern/timetable.toml".to_owned() },
            received: jiff::Timestamp::UNIX_EPOCH,
            lessons: 30,
            confirmed_by: None,
        }
    }

    fn fine() -> TimetableStatus {
        TimetableStatus {
            configured: true,
            room: Some("301".to_owned()),
            in_force: Some(version(1)),
            ..TimetableStatus::default()
        }
    }

    fn codes(status: &TimetableStatus) -> Vec<&'static str> {
        findings(status).iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_box_that_was_never_given_a_timetable_has_no_fault_and_one_that_waits_for_it_has() {
        assert_eq!(codes(&TimetableStatus::default()), [] as [&str; 0]);
        assert_eq!(codes(&fine()), [] as [&str; 0]);
        let waits = TimetableStatus { configured: true, ..TimetableStatus::default() };
        assert_eq!(codes(&waits), ["timetable.missing"]);
        let elsewhere = TimetableStatus { room: None, rooms: vec!["302".to_owned()], ..fine() };
        assert_eq!(codes(&elsewhere), ["timetable.missing"]);
        assert!(findings(&elsewhere)[0].hint.zh.contains("302"));
    }

    #[test]
    fn an_open_makeup_day_is_worse_the_nearer_it_is() {
        let date = jiff::civil::date(2026, 10, 10);
        for (in_days, severity, word) in
            [(0, Severity::Major, "今天"), (1, Severity::Major, "明天"), (3, Severity::Minor, "3 天后")]
        {
            let open = OpenMakeup { date, name: "国庆节".to_owned(), in_days };
            let found = findings(&TimetableStatus { ambiguous: vec![open], ..fine() });
            assert_eq!((found[0].code, found[0].severity), ("timetable.ambiguous", severity));
            assert!(found[0].text.zh.contains(word) && found[0].text.zh.contains("不知按星期几上课"));
        }
    }

    #[test]
    fn what_waits_and_what_was_refused_is_told_with_its_reason() {
        let doubt = Text { en: "fewer".to_owned(), zh: "少了".to_owned() };
        let refused = RefusedFile {
            origin: version(0).origin,
            at: jiff::Timestamp::UNIX_EPOCH,
            mistakes: vec![Text { en: "line 4".to_owned(), zh: "第4行".to_owned() }],
        };
        let status = TimetableStatus {
            pending: vec![PendingVersion { version: version(2), from: None, doubts: vec![doubt] }],
            refused: Some(refused),
            trouble: Some(Text { en: "gone".to_owned(), zh: "取不到课表".to_owned() }),
            ..fine()
        };
        let found = findings(&status);
        assert_eq!(codes(&status), ["timetable.pending", "timetable.rejected", "timetable.unreachable"]);
        assert!(found[0].text.zh.contains("少了") && found[0].hint.zh.contains("confirm 2"));
        assert!(found[1].text.zh.contains("第4行"));
    }
}
