//! From facts to what is said about them: pure. Causes come before what follows
//! from them, and what follows is not told beside its cause.

mod daemon;
mod machine;
mod network;
mod told;

use jiff::tz::TimeZone;
use lectern_api::Text;
use lectern_api::doctor::{Check, Outcome};
use lectern_api::messages::doctor as words;

use crate::facts::Facts;
use crate::plan::Plan;

/// What a box's clock is shown in where the configuration does not say.
const USUAL_ZONE: &str = "Asia/Shanghai";

/// Judges.
#[must_use]
pub fn judge(facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.extend(daemon::config(facts));
    checks.push(daemon::daemon(facts));
    checks.extend(told::faults(facts));
    checks.extend(machine::disks(facts));
    checks.extend(machine::secrets(facts));
    checks.extend(machine::sources(facts));
    checks.extend(told::sources(facts));
    checks.push(machine::clock(facts));
    checks.extend(network::checks(facts));
    checks.push(told::broker(facts));
    checks.extend(told::robot(facts));
    checks.extend(told::archives(facts));
    checks.push(told::timetable(facts));
    checks.push(told::units(facts));
    checks.extend(machine::body(facts));
    checks
}

/// What is configured, as far as it can be read.
fn plan(facts: &Facts) -> Option<&Plan> {
    facts.config.plan.as_ref().ok()
}

/// The machine's time as people on site read it.
fn local_time(facts: &Facts) -> String {
    let zone = plan(facts).and_then(|plan| plan.time_zone.as_deref()).unwrap_or(USUAL_ZONE);
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    facts.at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Something that is fine; the other outcomes are made of it.
fn check(code: &str, unit: impl Into<String>, text: Text) -> Check {
    let (code, unit) = (code.to_owned(), unit.into());
    Check { code, unit, outcome: Outcome::Pass, text, hint: None, detail: Vec::new() }
}

/// Turns of a check.
trait Turn {
    fn skip(self) -> Check;
    fn warn(self, hint: Text) -> Check;
    fn fail(self, hint: Text) -> Check;
}

impl Turn for Check {
    fn skip(self) -> Check {
        Check { outcome: Outcome::Skip, ..self }
    }
    fn warn(self, hint: Text) -> Check {
        Check { outcome: Outcome::Warn, hint: Some(hint), ..self }
    }
    fn fail(self, hint: Text) -> Check {
        Check { outcome: Outcome::Fail, hint: Some(hint), ..self }
    }
}

/// A sentence around another one, in both languages.
fn around(inner: &Text, sentence: impl Fn(&str) -> Text) -> Text {
    Text { en: sentence(&inner.en).en, zh: sentence(&inner.zh).zh }
}

/// `7.3 GB`; the digits that somebody needs.
fn size(bytes: u64) -> String {
    let steps = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")];
    match steps.into_iter().find(|(step, _)| bytes >= *step) {
        Some((step, unit)) => format!("{:.1} {unit}", bytes as f64 / step as f64),
        None => format!("{bytes} B"),
    }
}

fn late(code: &str, unit: &str) -> Check {
    check(code, unit, words::no_answer_in_time()).skip()
}

#[cfg(test)]
mod tests;
