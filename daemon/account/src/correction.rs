//! A settled account is the word that was given. It changes in one direction
//! only: media that turn up later fill what was missing.

use jiff::tz::TimeZone;
use lectern_api::account::{Account, Missing, Outcome};

use crate::account::{SEAM, late_s, recorded_s};
use crate::evidence::Media;
use crate::span::{Span, Spans};
use crate::words;

/// The account with media that it did not know of; nothing when they fill
/// nothing. Whoever took note of it before need not do so again.
#[must_use]
pub fn corrected(account: &Account, media: &[Media], zone: &TimeZone) -> Option<Account> {
    if !matches!(account.outcome, Outcome::Complete | Outcome::Missed) {
        return None;
    }
    let found: Spans = media.iter().map(|media| media.span).collect();
    let missing: Vec<Missing> = account.missing.iter().flat_map(|missing| without(missing, &found)).collect();
    if missing == account.missing {
        return None;
    }
    let mut better = Account { missing, outcome: Outcome::Complete, ..account.clone() };
    let filled = |media: &&Media| {
        account.missing.iter().any(|m| media.span.and(&Span { from: m.from, until: m.until }).is_some())
    };
    better.recordings.extend(media.iter().filter(filled).map(|media| media.recording.clone()));
    better.recordings.sort_unstable();
    better.recordings.dedup();
    better.recorded_s = recorded_s(better.lesson.end.duration_since(better.lesson.begin), &better.missing);
    better.late_s = Some(late_s(&better));
    better.reason = words::reason(&better, zone);
    Some(better)
}

/// What is left of a missing stretch. What is shorter than a seam beside media
/// is one.
fn without(missing: &Missing, found: &Spans) -> Vec<Missing> {
    let Some(whole) = Span::new(missing.from, missing.until) else { return Vec::new() };
    if !found.touches(&whole) {
        return vec![*missing];
    }
    let left = Spans::from(whole).minus(found);
    let left = left.iter().filter(|span| span.length() >= SEAM);
    left.map(|span| Missing { from: span.from, until: span.until, cause: missing.cause }).collect()
}
