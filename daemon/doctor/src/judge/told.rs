//! What the daemon tells of itself. Its faults are told as they are.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lectern_api::doctor::Check;
use lectern_api::fault::Severity;
use lectern_api::messages::{self, doctor as words};
use lectern_api::status::{ArchiveState, SourceState, Status};

use super::{Turn as _, around, check, plan};
use crate::facts::Facts;

/// A unit may fail once or twice in the life of a daemon.
const OFTEN: u64 = 3;

pub(super) fn faults(facts: &Facts) -> Vec<Check> {
    const CODE: &str = "daemon.faults";
    let Some(status) = facts.daemon.status() else {
        return vec![check(CODE, "", words::needs_daemon()).skip()];
    };
    if status.faults.is_empty() {
        return vec![check(CODE, "", words::no_faults())];
    }
    let told = status.faults.iter().map(|fault| {
        let found = check(&fault.code, &fault.unit, fault.text.clone());
        if fault.severity >= Severity::Major {
            found.fail(fault.hint.clone())
        } else {
            found.warn(fault.hint.clone())
        }
    });
    told.collect()
}

/// Whether a fault is told of this unit already.
fn is_told(status: &Status, unit: &str) -> bool {
    status.faults.iter().any(|fault| fault.unit == unit)
}

pub(super) fn sources(facts: &Facts) -> Vec<Check> {
    const CODE: &str = "source.state";
    let Some(status) = facts.daemon.status() else { return Vec::new() };
    let told = status.sources.iter().filter(|source| !is_told(status, source.name.as_str()));
    told.map(|source| {
        let say = |text| check(CODE, source.name.as_str(), text);
        match source.state {
            SourceState::Running => say(words::source_running(source.last_frame_age_ms.unwrap_or_default())),
            SourceState::Idle => say(words::source_idle()),
            SourceState::Connecting => say(words::source_opening()).skip(),
            SourceState::Lost => say(words::source_lost()).warn(words::source_lost_hint()),
        }
    })
    .collect()
}

pub(super) fn broker(facts: &Facts) -> Check {
    let say = |text| check("broker.link", "", text);
    if plan(facts).is_some_and(|plan| plan.broker.is_none()) {
        return say(words::not_configured()).skip();
    }
    let Some(status) = facts.daemon.status() else { return say(words::needs_daemon()).skip() };
    match &status.broker {
        None => say(words::not_configured()).skip(),
        Some(link) if link.up => say(words::broker_up()),
        Some(link) => {
            let cause = link.cause.clone().unwrap_or_default();
            say(words::broker_down(cause)).fail(words::broker_down_hint())
        }
    }
}

/// Nothing where no group is told.
pub(super) fn robot(facts: &Facts) -> Option<Check> {
    let robot = facts.daemon.status()?.robot.as_ref()?;
    let say = |text| check("robot.told", &robot.kind, text);
    let zone = facts.daemon.status().and_then(|status| status.device.time_zone.as_deref());
    let zone = zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    let time = |at: Timestamp| at.to_zoned(zone).strftime("%m-%d %H:%M").to_string();
    Some(match (&robot.cause, robot.told_at) {
        (Some(cause), _) => say(words::robot_failed(robot.failures, cause)).warn(words::robot_failed_hint()),
        (None, Some(at)) => say(words::robot_told(time(at))),
        (None, None) => say(words::robot_silent()),
    })
}

pub(super) fn archives(facts: &Facts) -> Vec<Check> {
    let Some(status) = facts.daemon.status() else { return Vec::new() };
    let told = status.archive.iter().map(|archive| {
        let say = |text| check("archive.state", archive.name.as_str(), text);
        match (&archive.state, &archive.last_error) {
            (ArchiveState::Retrying, Some(why)) => say(around(why, |why| words::archive_retrying(why)))
                .warn(messages::archive_unreachable_hint()),
            _ => say(words::archive_fine(format!("{:.0}", (archive.pending_s / 60.0).ceil()))),
        }
    });
    told.collect()
}

pub(super) fn timetable(facts: &Facts) -> Check {
    let say = |text| check("timetable.plan", "", text);
    if let Some(status) = facts.daemon.status() {
        let Some(timetable) = &status.timetable else { return say(words::timetable_none()) };
        return match &timetable.in_force {
            Some(version) => say(words::timetable_in_force(version.number, version.lessons)),
            None if timetable.configured => say(words::because_of("timetable.missing")).skip(),
            None => say(words::timetable_none()),
        };
    }
    match facts.nodes.iter().find(|(unit, ..)| unit == "timetable") {
        Some((_, path, true)) => say(words::timetable_there(path.display())),
        Some((_, path, false)) => {
            say(words::timetable_missing(path.display())).fail(words::timetable_missing_hint())
        }
        None if plan(facts).is_some_and(|plan| plan.timetable.is_none()) => say(words::timetable_none()),
        None => say(words::needs_daemon()).skip(),
    }
}

/// Units that were started again; those of sources are their cameras' affair.
pub(super) fn units(facts: &Facts) -> Check {
    let say = |text| check("daemon.units", "", text);
    let Some(status) = facts.daemon.status() else { return say(words::needs_daemon()).skip() };
    let often = status.units.iter().filter(|unit| unit.restarts >= OFTEN);
    let often: Vec<String> = often.map(|unit| format!("{} ({}×)", unit.name, unit.restarts)).collect();
    if often.is_empty() {
        say(words::units_fine(status.units.len()))
    } else {
        say(words::units_restarting(often.join(", "))).warn(words::units_restarting_hint())
    }
}
