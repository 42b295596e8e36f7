//! `GET /metrics`: the status for Prometheus, in the OpenMetrics text format.
//! Names have the prefix `lectern_` and base units (seconds, bytes) as the
//! convention wants; `docs/fleet/` has a dashboard and alert rules for them.

mod hardware;

use std::fmt;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use lectern_api::fault::{Fault, Severity};
use lectern_api::status::{ArchiveState, LiveState, Role, SourceState, SourceStatus, Status};
use lectern_api::{Bytes, Kbps, Verdict};
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::TypedMetric as _;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::api::{Refused, Shared};

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The status as of now.
pub(super) async fn show(State(api): Shared) -> Result<Response, Refused> {
    let status = api.off_thread(|api| api.status.status()).await?;
    let text = text(status);
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}

fn text(status: Status) -> String {
    let mut registry = Registry::with_prefix("lectern");
    registry.register_collector(Box::new(Collector(status)));
    let mut text = String::new();
    if let Err(error) = prometheus_client::encoding::text::encode(&mut text, &registry) {
        tracing::error!(%error, "metrics");
    }
    text
}

#[derive(Debug)]
struct Collector(Status);

type Label<'a> = [(&'static str, &'a str)];

/// One family: a name, what it says, and a value for each set of labels.
struct Family<'a, 'e>(&'a mut DescriptorEncoder<'e>);

impl Family<'_, '_> {
    fn gauges<'l>(
        &mut self,
        (name, help, unit): (&str, &str, Option<Unit>),
        values: impl IntoIterator<Item = (Vec<(&'static str, &'l str)>, f64)>,
    ) -> fmt::Result {
        self.all(name, help, unit, values, ConstGauge::new)
    }

    fn counters<'l>(
        &mut self,
        (name, help, unit): (&str, &str, Option<Unit>),
        values: impl IntoIterator<Item = (Vec<(&'static str, &'l str)>, u64)>,
    ) -> fmt::Result {
        self.all(name, help, unit, values, ConstCounter::new)
    }

    fn gauge(&mut self, what: (&str, &str, Option<Unit>), value: f64) -> fmt::Result {
        self.gauges(what, [(Vec::new(), value)])
    }

    fn all<'l, V, M: EncodeMetric>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<Unit>,
        values: impl IntoIterator<Item = (Vec<(&'static str, &'l str)>, V)>,
        metric: impl Fn(V) -> M,
    ) -> fmt::Result {
        let mut values = values.into_iter().map(|(labels, value)| (labels, metric(value))).peekable();
        // A family without values is not named at all.
        let Some((_, first)) = values.peek() else { return Ok(()) };
        let kind = first.metric_type();
        let mut encoder = self.0.encode_descriptor(name, help, unit.as_ref(), kind)?;
        for (labels, metric) in values {
            if labels.is_empty() {
                // The only one of its name.
                return metric.encode(encoder);
            }
            let labels: &Label<'_> = &labels;
            metric.encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

impl prometheus_client::collector::Collector for Collector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let status = &self.0;
        let device = &status.device;
        let labels = [("device", device.id.as_str()), ("place", &device.place), ("version", &device.version)];
        Info::new(labels.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()).encode(
            encoder.encode_descriptor("box", "Which box", None, Info::<Vec<(String, String)>>::TYPE)?,
        )?;
        let mut family = Family(&mut encoder);
        lesson(status, &mut family)?;
        sources(status, &mut family)?;
        live(status, &mut family)?;
        archives(status, &mut family)?;
        health(status, &mut family)?;
        hardware::hardware(status, &mut family)
    }
}

fn seconds() -> Option<Unit> {
    Some(Unit::Seconds)
}

fn bytes() -> Option<Unit> {
    Some(Unit::Bytes)
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

#[expect(clippy::cast_precision_loss, reason = "gauges are floating-point numbers")]
fn number(count: u64) -> f64 {
    count as f64
}

fn millis(ms: u64) -> f64 {
    number(ms) / 1e3
}

fn size(Bytes(bytes): Bytes) -> f64 {
    number(bytes)
}

fn rate(Kbps(kbps): Kbps) -> f64 {
    f64::from(kbps) * 125.0
}

fn lesson(status: &Status, family: &mut Family<'_, '_>) -> fmt::Result {
    let lesson = status.lesson.as_ref();
    family.gauge(("lesson_running", "Whether a lesson runs", None), flag(lesson.is_some()))?;
    family.gauge(
        ("shutter_closed", "Whether picture and sound are off", None),
        flag(status.shutter.is_some()),
    )?;
    let of = |value: Option<f64>| value.map(|value| (Vec::new(), value));
    let recorded = ("lesson_recorded", "Media of the running lesson on the disk", seconds());
    family.gauges(recorded, of(lesson.map(|lesson| lesson.recorded_s)))?;
    let missing = ("lesson_gap", "Time of the running lesson without media", seconds());
    family.gauges(missing, of(lesson.map(|lesson| lesson.gap_s)))?;
    let age = ("lesson_last_fragment_age", "Since the newest fragment became durable", seconds());
    family.gauges(age, of(lesson.and_then(|lesson| lesson.last_fragment_age_ms).map(millis)))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Board => "board",
        Role::Camera => "camera",
        Role::Mic => "mic",
        Role::Line => "line",
    }
}

fn sources(status: &Status, family: &mut Family<'_, '_>) -> fmt::Result {
    fn labels(source: &SourceStatus) -> Vec<(&'static str, &str)> {
        vec![("role", role(source.role)), ("source", source.name.as_str())]
    }
    let all = &status.sources;
    let needed = all.iter().filter(|source| source.state != SourceState::Idle);
    let up = needed.map(|source| (labels(source), flag(source.state == SourceState::Running)));
    family.gauges(("source_up", "Whether a source that is needed delivers", None), up)?;
    let ages = all.iter().filter_map(|source| Some((labels(source), millis(source.last_frame_age_ms?))));
    family.gauges(("source_last_frame_age", "Since the newest frame", seconds()), ages)?;
    let reopened = all.iter().map(|source| (labels(source), source.restarts));
    family.counters(("source_reopened", "How often a source was opened again", None), reopened)
}

fn live(status: &Status, family: &mut Family<'_, '_>) -> fmt::Result {
    let all = &status.live;
    let labels = |name| vec![("target", name)];
    let needed = all.iter().filter(|live| live.state != LiveState::Idle);
    let up = needed.map(|live| (labels(live.name.as_str()), flag(live.state == LiveState::Sending)));
    family.gauges(("live_up", "Whether a live target that is needed is sent to", None), up)?;
    let rates = all.iter().map(|live| (labels(live.name.as_str()), rate(live.bitrate_kbps)));
    family.gauges(("live_sent_bytes_per_second", "What goes to a live target", None), rates)?;
    let trips = all.iter().filter_map(|live| Some((labels(live.name.as_str()), millis(live.rtt_ms?))));
    family.gauges(("live_round_trip", "There and back", seconds()), trips)?;
    let connections = all.iter().map(|live| (labels(live.name.as_str()), live.attempts));
    family.counters(("live_connections", "Connections begun", None), connections)?;
    let dropped = all.iter().map(|live| (labels(live.name.as_str()), live.dropped_frames));
    family.counters(("live_dropped_frames", "Frames that a live target did not get", None), dropped)
}

fn archives(status: &Status, family: &mut Family<'_, '_>) -> fmt::Result {
    let all = &status.archive;
    let labels = |name| vec![("archive", name)];
    let up = all.iter().map(|a| (labels(a.name.as_str()), flag(a.state != ArchiveState::Retrying)));
    family.gauges(("archive_up", "Whether the last upload to a store worked", None), up)?;
    let pending = all.iter().map(|a| (labels(a.name.as_str()), a.pending_s));
    family.gauges(("archive_pending", "Media that a store still lacks", seconds()), pending)?;
    let bytes_pending = all.iter().map(|a| (labels(a.name.as_str()), size(a.pending_bytes)));
    family.gauges(("archive_pending_size", "The same", bytes()), bytes_pending)?;
    let rates = all.iter().map(|a| (labels(a.name.as_str()), rate(a.rate_kbps)));
    family.gauges(("archive_sent_bytes_per_second", "What goes to a store", None), rates)?;
    let free = ("spool_free", "Recording that still fits on the disk", seconds());
    family.gauge(free, status.spool.free_s)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::Major => "major",
        Severity::Minor => "minor",
        Severity::Warning => "warning",
    }
}

fn health(status: &Status, family: &mut Family<'_, '_>) -> fmt::Result {
    fn labels(fault: &Fault) -> Vec<(&'static str, &str)> {
        vec![("code", &fault.code), ("severity", severity(fault.severity)), ("unit", &fault.unit)]
    }
    let open = status.faults.iter().map(|fault| (labels(fault), 1.0));
    family.gauges(("fault", "1 for each open fault", None), open)?;
    let clock = &status.clock;
    let believed = clock.verdict.map(|verdict| (Vec::new(), flag(verdict == Verdict::Believed)));
    family.gauges(("clock_believed", "Whether the time is known beyond doubt", None), believed)?;
    let off = clock.uncertainty_ms.map(|ms| (Vec::new(), millis(ms)));
    family.gauges(("clock_uncertainty", "How far the time may be off", seconds()), off)?;
    let restarts = status.units.iter().map(|unit| (vec![("unit", unit.name.as_str())], unit.restarts));
    family.counters(("unit_restarts", "How often a unit failed and was started again", None), restarts)?;
    let missed = f64::from(status.accounts.missed_total);
    family.gauge(("lessons_missed", "Missed lessons that nobody has taken note of", None), missed)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn status() -> Status {
        serde_json::from_value(serde_json::json!({
            "device": {"id": "LB-1", "place": "张村小学", "version": "0.1.0", "boot_id": ""},
            "lesson": {
                "id": "a", "title": "", "state": "on_air", "since": "2026-09-07T00:20:00Z", "until": null,
                "trigger": "hand", "recorded_s": 12.5, "gap_s": 0.0, "fragments": 6, "last_fragment_age_ms": 800,
            },
            "next": null,
            "sources": [
                {"name": "camera", "role": "camera", "state": "lost", "last_frame_age_ms": null, "restarts": 3},
                {"name": "mic", "role": "mic", "state": "idle", "last_frame_age_ms": 40, "restarts": 0},
            ],
            "live": [{
                "name": "platform", "state": "sending", "bitrate_kbps": 2000, "step": 0, "rtt_ms": 35,
                "attempts": 2, "abandoned": 0, "dropped_frames": 7,
            }],
            "spool": {"pending_s": 4.0, "pending_bytes": 1000, "free_s": 3600.0},
            "archive": [{"name": "district", "state": "retrying", "pending_s": 4.0, "pending_bytes": 1000}],
            "faults": [{
                "code": "camera.lost", "severity": "major", "unit": "camera", "since": "2026-09-07T00:20:00Z",
                "text": {"en": "a \"quoted\" text", "zh": "甲"}, "hint": {"en": "b", "zh": "乙"},
            }],
            "clock": {"synced": true, "offset_ms": 0}, "units": [{"name": "spool", "restarts": 1}],
        }))
        .unwrap()
    }

    #[test]
    fn every_part_of_the_status_has_its_metrics_in_base_units() {
        let text = text(status());
        for line in [
            "lectern_box_info{device=\"LB-1\",place=\"张村小学\",version=\"0.1.0\"} 1",
            "lectern_lesson_running 1.0",
            "lectern_lesson_recorded_seconds 12.5",
            "lectern_lesson_last_fragment_age_seconds 0.8",
            "lectern_source_up{role=\"camera\",source=\"camera\"} 0.0",
            "lectern_source_reopened_total{role=\"camera\",source=\"camera\"} 3",
            "lectern_live_up{target=\"platform\"} 1.0",
            "lectern_live_sent_bytes_per_second{target=\"platform\"} 250000.0",
            "lectern_live_round_trip_seconds{target=\"platform\"} 0.035",
            "lectern_archive_up{archive=\"district\"} 0.0",
            "lectern_archive_pending_size_bytes{archive=\"district\"} 1000.0",
            "lectern_spool_free_seconds 3600.0",
            "lectern_fault{code=\"camera.lost\",severity=\"major\",unit=\"camera\"} 1.0",
            "lectern_unit_restarts_total{unit=\"spool\"} 1",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("lectern_source_up{role=\"mic\""), "an idle source is neither up nor down");
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn a_name_stands_once_however_many_values_it_has() {
        let text = text(status());
        let mut names: Vec<&str> = text.lines().filter(|line| line.starts_with("# TYPE ")).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
