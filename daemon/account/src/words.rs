//! An account in one sentence.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lectern_api::Text;
use lectern_api::account::{Account, Missing, Outcome};
use lectern_api::messages::account as words;

/// So many stretches are listed.
const LISTED: usize = 3;

pub(crate) fn reason(account: &Account, zone: &TimeZone) -> Text {
    let missing = account.missing.as_slice();
    let list = listed(missing, zone);
    let length = length(account.missing_s());
    match account.outcome {
        Outcome::Planned => words::to_come(),
        Outcome::NotOwed => not_owed(&lectern_api::account::Cause::Suspended.text()),
        Outcome::Running if missing.is_empty() => words::running_whole(),
        Outcome::Running if account.recorded_s <= 0.0 => words::running_without(&list.en, &list.zh),
        Outcome::Running => words::running_with_gaps(&length.en, &length.zh, &list.en, &list.zh),
        Outcome::Complete if missing.is_empty() => words::whole(),
        Outcome::Complete => words::with_gaps(&length.en, &length.zh, &list.en, &list.zh),
        Outcome::Missed => words::missed(&list.en, &list.zh),
    }
}

pub(crate) fn not_owed(why: &Text) -> Text {
    words::not_owed(&why.en, &why.zh)
}

/// The longest stretches, by time.
fn listed(missing: &[Missing], zone: &TimeZone) -> Text {
    let mut longest: Vec<&Missing> = missing.iter().collect();
    longest.sort_by(|a, b| b.seconds().total_cmp(&a.seconds()));
    longest.truncate(LISTED);
    longest.sort_by_key(|missing| missing.from);
    let mut parts: Vec<Text> = longest.into_iter().map(|missing| stretch(missing, zone)).collect();
    if missing.len() > LISTED {
        parts.push(words::more_stretches(missing.len() - LISTED));
    }
    Text {
        en: parts.iter().map(|part| part.en.as_str()).collect::<Vec<_>>().join(", "),
        zh: parts.iter().map(|part| part.zh.as_str()).collect::<Vec<_>>().join("，"),
    }
}

fn stretch(missing: &Missing, zone: &TimeZone) -> Text {
    let whole_minutes = [missing.from, missing.until].iter().all(|at| at.as_second() % 60 == 0);
    let clock = |at: Timestamp| local(at, zone, whole_minutes);
    let cause = missing.cause.text();
    words::stretch(clock(missing.from), clock(missing.until), &cause.en, &cause.zh)
}

/// `9:14:02`, or `9:14` where seconds say nothing.
pub(crate) fn local(at: Timestamp, zone: &TimeZone, whole_minutes: bool) -> String {
    let at = at.to_zoned(zone.clone());
    let format = if whole_minutes { "%-H:%M" } else { "%-H:%M:%S" };
    at.strftime(format).to_string()
}

/// A length of time; never less than a second.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a lesson")]
fn length(seconds: f64) -> Text {
    let seconds = seconds.max(1.0).round() as u64;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => words::seconds(seconds),
        (minutes, 0) => words::minutes(minutes),
        (minutes, seconds) => words::minutes_and_seconds(minutes, seconds),
    }
}
