//! When an event takes place.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use lectern_api::messages::import as words;
use rrule::RRuleSet;

use super::event::{Event, Stamp};
use crate::mistake::{Mistake, Place};

/// A lesson on every day of ten years.
const MOST: u16 = 4_000;

/// Every beginning of an event in its own zone, before changed instances. A
/// rule without an end is followed to the given date.
pub(super) fn beginnings(event: &Event, end: Date) -> Result<Vec<DateTime>, Box<Mistake>> {
    let mut out = match &event.rule {
        None => vec![event.begin],
        Some((line, rule)) => expand(event, *line, rule, end)?,
    };
    out.extend(event.also.iter().map(|stamp| match stamp {
        Stamp::At(at) => *at,
        Stamp::Day(date) => date.to_datetime(event.begin.time()),
    }));
    out.retain(|at| !event.except.iter().any(|except| except.is(*at)));
    out.sort_unstable();
    out.dedup();
    Ok(out)
}

/// The same in the school's zone.
pub(super) fn dates(event: &Event, school: &TimeZone, end: Date) -> Result<Vec<DateTime>, Box<Mistake>> {
    Ok(beginnings(event, end)?.into_iter().filter_map(|at| in_zone(at, &event.zone, school)).collect())
}

/// A local time of one zone in another.
pub(super) fn in_zone(at: DateTime, from: &TimeZone, to: &TimeZone) -> Option<DateTime> {
    if from == to {
        return Some(at);
    }
    from.to_ambiguous_timestamp(at).compatible().ok().map(|moment| to.to_datetime(moment))
}

/// Whether nothing ends a rule.
pub(super) fn is_endless(rule: &str) -> bool {
    let rule = rule.to_ascii_uppercase();
    !rule.contains("UNTIL=") && !rule.contains("COUNT=")
}

/// A rule counts local days and hours, whatever the zone: it is followed as if
/// the local time were UTC, which no zone's rules can disturb.
fn expand(event: &Event, line: usize, rule: &str, end: Date) -> Result<Vec<DateTime>, Box<Mistake>> {
    let refused = |detail: &dyn std::fmt::Display| {
        let detail: String = detail.to_string().chars().take(160).collect();
        Mistake::boxed(Place::line(line), "RRULE", (words::bad_rule(detail), words::bad_rule_remedy()))
    };
    let often =
        ["SECONDLY", "MINUTELY", "HOURLY"].iter().any(|word| rule.to_ascii_uppercase().contains(word));
    if often {
        return Err(refused(&"FREQ"));
    }
    // rrule cuts weekdays out by bytes, and panics in the middle of a letter.
    if let Some(odd) = rule.split(';').find(|part| !part.is_ascii()) {
        return Err(refused(&odd));
    }
    let mut parts: Vec<String> = rule.split(';').map(|part| until_as_local(part, event)).collect();
    if is_endless(rule) {
        if end < event.begin.date() {
            return Ok(vec![event.begin]);
        }
        parts.push(format!("UNTIL={}T235959Z", end.strftime("%Y%m%d")));
    }
    let start = event.begin.strftime("%Y%m%dT%H%M%SZ");
    let text = format!("DTSTART:{start}\nRRULE:{}", parts.join(";"));
    let set: RRuleSet = text.parse().map_err(|error: rrule::RRuleError| refused(&error))?;
    let dates = set.all(MOST).dates;
    let local = dates.into_iter().filter_map(|date| {
        let moment = jiff::Timestamp::from_second(date.timestamp()).ok()?;
        Some(TimeZone::UTC.to_datetime(moment))
    });
    Ok(local.collect())
}

/// `UNTIL=20270122T155959Z` is UTC, `UNTIL=20270122` the end of a local day.
fn until_as_local(part: &str, event: &Event) -> String {
    let Some((key, value)) = part.split_once('=') else { return part.to_owned() };
    if !key.eq_ignore_ascii_case("UNTIL") {
        return part.to_owned();
    }
    if value.len() == 8 {
        return format!("UNTIL={value}T235959Z");
    }
    let digits = value.trim_end_matches(['Z', 'z']);
    let local = DateTime::strptime("%Y%m%dT%H%M%S", digits).ok().and_then(|at| {
        if digits.len() == value.len() { Some(at) } else { in_zone(at, &TimeZone::UTC, &event.zone) }
    });
    match local {
        Some(at) => format!("UNTIL={}", at.strftime("%Y%m%dT%H%M%SZ")),
        None => part.to_owned(),
    }
}
