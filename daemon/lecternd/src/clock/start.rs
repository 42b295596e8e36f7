//! What time it is before anybody asks: the daemon's start, and its end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::{Clock, TimeSource};

use super::keeper::{Keeper, Look};
use super::memory::{Kept, Machine};
use super::unit::entry;
use super::{BoxClock, ClockState};
use crate::facts::{Facts, FactsError};
use crate::journal::{Entry, Journal};

/// Where the machine's clocks are found.
#[derive(Debug, Clone)]
pub(crate) struct Hardware {
    /// What `/proc` and `/sys` lie under.
    pub(crate) root: PathBuf,
    /// The name of the clock chip (`rtc0`); nothing where it has no battery.
    pub(crate) rtc: Option<String>,
}

impl Hardware {
    pub(super) fn rtc(&self) -> Option<Timestamp> {
        let name = self.rtc.as_deref()?;
        Timestamp::from_second(lectern_hal::clock::rtc(&self.root, name)?).ok()
    }

    pub(super) fn uptime(&self) -> Duration {
        lectern_hal::boot::uptime(&self.root).unwrap_or_default()
    }
}

/// No such software was ever made before; a release says when it was.
const NOT_BEFORE: &str = "2026-01-01T00:00:00Z";

/// What the clock is at the daemon's start.
#[derive(Debug)]
pub(crate) struct Woken {
    pub(crate) clock: Arc<BoxClock>,
    pub(crate) journal: Arc<Journal>,
    pub(super) facts: Arc<Facts>,
    pub(super) machine: Machine,
    pub(super) hardware: Hardware,
}

/// Decides what time it is before anybody asks, and writes the start down. A
/// disk that does not take it keeps nobody from recording. Waits for the disk.
pub(crate) fn wake(system: Arc<dyn Clock>, facts: Arc<Facts>, hardware: Hardware) -> Woken {
    let kept = Kept::read(&facts).unwrap_or_else(|error| {
        tracing::error!(%error, "what time it was is not known any more");
        None
    });
    let (boot_id, uptime) = (lectern_hal::boot::id(&hardware.root), hardware.uptime());
    let same_boot = kept.as_ref().zip(boot_id.as_deref()).and_then(|(kept, id)| kept.passed(id, uptime));
    let boots = kept.as_ref().map_or(0, |kept| kept.boots) + u64::from(same_boot.is_none());
    let rtc = hardware.rtc();
    let look = look_at(&*system, rtc, false);
    let (keeper, happened) = Keeper::wake(kept.as_ref(), boot_id.as_deref(), uptime, look, floor());
    let clock = Arc::new(BoxClock { system, keeper: keeper.into() });
    let trust = clock.trust();
    tracing::info!(source = ?trust.source, verdict = ?trust.verdict, utc = %clock.utc(), boots, "the clock");
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let journal = Arc::new(Journal::new(Arc::clone(&facts), shared));
    let machine = Machine { boot_id, uptime, boots };
    let clean = kept.as_ref().is_some_and(|kept| kept.clean);
    let last_alive = kept.filter(|kept| kept.source != TimeSource::None).map(|kept| kept.at);
    let started = Entry::Started { boots, same_boot: same_boot.is_some(), clean, last_alive };
    let written = [started]
        .into_iter()
        .chain(happened.iter().filter_map(entry))
        .try_for_each(|entry| journal.append(entry));
    if let Err(error) = written.and_then(|()| journal.thin_out()) {
        tracing::error!(%error, "the daemon's start is not in the journal");
    }
    if let Err(error) = clock.kept(&machine).write(&facts) {
        tracing::error!(%error, "the next start will not know what time it was");
    }
    Woken { clock, journal, facts, machine, hardware }
}

/// Both clocks of one moment: a thread that was put aside in between would see
/// the system's clock leap.
pub(super) fn look_at(clock: &dyn Clock, rtc: Option<Timestamp>, on_air: bool) -> Look {
    let kernel = lectern_hal::clock::sync(Path::new("/"));
    let both = || {
        let (before, system) = (clock.monotonic(), clock.utc());
        (clock.monotonic().saturating_sub(before), before, system)
    };
    let mut seen = both();
    for _ in 0..3 {
        if seen.0 > AT_ONCE {
            seen = both();
        }
    }
    Look { at: seen.1, system: seen.2, kernel, rtc, on_air }
}

const AT_ONCE: Duration = Duration::from_millis(20);

/// The date of the release, where its build was told it.
fn floor() -> Timestamp {
    let told = option_env!("SOURCE_DATE_EPOCH").and_then(|seconds| seconds.parse().ok());
    let released = told.and_then(|seconds| Timestamp::from_second(seconds).ok());
    released.or_else(|| NOT_BEFORE.parse().ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl BoxClock {
    pub(super) fn kept(&self, machine: &Machine) -> Kept {
        let keeper = self.keeper();
        let at = self.system.monotonic();
        Kept::new(keeper.utc(at), keeper.trust(at), keeper.rtc_offset(), machine)
    }

    pub(super) fn state(&self, boots: u64) -> ClockState {
        self.keeper().state(self.system.monotonic(), boots)
    }
}

impl Woken {
    /// What is known at the start.
    pub(crate) fn state(&self) -> ClockState {
        self.clock.state(self.machine.boots)
    }

    /// Writes the daemon's end down. Waits for the disk.
    pub(crate) fn stop(&self) -> Result<(), FactsError> {
        self.journal.append(Entry::Stopped)?;
        let machine = Machine { uptime: self.hardware.uptime(), ..self.machine.clone() };
        Kept { clean: true, ..self.clock.kept(&machine) }.write(&self.facts)
    }
}
