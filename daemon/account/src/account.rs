//! From what is known to what became of a lesson.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lectern_api::account::{Account, Cause, Missing, Outcome, PlannedLesson};
use lectern_api::{LessonId, Text};

use crate::evidence::{Evidence, Media, Stretch};
use crate::span::{Span, Spans};
use crate::words;

/// Media this close to a bell or to each other touch: the mixer's latency, two
/// frames at 10 fps, the rounding of an anchor. A fragment is twice as long, so
/// none that is lost is a seam.
pub const SEAM: SignedDuration = SignedDuration::from_secs(1);

/// What was captured is durable after so long at the latest (3 s), and then a
/// little: nothing is missing yet in the newest seconds of a running lesson.
pub const LAG: Duration = Duration::from_secs(6);

/// What became of a lesson that the timetable has.
#[must_use]
pub fn account(lesson: PlannedLesson, evidence: &Evidence, zone: &TimeZone, now: Timestamp) -> Account {
    let whole = Span { from: lesson.begin, until: lesson.end };
    let over = now >= lesson.end;
    let told_until = if over { lesson.end } else { now.checked_sub(LAG).unwrap_or(now).min(lesson.end) };
    let told = Span::new(lesson.begin, told_until);
    let media: Spans = evidence.media.iter().filter_map(|media| media.span.and(&told?)).collect();
    let holes = told.map_or_else(Spans::default, |told| holes(told, &media));
    let suspended = of_cause(&evidence.stretches, Cause::Suspended);
    let wanted = !Spans::from(whole).minus(&suspended).is_empty();
    let outcome = match () {
        () if media.is_empty() && !wanted => Outcome::NotOwed,
        () if now < lesson.begin => Outcome::Planned,
        () if !over => Outcome::Running,
        () if media.is_empty() => Outcome::Missed,
        () => Outcome::Complete,
    };
    let missing = if outcome == Outcome::NotOwed { Vec::new() } else { caused(holes, &evidence.stretches) };
    let told = told.map_or(SignedDuration::ZERO, |told| told.length());
    let mut account = Account {
        recorded_s: 0.0,
        live_s: evidence.live.within(&whole).length().as_secs_f64(),
        late_s: None,
        missing,
        reason: Text { en: String::new(), zh: String::new() },
        recordings: recordings(&evidence.media, &whole),
        settled: None,
        acknowledged: None,
        outcome,
        lesson,
    };
    if outcome != Outcome::NotOwed {
        account.recorded_s = recorded_s(told, &account.missing);
    }
    account.late_s = (!media.is_empty()).then(|| late_s(&account));
    account.reason = words::reason(&account, zone);
    account
}

/// The account of a lesson that the timetable took out, and why. Somebody may
/// have recorded it all the same.
#[must_use]
pub fn not_owed(lesson: PlannedLesson, why: &Text, evidence: &Evidence) -> Account {
    let whole = Span { from: lesson.begin, until: lesson.end };
    let media: Spans = evidence.media.iter().filter_map(|media| media.span.and(&whole)).collect();
    Account {
        outcome: Outcome::NotOwed,
        recorded_s: media.length().as_secs_f64(),
        live_s: evidence.live.within(&whole).length().as_secs_f64(),
        late_s: None,
        missing: Vec::new(),
        reason: words::not_owed(why),
        recordings: recordings(&evidence.media, &whole),
        settled: None,
        acknowledged: None,
        lesson,
    }
}

/// Where there are no media, without seams.
fn holes(told: Span, media: &Spans) -> Spans {
    let holes = Spans::from(told).minus(media);
    let is_seam = |hole: &Span| hole.length() < SEAM && !media.is_empty();
    holes.iter().filter(|hole| !is_seam(hole)).copied().collect()
}

fn of_cause(stretches: &[Stretch], cause: Cause) -> Spans {
    stretches.iter().filter(|stretch| stretch.cause == cause).map(|stretch| stretch.span).collect()
}

/// Every moment of the holes, with the first cause that holds there.
fn caused(holes: Spans, stretches: &[Stretch]) -> Vec<Missing> {
    let mut causes: Vec<Cause> = stretches.iter().map(|stretch| stretch.cause).collect();
    causes.sort_unstable();
    causes.dedup();
    let mut open = holes;
    let mut out = Vec::new();
    for cause in causes {
        let left = open.minus(&of_cause(stretches, cause));
        out.extend(open.minus(&left).iter().map(|span| (*span, cause)));
        open = left;
    }
    out.extend(open.iter().map(|span| (*span, Cause::Unknown)));
    out.sort_unstable();
    out.into_iter().map(|(span, cause)| Missing { from: span.from, until: span.until, cause }).collect()
}

fn recordings(media: &[Media], whole: &Span) -> Vec<LessonId> {
    let mut ids: Vec<LessonId> =
        media.iter().filter(|m| m.span.and(whole).is_some()).map(|m| m.recording.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// What is told without what is missing: never both, never neither.
pub(crate) fn recorded_s(told: SignedDuration, missing: &[Missing]) -> f64 {
    let missing: SignedDuration = missing.iter().map(|m| m.until.duration_since(m.from)).sum();
    (told - missing).as_secs_f64()
}

/// How long nothing was recorded from the bell on.
pub(crate) fn late_s(account: &Account) -> f64 {
    let begin = account.lesson.begin;
    let from_bell = account.missing.iter().scan(begin, |reached, missing| {
        (missing.from == *reached).then(|| {
            *reached = missing.until;
            *reached
        })
    });
    from_bell.last().unwrap_or(begin).duration_since(begin).as_secs_f64()
}
