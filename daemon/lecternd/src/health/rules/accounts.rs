//! Faults about planned lessons: `lesson.missed`, `reboot.unexpected`. They go
//! when a person has taken note, or when what was missing turns up.

use lectern_api::account::AccountStatus;
use lectern_api::fault::Severity;
use lectern_api::messages::account as words;

use super::super::book::Finding;

/// More missed lessons than this are told as one.
const ONE_BY_ONE: u32 = 3;

pub(super) fn findings(accounts: &AccountStatus) -> Vec<Finding> {
    let mut findings = missed(accounts);
    findings.extend(accounts.reboot.as_ref().map(|reboot| Finding {
        code: "reboot.unexpected",
        severity: Severity::Minor,
        unit: "power".to_owned(),
        text: reboot.text.clone(),
        hint: words::reboot_hint(),
    }));
    findings
}

fn missed(accounts: &AccountStatus) -> Vec<Finding> {
    let total = accounts.missed_total;
    if total == 0 {
        return Vec::new();
    }
    let finding = |unit: String, text, hint| Finding {
        code: "lesson.missed",
        severity: Severity::Major,
        unit,
        text,
        hint,
    };
    if total > ONE_BY_ONE {
        let text = if accounts.absent_days > 0 {
            words::lessons_missed_absent(accounts.absent_days, total)
        } else {
            let counted = accounts.missed_by_cause.iter().map(|(cause, count)| {
                let cause = cause.text();
                words::cause_counted(&cause.en, &cause.zh, count)
            });
            let (en, zh): (Vec<_>, Vec<_>) = counted.map(|text| (text.en, text.zh)).unzip();
            words::lessons_missed(total, en.join(", "), zh.join("，"))
        };
        return vec![finding("lessons".to_owned(), text, words::lessons_missed_hint())];
    }
    let one = |lesson: &lectern_api::account::MissedLesson| {
        let (slot, why) = (&lesson.slot, &lesson.reason);
        let text = words::lesson_missed(&lesson.title, lesson.date, &slot.en, &slot.zh, &why.en, &why.zh);
        finding(lesson.id.to_string(), text, words::lesson_missed_hint(&lesson.id))
    };
    accounts.missed.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use lectern_api::account::{Cause, MissedLesson, UnexpectedReboot};
    use lectern_api::{LessonId, Text};

    use super::*;

    fn missed(count: u32) -> AccountStatus {
        let lesson = |number: u32| MissedLesson {
            id: LessonId::new(format!("20260907-p{number:02}-1f0c9a2b")).unwrap(),
            title: "数学 三(2)班".to_owned(),
            date: jiff::civil::date(2026, 9, 7),
            slot: Text { en: "period 3".into(), zh: "第3节".into() },
            reason: Text {
                en: "not recorded: 9:00-9:40 no power".into(), zh: "未录：9:00–9:40 断电".into()
            },
        };
        AccountStatus {
            missed: (1..=count.min(3)).map(lesson).collect(),
            missed_total: count,
            missed_by_cause: vec![(Cause::PowerLost, count)],
            ..AccountStatus::default()
        }
    }

    #[test]
    fn up_to_three_missed_lessons_are_told_one_by_one_with_their_reasons() {
        let found = findings(&missed(3));
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].unit, "20260907-p01-1f0c9a2b");
        assert_eq!(found[0].text.zh, "《数学 三(2)班》（2026-09-07 第3节）未录：9:00–9:40 断电。");
        assert!(found[0].hint.zh.contains("lesson acknowledge 20260907-p01-1f0c9a2b"));
    }

    #[test]
    fn many_missed_lessons_are_one_fault_that_counts_days_or_causes() {
        let mut many = missed(23);
        let [cause] = findings(&many).try_into().unwrap();
        assert_eq!(cause.text.zh, "有〔23〕节课未录：断电或被强行重启 23 节。");
        many.absent_days = 5;
        let [absent] = findings(&many).try_into().unwrap();
        assert_eq!(
            (absent.unit.as_str(), absent.text.zh.as_str()),
            ("lessons", "停电〔5〕天，未录〔23〕节。")
        );
    }

    #[test]
    fn a_power_cut_is_told_beside_the_lessons_and_nothing_is_told_of_nothing() {
        assert_eq!(findings(&AccountStatus::default()), []);
        let at = jiff::Timestamp::UNIX_EPOCH;
        let text = words::reboot_in_lesson("语文", "9:14:02", "9:15:31");
        let reboot = Some(UnexpectedReboot { from: at, until: at, text: text.clone() });
        let [found] = findings(&AccountStatus { reboot, ..AccountStatus::default() }).try_into().unwrap();
        assert_eq!((found.code, found.text), ("reboot.unexpected", text));
    }
}
