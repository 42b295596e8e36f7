//! Whether a command is carried out. Pure.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use lectern_api::command::Refusal;
use lectern_api::messages::mqtt as words;
use lectern_api::mqtt::{Answer, Channel, Entity};

use super::parse::{is_answer, parse};
use super::{Action, Noted};
use crate::client::Wanted;

/// So far ahead `valid_until` may lie; so long a command is remembered at most.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What becomes of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is carried out, once.
    Accept {
        /// What is done.
        action: Action,
        /// Until when it is remembered.
        valid_until: Timestamp,
    },
    /// It is not.
    Refuse(Refusal),
    /// It was before: the same answer again.
    Repeat(Answer),
    /// It was begun before a restart, and nobody knows how it ended.
    Begun,
    /// It is no command: the box's own answer, or a topic of something else.
    Ignore,
}

/// Judges what came. `now` is nothing while nobody knows the time; `noted` is
/// what is known of a command on the same topic.
#[must_use]
pub fn judge(
    wanted: &Wanted,
    now: Option<Timestamp>,
    allowed: &BTreeSet<String>,
    noted: Option<&Noted>,
) -> Verdict {
    let (Entity::Device, Channel::Command { kind, .. }) = (&wanted.topic.entity, &wanted.topic.channel)
    else {
        return Verdict::Ignore;
    };
    if wanted.payload.is_empty() || is_answer(&wanted.payload) {
        return Verdict::Ignore;
    }
    match noted {
        Some(Noted { answer: Some(answer), .. }) => return Verdict::Repeat(answer.clone()),
        Some(Noted { answer: None, .. }) => return Verdict::Begun,
        None => {}
    }
    let parsed = match parse(kind.as_str(), &wanted.payload) {
        Ok(parsed) => parsed,
        Err(refusal) => return Verdict::Refuse(refusal),
    };
    if !allowed.contains(kind.as_str()) {
        return Verdict::Refuse(Refusal::new("forbidden", words::command_forbidden(kind)));
    }
    let Some(now) = now else { return Verdict::Refuse(Refusal::new("no_time", words::command_no_time())) };
    if parsed.valid_until < now {
        return Verdict::Refuse(Refusal::new("late", words::command_late(parsed.valid_until)));
    }
    if parsed.valid_until.duration_since(now) > LONGEST {
        return Verdict::Refuse(Refusal::new("too_long", words::command_too_long(LONGEST.as_hours())));
    }
    Verdict::Accept { action: parsed.action, valid_until: parsed.valid_until }
}

#[cfg(test)]
mod tests {
    use super::super::KINDS;
    use super::*;
    use lectern_api::Name;
    use lectern_api::command::Command;
    use lectern_api::mqtt::{CommandState, Topic};
    use proptest::prelude::*;

    const NOW: &str = "2026-03-02T08:00:00Z";

    fn wanted(kind: &str, payload: &str) -> Wanted {
        let name = |text| Name::new(text).unwrap();
        let channel = Channel::Command { kind: name(kind), id: name("1") };
        Wanted { topic: Topic::device(channel), payload: payload.as_bytes().to_vec() }
    }

    fn all() -> BTreeSet<String> {
        KINDS.iter().map(ToString::to_string).collect()
    }

    fn verdict(kind: &str, body: &str) -> Verdict {
        let payload = format!(r#"{{"status":"init","valid_until":"2026-03-02T08:05:00Z"{body}}}"#);
        judge(&wanted(kind, &payload), NOW.parse().ok(), &all(), None)
    }

    fn code(verdict: &Verdict) -> &str {
        if let Verdict::Refuse(refusal) = verdict { &refusal.code } else { "" }
    }

    #[test]
    fn each_kind_of_command_is_understood() {
        for (kind, body) in [
            ("start", r#","title":"公开课","minutes":45"#),
            ("start", ""),
            ("stop", ""),
            ("prolong", r#","minutes":10"#),
            ("shutter", r#","closed":true"#),
            ("timetable_push", r#","timetable":"[term]""#),
            ("config_get", r#","keys":["device.place"]"#),
            ("config_set", r#","settings":{"device.place":"\"李村\""}"#),
            ("doctor", ""),
            ("bundle_upload", r#","url":"https://h/b""#),
            ("log_level", r#","level":"debug""#),
            ("log_level", r#","level":"debug","minutes":1440"#),
            ("restart", ""),
            ("reboot", r#","force":true"#),
        ] {
            assert!(
                matches!(verdict(kind, body), Verdict::Accept { .. }),
                "{kind} {:?}",
                verdict(kind, body)
            );
        }
        let Verdict::Accept { action, .. } = verdict("shutter", r#","closed":true"#) else { panic!() };
        assert_eq!(action, Action::Lesson(Command::Shutter { closed: true, today: false }));
    }

    #[test]
    fn what_is_malformed_late_unknown_or_forbidden_is_refused_with_its_reason() {
        for (kind, body, why) in [
            ("fly", "", "unknown"),
            ("prolong", "", "malformed"),
            ("prolong", r#","minutes":61"#, "malformed"),
            ("prolong", r#","minutes":-1"#, "malformed"),
            ("start", r#","minutes":0"#, "malformed"),
            ("start", r#","title":"a\nb""#, "malformed"),
            ("start", r#","title":"   ""#, "malformed"),
            ("start", r#","title":"课\u202e课""#, "malformed"),
            ("shutter", r#","closed":"yes""#, "malformed"),
            ("config_get", r#","keys":[]"#, "malformed"),
            ("bundle_upload", r#","url":"http://h/b""#, "malformed"),
            ("bundle_upload", r#","url":"file:///etc/passwd""#, "malformed"),
            ("log_level", r#","level":"loud""#, "malformed"),
            ("log_level", r#","level":"debug","minutes":0"#, "malformed"),
            ("log_level", r#","level":"debug","minutes":1441"#, "malformed"),
            ("restart", r#","force":"yes""#, "malformed"),
        ] {
            assert_eq!(code(&verdict(kind, body)), why, "{kind}{body}");
        }
        let stop = |until: &str| wanted("stop", &format!(r#"{{"status":"init","valid_until":"{until}"}}"#));
        let now = NOW.parse().ok();
        assert_eq!(code(&judge(&stop("2026-03-02T07:59:59Z"), now, &all(), None)), "late");
        assert_eq!(code(&judge(&stop("2026-03-03T08:00:01Z"), now, &all(), None)), "too_long");
        assert_eq!(code(&judge(&stop("2026-03-02T08:05:00Z"), None, &all(), None)), "no_time");
        let few = BTreeSet::from(["start".to_owned()]);
        assert_eq!(code(&judge(&stop("2026-03-02T08:05:00Z"), now, &few, None)), "forbidden");
        assert_eq!(code(&judge(&wanted("stop", "[1"), now, &all(), None)), "malformed");
    }

    #[test]
    fn a_command_that_comes_again_is_not_done_again() {
        let stop = wanted("stop", r#"{"status":"init","valid_until":"2026-03-02T08:05:00Z"}"#);
        let answer = Answer {
            status: CommandState::Successful,
            time: NOW.parse().unwrap(),
            reason: None,
            reason_zh: None,
            code: None,
            lesson: None,
            result: Default::default(),
        };
        let mut noted = Noted { valid_until: NOW.parse().unwrap(), answer: None };
        assert_eq!(judge(&stop, NOW.parse().ok(), &all(), Some(&noted)), Verdict::Begun);
        noted.answer = Some(answer.clone());
        assert_eq!(judge(&stop, NOW.parse().ok(), &all(), Some(&noted)), Verdict::Repeat(answer.clone()));
        // Its own answer comes back to the box.
        let echo = wanted("stop", &serde_json::to_string(&answer).unwrap());
        assert_eq!(judge(&echo, NOW.parse().ok(), &all(), None), Verdict::Ignore);
        assert_eq!(judge(&wanted("stop", ""), NOW.parse().ok(), &all(), None), Verdict::Ignore);
    }

    proptest! {
        #[test]
        fn no_payload_of_any_kind_is_accepted_after_its_time(
            kind in prop::sample::select(KINDS.to_vec()),
            late_s in 1_i64..10_000_000,
            rest in r#"(,"[a-z]{1,9}":("[^"\\]{0,9}"|[0-9]{1,3}|true|\{\}|\[\]))*"#,
        ) {
            let now: Timestamp = NOW.parse().unwrap();
            let until = now - SignedDuration::from_secs(late_s);
            let payload = format!(r#"{{"status":"init","valid_until":"{until}"{rest}}}"#);
            let verdict = judge(&wanted(kind, &payload), Some(now), &all(), None);
            prop_assert!(matches!(verdict, Verdict::Refuse(_)), "{verdict:?}");
        }
    }
}
