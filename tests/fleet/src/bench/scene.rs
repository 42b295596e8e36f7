//! Boxes, line, broker and platform together, and the questions that every
//! phase asks of them.

use std::collections::BTreeMap;
use std::time::Duration;

use lectern_fleet::line::{progress, round};
use lectern_fleet::network::{BROKER, Network, Traffic};
use lectern_fleet::platform::{self, Ear};
use lectern_fleet::squad::{Belief, Report, Squads};
use lectern_fleet::{FleetError, Mosquitto, Platform, Stopwatch, proc};
use serde_json::{Value, json};

/// Where outboxes lie: no disk of one machine flushes for ten thousand.
const IN_MEMORY: &str = "/dev/shm";
const LOOK: Duration = Duration::from_millis(250);
/// After the longest pause of a box, with room for a loaded machine.
const LIMIT: Duration = Duration::from_secs(1200);

/// Everything.
pub(crate) struct Scene {
    pub(crate) boxes: usize,
    pub(crate) squads: Squads,
    pub(crate) platform: Platform,
    pub(crate) broker: Mosquitto,
    pub(crate) network: Network,
    _folder: tempfile::TempDir,
}

/// A moment, for differences.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    at: Stopwatch,
    traffic: Traffic,
    boxes: Report,
    broker_cpu_s: f64,
    messages: u64,
}

/// How the platform listens at the broker.
pub(crate) fn ear(name: &str, is_kept: bool) -> Ear {
    let (host, filter) = (BROKER.to_owned(), "te/#".to_owned());
    Ear { host, port: 1883, filter, name: name.to_owned(), is_kept }
}

impl Scene {
    /// So many boxes, ready to dial, at a broker that is there.
    pub(crate) fn set(boxes: usize, is_encrypted: bool) -> Result<Self, FleetError> {
        let network = Network::lay()?;
        let broker = Mosquitto::start()?;
        let platform = Platform::listen(&ear("platform", true))?;
        let folder = tempfile::Builder::new().prefix("lectern-fleet-").tempdir_in(IN_MEMORY);
        let folder = folder.map_err(FleetError::io(IN_MEMORY))?;
        let begun = Stopwatch::start();
        let url = if is_encrypted { format!("mqtts://{BROKER}") } else { format!("mqtt://{BROKER}") };
        let ca = broker.certificate();
        let ca = is_encrypted.then_some(ca.as_path());
        let squads = Squads::muster(&network, boxes, (&url, ca), folder.path())?;
        progress(format_args!("{boxes} outboxes are open after {:?}", begun.elapsed()));
        Ok(Self { boxes, squads, platform, broker, network, _folder: folder })
    }

    pub(crate) fn moment(&mut self) -> Result<Moment, FleetError> {
        let broker_cpu_s = match self.broker.pid() {
            Some(pid) => proc::cpu(pid)?.as_secs_f64(),
            None => 0.0,
        };
        Ok(Moment {
            at: Stopwatch::start(),
            traffic: self.network.traffic()?,
            boxes: self.squads.report()?,
            broker_cpu_s,
            messages: self.platform.ledger().messages,
        })
    }

    /// What happened since, as figures. `is_same_broker`: its processor time is
    /// that of one process.
    pub(crate) fn since(&mut self, former: &Moment, is_same_broker: bool) -> Result<Value, FleetError> {
        let now = self.moment()?;
        let seconds = former.at.elapsed().as_secs_f64();
        let traffic = now.traffic - former.traffic;
        let broker_s = now.broker_cpu_s - if is_same_broker { former.broker_cpu_s } else { 0.0 };
        let pid = self.broker.pid();
        let broker_bytes = pid.map(proc::resident).transpose()?.unwrap_or_default();
        Ok(json!({
            "seconds": round(seconds),
            "messages_to_platform": now.messages - former.messages,
            "messages_per_s": round((now.messages - former.messages) as f64 / seconds),
            "broker_cpu_s": round(broker_s),
            "broker_cores": round(broker_s / seconds),
            "broker_resident_mb": broker_bytes / 1_000_000,
            "boxes_cpu_s": round(now.boxes.cpu_s - former.boxes.cpu_s),
            "boxes_resident_mb": now.boxes.resident_bytes / 1_000_000,
            "boxes_files": now.boxes.files,
            "up_bytes": traffic.up_bytes,
            "down_bytes": traffic.down_bytes,
            "packets": traffic.packets,
        }))
    }

    /// Waits until every box is connected.
    pub(crate) fn all_up(&mut self) -> Result<Duration, FleetError> {
        self.until("every box is connected", |scene| {
            let report = scene.squads.report()?;
            Ok((report.up == scene.boxes).then_some(()))
        })
    }

    /// Waits until the platform knows of every box what the box holds for true.
    pub(crate) fn all_true(&mut self) -> Result<Duration, FleetError> {
        self.until("the platform's state is that of the boxes", |scene| {
            let report = scene.squads.report()?;
            if report.up < scene.boxes || report.waiting > 0 {
                return Ok(None);
            }
            let beliefs = scene.squads.beliefs()?;
            let wrong = scene.untrue(&beliefs);
            Ok((wrong == 0).then_some(()))
        })
    }

    pub(crate) fn until(
        &mut self,
        what: &str,
        mut look: impl FnMut(&mut Self) -> Result<Option<()>, FleetError>,
    ) -> Result<Duration, FleetError> {
        let begun = Stopwatch::start();
        while look(self)?.is_none() {
            if begun.elapsed() > LIMIT {
                let report = self.squads.report()?;
                let beliefs = self.squads.beliefs()?;
                let what = format!("{what} ({report:?}, {} topics differ)", self.untrue(&beliefs));
                return Err(FleetError::Late { what, seconds: LIMIT.as_secs() });
            }
            std::thread::sleep(LOOK);
        }
        Ok(begun.elapsed())
    }

    /// Topics about which platform and boxes do not agree.
    fn untrue(&self, beliefs: &[Belief]) -> usize {
        let ledger = self.platform.ledger();
        let believed: usize = beliefs.iter().map(|belief| belief.state.len()).sum();
        let agreed: usize = beliefs
            .iter()
            .map(|belief| {
                belief.state.iter().filter(|(topic, value)| ledger.state.get(*topic) == Some(value)).count()
            })
            .sum();
        believed.max(ledger.state.len()) - agreed
    }

    /// Holds the broker and the platform against the boxes: what the broker
    /// keeps for somebody who comes late, and every event by its number.
    pub(crate) fn verdict(&mut self) -> Result<Value, FleetError> {
        let beliefs = self.squads.beliefs()?;
        let kept = platform::kept(&ear("late", false))?;
        let believed: BTreeMap<&String, &Value> =
            beliefs.iter().flat_map(|belief| belief.state.iter()).collect();
        let wrong = believed.iter().filter(|(topic, value)| kept.get(**topic) != Some(value)).count();
        let stale = kept.keys().filter(|topic| !believed.contains_key(topic)).count();
        let ledger = self.platform.ledger();
        let mut holes = Vec::new();
        for belief in &beliefs {
            for number in ledger.missing(&belief.device, &belief.epoch, belief.newest) {
                holes.push(format!("{}:{number}", belief.device));
            }
        }
        Ok(json!({
            "retained": kept.len(),
            "retained_wrong": wrong,
            "retained_stale": stale,
            "events": beliefs.iter().map(|belief| belief.newest).sum::<u64>(),
            "events_lost": holes.len(),
            "events_lost_first": holes.first(),
            "events_repeated": ledger.repeated,
            "events_contradicting": ledger.contradictions.len(),
        }))
    }
}
