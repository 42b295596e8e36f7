//! The machine: real or played, its sensors, and the certificates that it shows.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lectern_api::Clock;
use lectern_api::hardware::CertificateStatus;
use lectern_api::mqtt::Inventory;
use lectern_hal::sensors::storage::smart::Smart;
use lectern_hal::sim::Simulated;
use lectern_hal::{Hardware, Linux};
use lectern_helper::Client;
use tokio::sync::watch;

use super::endless;
use crate::certificate;
use crate::config::Config;
use crate::hardware::smart::{Disks, HelperSmart, Rounds};
use crate::hardware::{LOOK, Memory, Sampled, Sensors};
use crate::off_thread::off_thread;
use crate::supervisor::Supervisor;

/// How often it is looked which disk is to be asked how it is.
const WHOSE_TURN: Duration = Duration::from_secs(60);

/// The machine: this one, or one that is played from now on.
pub(super) struct Machine {
    pub(super) hardware: Arc<dyn Hardware>,
    /// The one that is played, as its disks answer.
    played: Option<Simulated>,
}

impl Machine {
    pub(super) fn of(config: &Config, clock: &Arc<dyn Clock>) -> Self {
        match &config.hardware.simulation {
            Some(script) => {
                tracing::warn!("the hardware is simulated");
                let (clock, begun) = (Arc::clone(clock), clock.monotonic());
                let played = Simulated::new(script.clone(), move || clock.monotonic().saturating_sub(begun));
                Self { hardware: Arc::new(played.clone()), played: Some(played) }
            }
            None => {
                let real = Linux::new("/".as_ref());
                let real = real.watching("spool", &config.spool.path).watching("facts", &config.facts.path);
                Self { hardware: Arc::new(real), played: None }
            }
        }
    }
}

/// What is known of the machine.
pub(super) struct Known {
    pub(super) sampled: watch::Receiver<Option<Sampled>>,
    pub(super) inventory: watch::Receiver<Option<Inventory>>,
    pub(super) certificates: watch::Receiver<Vec<CertificateStatus>>,
}

/// `helper` is whoever may ask disks.
pub(super) fn start(
    supervisor: &mut Supervisor,
    config: &Config,
    machine: &Machine,
    helper: Option<Client>,
    clock: &Arc<dyn Clock>,
) -> Known {
    let simulated = machine.played.is_some();
    let smart: Option<Arc<dyn Smart>> = match machine.played.clone() {
        Some(played) => Some(Arc::new(played)),
        None => helper.map(|helper| Arc::new(HelperSmart(helper)) as _),
    };
    let (state, sampled) = watch::channel(None);
    let (parts, inventory) = watch::channel(None);
    let memory = Memory::default();
    if let Some(smart) = smart {
        let (look, rounds) = match simulated {
            true => (LOOK, Rounds::at_every_look()),
            false => (WHOSE_TURN, Rounds::daily()),
        };
        let rounds = Arc::new(Mutex::new(rounds));
        let disks = Disks { smart, rounds, look, clock: Arc::clone(clock), memory: memory.clone() };
        supervisor.unit("disks", move || endless(disks.clone().run()));
    }
    let machine = Arc::clone(&machine.hardware);
    let sensors = Sensors { machine, simulated, clock: Arc::clone(clock), state, inventory: parts, memory };
    supervisor.unit("sensors", move || endless(sensors.clone().run()));

    let (read, certificates) = watch::channel(Vec::new());
    let shown: Vec<(String, PathBuf)> = config
        .mqtt
        .iter()
        .filter_map(|mqtt| Some(("mqtt".to_owned(), mqtt.broker.client_certificate.clone()?)))
        .collect();
    if !shown.is_empty() {
        supervisor.unit("certificates", move || endless(look_at(shown.clone(), read.clone())));
    }
    Known { sampled, inventory, certificates }
}

/// A certificate lasts for months; a new one is to be seen soon after it came.
const CERTIFICATES_EACH: Duration = Duration::from_secs(600);

/// Reads them now and then.
async fn look_at(shown: Vec<(String, PathBuf)>, read: watch::Sender<Vec<CertificateStatus>>) {
    let mut look = tokio::time::interval(CERTIFICATES_EACH);
    loop {
        look.tick().await;
        let shown = shown.clone();
        let all = off_thread(move || {
            let one = |(name, path): (String, PathBuf)| match certificate::expires(&path) {
                Ok(until) => Some(CertificateStatus { name, until }),
                Err(error) => {
                    tracing::warn!(%error, "nobody knows how long a certificate counts");
                    None
                }
            };
            shown.into_iter().filter_map(one).collect::<Vec<_>>()
        });
        read.send_replace(all.await);
    }
}
