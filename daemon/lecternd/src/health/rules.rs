//! From a status to what is wrong with it. Pure.

use lectern_api::fault::Severity;
use lectern_api::status::{ArchiveState, LiveState, Role, SourceState, Status};
use lectern_api::{Text, messages};

/// Something wrong, without its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    pub(super) unit: String,
    pub(super) text: Text,
    pub(super) hint: Text,
}

/// Less than this and the next lesson may not fit: two periods.
const LITTLE_ROOM_S: f64 = 2.0 * 45.0 * 60.0;

/// Less than this and the running lesson is about to be refused.
const NO_ROOM_S: f64 = 30.0;

/// Fragments come every 2 s; after so long the record has stopped.
const RECORD_SILENT_MS: u64 = 10_000;

pub(super) fn findings(status: &Status, now: jiff::Timestamp) -> Vec<Finding> {
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
    for source in status.sources.iter().filter(|s| s.state == SourceState::Lost) {
        let (code, text, hint) = match source.role {
            Role::Camera => ("camera.lost", messages::camera_lost(), messages::camera_lost_hint()),
            Role::Board => ("board.no_signal", messages::board_no_signal(), messages::board_no_signal_hint()),
            Role::Mic | Role::Line => ("mic.lost", messages::mic_lost(), messages::mic_lost_hint()),
        };
        let unit = source.name.to_string();
        findings.push(Finding { code, severity: Severity::Major, unit, text, hint });
    }
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
    } else if status.spool.free_s < LITTLE_ROOM_S {
        findings.push(Finding {
            code: "spool.filling",
            severity: Severity::Major,
            unit: "spool".to_owned(),
            text: messages::spool_filling(format!("{:.0}", status.spool.free_s / 60.0)),
            hint: messages::spool_filling_hint(),
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A box at rest with nothing wrong.
    fn status() -> Status {
        let device = serde_json::json!({"id": "box-1", "place": "301", "version": "0", "boot_id": ""});
        let spool = serde_json::json!({"pending_s": 0.0, "pending_bytes": 0, "free_s": 1e9});
        serde_json::from_value(serde_json::json!({
            "device": device, "lesson": null, "next": null, "sources": [], "live": [], "spool": spool,
            "archive": [], "faults": [], "clock": {"synced": true, "offset_ms": 0}, "units": [],
        }))
        .unwrap()
    }

    #[test]
    fn a_box_at_rest_has_no_fault() {
        assert_eq!(findings(&status(), jiff::Timestamp::UNIX_EPOCH), []);
    }

    #[test]
    fn a_lesson_that_was_joined_late_has_time_for_its_first_fragment() {
        let lesson = |joined: &str| {
            let mut status = status();
            status.lesson = serde_json::from_value(serde_json::json!({
                "id": "a", "title": "", "state": "preparing", "since": "2026-09-07T00:20:00Z", "until": null,
                "trigger": "timetable", "recorded_s": 0.0, "gap_s": 0.0, "fragments": 0,
                "recording_since": joined,
            }))
            .unwrap();
            findings(&status, "2026-09-07T00:31:00Z".parse().unwrap()).len()
        };
        assert_eq!(lesson("2026-09-07T00:30:55Z"), 0);
        assert_eq!(lesson("2026-09-07T00:30:40Z"), 1);
    }

    #[test]
    fn a_record_that_is_silent_is_a_fault_unless_the_shutter_is_closed() {
        let mut status = status();
        status.lesson = serde_json::from_value(serde_json::json!({
            "id": "lesson", "title": "", "state": "on_air", "since": "1970-01-01T00:00:00Z", "until": null,
            "trigger": "hand", "recorded_s": 20.0, "gap_s": 0.0, "fragments": 10, "last_fragment_age_ms": 60_000,
        }))
        .unwrap();
        let now = jiff::Timestamp::from_second(100).unwrap();
        assert_eq!(findings(&status, now)[0].code, "pipeline.restarting");
        status.shutter = serde_json::from_value(serde_json::json!({
            "since": "1970-01-01T00:00:40Z", "until": null,
        }))
        .unwrap();
        assert_eq!(findings(&status, now), []);
    }

    #[test]
    fn a_key_that_changed_is_one_fault_which_counts_the_lessons_it_closed() {
        let (mut changed, mut locked, mut both) = (status(), status(), status());
        let trouble = messages::keys_foreign("/var/spool/lectern");
        changed.device.key_troubles = vec![trouble.clone()];
        locked.spool.locked_lessons = 3;
        both.device.key_troubles = vec![trouble.clone()];
        both.spool.locked_lessons = 3;
        for (status, text) in
            [(changed, trouble), (locked, messages::key_missing(3)), (both, messages::key_missing(3))]
        {
            let found = findings(&status, jiff::Timestamp::UNIX_EPOCH);
            let [fault] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!((fault.code, fault.severity), ("key.missing", Severity::Major));
            assert_eq!((&fault.text, &fault.hint), (&text, &messages::key_missing_hint()));
        }
        assert!(messages::key_missing(3).zh.starts_with("盒子换了密钥，之前有〔3〕节录像在本机打不开"));
    }
}
