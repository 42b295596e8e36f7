//! From a status to what is wrong with it. Pure.

mod accounts;
mod certificates;
mod config;
pub(crate) mod guards;
mod hardware;

use std::collections::BTreeSet;

use lectern_api::check::{CheckResult, Checked, PreClassCheck};
use lectern_api::fault::Severity;
use lectern_api::status::{ArchiveState, ClockStatus, LiveState, Role, SourceState, SourceStatus, Status};
use lectern_api::{TimeSource, Verdict, messages};

use super::book::{Finding, Key, Look};

/// Less than this and the next lesson may not fit: two periods.
const LITTLE_ROOM_S: f64 = 2.0 * 45.0 * 60.0;

/// Less than this and the running lesson is about to be refused.
const NO_ROOM_S: f64 = 30.0;

/// Fragments come every 2 s; after so long the record has stopped.
const RECORD_SILENT_MS: u64 = 10_000;

/// One look.
pub(super) fn look(status: &Status, now: jiff::Timestamp) -> Look {
    let mut look = Look { wrong: findings(status, now), fine: fine(status), in_use: is_in_use(status) };
    hardware::look(status, now, &mut look);
    certificates::look(status, now, &mut look);
    look
}

/// What is looked at in use only, and has shown that it is well.
fn fine(status: &Status) -> BTreeSet<Key> {
    let mut fine = guards::fine(status);
    let mut well = |code: &'static str, unit: &dyn std::fmt::Display| fine.insert((code, unit.to_string()));
    for source in status.sources.iter().filter(|source| source.state == SourceState::Running) {
        // A blue screen in its place is no signal either.
        if source.picture.is_none_or(|picture| picture.no_signal.is_none()) {
            well(lost_code(source.role), &source.name);
        }
    }
    for live in status.live.iter().filter(|live| live.state == LiveState::Sending) {
        well("live.refused", &live.name);
        well("live.stalled", &live.name);
        well("uplink.down", &UPLINK);
    }
    let checked = status.check.iter().flat_map(|check| &check.items);
    for item in checked.filter(|item| item.result == CheckResult::Fine) {
        match item.what {
            Checked::Live => well("live.refused", &item.unit),
            Checked::Uplink => well("uplink.down", &item.unit),
            _ => false,
        };
    }
    fine
}

/// The unit of the one link that the box has.
const UPLINK: &str = "uplink";

fn lost_code(role: Role) -> &'static str {
    match role {
        Role::Camera => "camera.lost",
        Role::Board => "board.no_signal",
        Role::Mic | Role::Line => "mic.lost",
    }
}

fn findings(status: &Status, now: jiff::Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Behind a closed shutter nothing is recorded, and that is what was wanted.
    if let Some(lesson) = status.lesson.as_ref().filter(|_| status.shutter.is_none()) {
        // Of a lesson that was joined late, or that goes on, from then on.
        let since = lesson.recording_since.unwrap_or(lesson.since);
        let on_air_ms = u64::try_from(now.duration_since(since).as_millis()).unwrap_or(0);
        let silent_ms = lesson.last_fragment_age_ms.unwrap_or(u64::MAX).min(on_air_ms);
        if silent_ms > RECORD_SILENT_MS {
            findings.push(Finding {
                code: "pipeline.restarting",
                severity: Severity::Critical,
                unit: "record".to_owned(),
                text: messages::record_silent(silent_ms / 1000),
                hint: messages::record_silent_hint(),
            });
        }
    }
    for source in status.sources.iter().filter(|s| is_missed(s, status, now)) {
        let (text, hint) = match source.role {
            Role::Camera => (messages::camera_lost(), messages::camera_lost_hint()),
            Role::Board => (messages::board_no_signal(), messages::board_no_signal_hint()),
            Role::Mic | Role::Line => (messages::mic_lost(), messages::mic_lost_hint()),
        };
        let code = lost_code(source.role);
        let unit = source.name.to_string();
        findings.push(Finding { code, severity: Severity::Major, unit, text, hint });
    }
    findings.extend(guards::findings(status, now));
    for live in &status.live {
        let (code, text, hint) = match live.state {
            LiveState::Waiting => ("live.refused", messages::live_refused(), messages::live_refused_hint()),
            LiveState::Stalled => ("live.stalled", messages::live_stalled(), messages::live_stalled_hint()),
            LiveState::Idle | LiveState::Connecting | LiveState::Sending => continue,
        };
        let unit = live.name.to_string();
        findings.push(Finding { code, severity: Severity::Major, unit, text, hint });
    }
    for archive in status.archive.iter().filter(|a| a.state == ArchiveState::Retrying) {
        findings.push(Finding {
            code: "archive.unreachable",
            severity: Severity::Minor,
            unit: archive.name.to_string(),
            text: messages::archive_unreachable(format!("{:.0}", (archive.pending_s / 60.0).ceil())),
            hint: messages::archive_unreachable_hint(),
        });
    }
    let locked = status.spool.locked_lessons;
    let text = match status.device.key_troubles.first() {
        _ if locked > 0 => Some(messages::key_missing(locked)),
        trouble => trouble.cloned(),
    };
    if let Some(text) = text {
        findings.push(Finding {
            code: "key.missing",
            severity: Severity::Major,
            unit: "keys".to_owned(),
            text,
            hint: messages::key_missing_hint(),
        });
    }
    findings.extend(clock(&status.clock));
    if let Some(path) = &status.spool.unreadable_decisions {
        findings.push(Finding {
            code: "spool.damaged",
            severity: Severity::Major,
            unit: "decisions".to_owned(),
            text: messages::decisions_unreadable(path),
            hint: messages::decisions_unreadable_hint(),
        });
    }
    if status.spool.made_way > 0 {
        findings.push(Finding {
            code: "spool.full",
            severity: Severity::Critical,
            unit: "lessons".to_owned(),
            text: messages::spool_made_way(status.spool.made_way),
            hint: messages::spool_made_way_hint(),
        });
    }
    if status.spool.free_s < NO_ROOM_S {
        findings.push(Finding {
            code: "spool.full",
            severity: Severity::Critical,
            unit: "spool".to_owned(),
            text: messages::spool_full(),
            hint: messages::spool_full_hint(),
        });
    } else if status.spool.free_s < LITTLE_ROOM_S.max(rest_s(status, now)) {
        findings.push(Finding {
            code: "spool.filling",
            severity: Severity::Major,
            unit: "spool".to_owned(),
            text: messages::spool_filling(format!("{:.0}", status.spool.free_s / 60.0)),
            hint: messages::spool_filling_hint(),
        });
    }
    findings.extend(status.timetable.iter().flat_map(super::timetable::findings));
    findings.extend(accounts::findings(&status.accounts));
    findings.extend(status.config.iter().flat_map(config::findings));
    before_the_bell(status, &mut findings);
    findings
}

/// What is wrong with the time. Where no bell rings it is as bad as a full disk.
fn clock(clock: &ClockStatus) -> Option<Finding> {
    let unknown = match clock.verdict? {
        Verdict::Believed => return None,
        Verdict::Unsure => false,
        Verdict::Unknown => true,
    };
    let hint = messages::clock_hint();
    let (text, hint) = match (clock.ahead_ms, clock.source) {
        (Some(ahead), _) if unknown => {
            (messages::clock_ahead(ahead.div_ceil(60_000)), messages::clock_ahead_hint())
        }
        (Some(ahead), _) => {
            (messages::clock_ahead_a_little(ahead.div_ceil(1000)), messages::clock_ahead_hint())
        }
        _ if unknown => (messages::clock_unknown(), hint),
        (_, TimeSource::Rtc) => (messages::clock_by_rtc(), hint),
        (_, TimeSource::ServerHint) => (messages::clock_by_hint(), hint),
        (_, TimeSource::Person | TimeSource::Server | TimeSource::Ntp) => (messages::clock_aged(), hint),
        _ => (messages::clock_by_system(), hint),
    };
    let severity = if unknown { Severity::Critical } else { Severity::Warning };
    Some(Finding { code: "clock.unsynced", severity, unit: "clock".to_owned(), text, hint })
}

/// Whether a lesson runs or is about to: what an idle room lacks is no fault.
fn is_in_use(status: &Status) -> bool {
    status.lesson.is_some() || status.check.is_some()
}

/// Whether a source is lost that should be there.
fn is_missed(source: &SourceStatus, status: &Status, now: jiff::Timestamp) -> bool {
    source.state == SourceState::Lost
        && !(source.role == Role::Board && may_be_off_still(source, status, now))
}

/// Boards are switched on late and boot for long: one that has shown nothing for
/// this lesson may be off until three minutes after the bell. One that has been
/// there and vanishes is missed at once.
fn may_be_off_still(source: &SourceStatus, status: &Status, now: jiff::Timestamp) -> bool {
    let Some(lesson) = &status.lesson else { return true };
    let since_bell = now.duration_since(lesson.bell.unwrap_or(lesson.since));
    let shown = match &source.picture {
        Some(picture) if picture.is_empty() => picture.shown_ms_ago,
        _ => source.last_frame_age_ms,
    };
    let was_there = shown.is_some_and(|age| {
        let room_opened = now.duration_since(lesson.since) + jiff::SignedDuration::from_mins(5);
        i128::from(age) <= room_opened.as_millis()
    });
    since_bell < BOARD_BOOTS && !was_there
}

const BOARD_BOOTS: jiff::SignedDuration = jiff::SignedDuration::from_mins(3);

/// What the running lesson takes still.
fn rest_s(status: &Status, now: jiff::Timestamp) -> f64 {
    let until = status.lesson.as_ref().and_then(|lesson| lesson.until);
    until.map_or(0.0, |until| until.duration_since(now).as_secs_f64())
}

/// What the pre-class check has found, as far as nothing else has.
fn before_the_bell(status: &Status, findings: &mut Vec<Finding>) {
    for item in status.check.iter().flat_map(PreClassCheck::troubles) {
        let (Some(code), Some(hint)) = (&item.code, &item.hint) else { continue };
        let Some((code, severity)) = CHECKED.iter().find(|(known, _)| known == code).copied() else {
            continue;
        };
        if !findings.iter().any(|found| found.code == code && found.unit == item.unit) {
            let (unit, text, hint) = (item.unit.clone(), item.text.clone(), hint.clone());
            findings.push(Finding { code, severity, unit, text, hint });
        }
    }
}

/// The faults that a check can find.
const CHECKED: [(&str, Severity); 8] = [
    ("camera.lost", Severity::Major),
    ("mic.lost", Severity::Major),
    ("mic.silent", Severity::Major),
    ("spool.filling", Severity::Major),
    ("uplink.down", Severity::Major),
    ("live.refused", Severity::Major),
    ("archive.unreachable", Severity::Minor),
    ("clock.unsynced", Severity::Minor),
];

#[cfg(test)]
mod tests;
