//! What everything else stands on: keys, facts, the time, the machine, the disk.

use std::sync::Arc;

use lectern_api::{Clock, Name};
use lectern_spool::{OpenReport, Options, Retention, Spool};

use super::hardware::Machine;
use super::{StartError, panel};
use crate::clock;
use crate::clock::start::{Hardware, Woken};
use crate::config::Config;
use crate::facts::{self, Facts};
use crate::identity::{Identity, KeyTrouble, Places};
use crate::panel::Lamps;

/// Opened before any unit starts.
pub(super) struct Base {
    pub(super) identity: Identity,
    pub(super) troubles: Vec<KeyTrouble>,
    pub(super) facts: Arc<Facts>,
    pub(super) woken: Arc<Woken>,
    /// That of `woken`.
    pub(super) clock: Arc<dyn Clock>,
    pub(super) machine: Machine,
    pub(super) lamps: Arc<Lamps>,
    pub(super) spool: Arc<Spool>,
    pub(super) report: OpenReport,
    pub(super) retention: Retention,
}

/// Opens it, and says what was found.
pub(super) fn open(config: &Config, system: Arc<dyn Clock>) -> Result<Base, StartError> {
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(std::path::PathBuf::from);
    let places =
        Places { folder: &config.keys.path, credentials: credentials.as_deref(), spool: &config.spool.path };
    let (identity, troubles) = Identity::open(places, config.keys.recovery.clone())?;
    troubles.iter().for_each(KeyTrouble::log);
    tracing::info!(public_key = %identity.public_key(), "this box's manifests are signed with");
    // What time it is, before anything asks.
    let facts = Arc::new(facts::open(&config.facts.path)?);
    let hardware = Hardware { root: "/".into(), rtc: config.clock.rtc.as_ref().map(Name::to_string) };
    let woken = Arc::new(clock::start::wake(system, Arc::clone(&facts), hardware));
    let clock: Arc<dyn Clock> = Arc::clone(&woken.clock) as _;
    let machine = Machine::of(config, &clock);
    // Before anything that takes its time: nothing is recorded yet.
    let lamps = panel::lamps(config, &machine.hardware);
    let options = Options { quota_bytes: config.spool.quota.0, ..Options::default() };
    let (spool, report) = Spool::open(&config.spool.path, options, identity.keyring(), Arc::clone(&clock))?;
    tell(&spool, &report);
    let retention = Retention {
        archives: config.archives.iter().map(|archive| archive.name.clone()).collect(),
        keep_days: config.spool.keep_days,
        discard_unarchived: config.spool.discard_unarchived,
    };
    let spool = Arc::new(spool);
    Ok(Base { identity, troubles, facts, woken, clock, machine, lamps, spool, report, retention })
}

/// What the spool found at its opening, for the log.
fn tell(spool: &Spool, report: &OpenReport) {
    if let Some(path) = spool.unreadable_decisions() {
        tracing::error!(path = %path.display(), "decisions cannot be read: no lesson is deleted until that is mended");
    }
    if !report.locked_lessons.is_empty() {
        tracing::error!(lessons = ?report.locked_lessons, "lessons of another device key cannot be read");
    }
    if report.lost_facts() {
        tracing::error!(index = ?report.index, "the index lost facts: archives are offered again what they have");
    }
    if report.lost_media() {
        tracing::error!(?report, "the spool was damaged: what could not be saved is a gap");
    }
    if !report.lost_something() {
        tracing::info!(recovered = report.recovered_fragments, torn = report.torn_frames, "spool open");
    }
}
