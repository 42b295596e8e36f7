//! Every fault that the box can have, as a table: how bad it is, how long it
//! must hold before it is told and be gone before it is over, when it counts,
//! what is behind it, and what the box does about it by itself. A new fault is a
//! row here and a rule that finds it.

use std::time::Duration;

use lectern_api::fault::Severity;
use lectern_api::repair::{Part, Repair};

/// One kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Dotted, for the log, the API and the broker. Never changes its meaning.
    pub(crate) code: &'static str,
    /// How bad, where its rule does not say otherwise.
    pub(super) severity: Severity,
    /// It must have held for so long.
    pub(super) raise_after: Duration,
    /// It must have been gone for so long.
    pub(super) clear_after: Duration,
    pub(super) gate: Gate,
    pub(super) silence: Silence,
    /// While one of this code is open, this is its consequence, not a fault of
    /// its own.
    pub(super) parent: Option<&'static str>,
    /// Only where that one is of the same thing: a camera does not explain the
    /// picture of another.
    pub(super) is_of_its_own: bool,
    /// What is tried, step by step, the gentlest first; never one step back.
    pub(super) mends: &'static [Repair],
    /// What a technician may have to bring.
    pub(super) part: Option<Part>,
    /// Somebody in the room can end it: a plug, a switch, a lens cap, air. The
    /// others are told to those who look after boxes.
    pub(super) is_at_hand: bool,
}

/// When a fault may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// At any time.
    Always,
    /// While a lesson runs or is being prepared: what an idle room lacks is no
    /// fault.
    InUse,
}

/// What it means when nobody finds an open fault any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// That it is over: the rule looks at any time.
    IsOver,
    /// Nothing: the thing is not looked at now. Only evidence ends it.
    IsNoEvidence,
}

/// Looks are a second apart: a time between two of them asks for so many looks
/// more, however punctual they are.
const fn looks(count: u64) -> Duration {
    Duration::from_millis(count * 1000 - 500)
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn row(code: &'static str, severity: Severity) -> Row {
    Row {
        code,
        severity,
        raise_after: Duration::ZERO,
        clear_after: Duration::ZERO,
        gate: Gate::Always,
        silence: Silence::IsOver,
        parent: None,
        is_of_its_own: false,
        mends: &[],
        part: None,
        is_at_hand: false,
    }
}

impl Row {
    const fn after(self, raise: Duration, clear: Duration) -> Self {
        Self { raise_after: raise, clear_after: clear, ..self }
    }

    /// Of something that is only looked at while the room is in use.
    const fn of_the_room(self) -> Self {
        Self { gate: Gate::InUse, silence: Silence::IsNoEvidence, ..self }
    }

    const fn until_evidence(self) -> Self {
        Self { silence: Silence::IsNoEvidence, ..self }
    }

    const fn because_of(self, parent: &'static str) -> Self {
        Self { parent: Some(parent), ..self }
    }

    const fn because_of_its(self, parent: &'static str) -> Self {
        Self { is_of_its_own: true, ..self.because_of(parent) }
    }

    const fn mends(self, steps: &'static [Repair]) -> Self {
        Self { mends: steps, ..self }
    }

    const fn part(self, part: Part) -> Self {
        Self { part: Some(part), ..self }
    }

    const fn at_hand(self) -> Self {
        Self { is_at_hand: true, ..self }
    }
}

use Repair::{FreeRoom, NextEncoder, OtherUplink, Reboot, Replug, RestartDaemon, RestartSource};
use Severity::{Critical, Major, Minor, Warning};

/// A device of the box that is gone, or of which a pipeline would not let go.
const DEVICE: &[Repair] = &[RestartSource, Replug, RestartDaemon, Reboot];
/// Most often something that a person switched off: nothing else suffers for it.
const SOURCE: &[Repair] = &[RestartSource, Replug];
/// The record itself.
const RECORD: &[Repair] = &[NextEncoder, RestartDaemon, Reboot];
/// Something out there that does not answer: perhaps it does by another way.
const WAY_OUT: &[Repair] = &[OtherUplink];
const ROOM: &[Repair] = &[FreeRoom];

/// The table. Sources notice a loss themselves within 2.5 s, their guards what is
/// wrong with what they bring within 2, so that the broker has it within 5.
pub(crate) const CATALOGUE: [Row; 37] = [
    row("camera.lost", Major)
        .after(looks(1), looks(2))
        .of_the_room()
        .mends(DEVICE)
        .part(Part::Camera)
        .at_hand(),
    row("board.no_signal", Major)
        .after(looks(1), looks(2))
        .of_the_room()
        .mends(SOURCE)
        .part(Part::Cable)
        .at_hand(),
    row("picture.black", Major)
        .after(looks(1), looks(2))
        .of_the_room()
        .because_of_its("camera.lost")
        .at_hand(),
    row("picture.frozen", Major)
        .after(looks(1), looks(2))
        .of_the_room()
        .because_of_its("camera.lost")
        .mends(SOURCE)
        .part(Part::Camera)
        .at_hand(),
    row("picture.exposure", Minor).after(looks(1), looks(2)).of_the_room().because_of_its("camera.lost"),
    row("mic.lost", Major)
        .after(looks(1), looks(2))
        .of_the_room()
        .mends(DEVICE)
        .part(Part::Microphone)
        .at_hand(),
    row("mic.silent", Major)
        .after(looks(1), looks(2))
        .of_the_room()
        .because_of_its("mic.lost")
        .mends(SOURCE)
        .part(Part::Microphone)
        .at_hand(),
    row("mic.clipping", Minor).after(looks(1), looks(2)).of_the_room().because_of_its("mic.lost"),
    row("mic.hum", Minor)
        .after(looks(1), looks(2))
        .of_the_room()
        .because_of_its("mic.lost")
        .part(Part::Cable),
    row("pipeline.restarting", Critical).after(s(0), s(3)).mends(RECORD),
    row("live.refused", Major).after(s(2), s(5)).until_evidence().because_of("uplink.down").mends(WAY_OUT),
    row("live.stalled", Major).after(s(0), s(5)).until_evidence().because_of("uplink.down").mends(WAY_OUT),
    row("uplink.down", Major).after(s(0), s(2)).until_evidence().mends(WAY_OUT).part(Part::Cable).at_hand(),
    row("archive.unreachable", Minor).after(s(5), s(2)).mends(WAY_OUT),
    row("spool.filling", Major).after(s(2), s(10)).mends(ROOM),
    row("spool.full", Critical).after(s(1), s(10)).mends(ROOM),
    row("spool.damaged", Major).part(Part::Disk),
    row("key.missing", Major),
    row("clock.unsynced", Warning).after(s(1), s(1)),
    row("timetable.missing", Major).after(s(2), s(0)),
    row("timetable.ambiguous", Minor),
    row("timetable.pending", Warning),
    row("timetable.rejected", Minor),
    row("timetable.unreachable", Warning).after(s(5), s(2)),
    row("lesson.missed", Major),
    row("reboot.unexpected", Minor).part(Part::PowerSupply),
    // Values that drift: only one below its lower threshold is evidence.
    row("thermal.throttled", Major).after(s(5), s(10)).until_evidence().at_hand(),
    row("thermal.hot", Minor).after(s(5), s(10)).until_evidence().because_of("thermal.throttled"),
    row("power.undervoltage", Major).after(s(0), s(10)).until_evidence().part(Part::PowerSupply).at_hand(),
    row("memory.low", Major).after(s(10), s(10)).until_evidence().mends(&[RestartDaemon, Reboot]),
    row("storage.slow", Major).after(s(5), s(10)).until_evidence().part(Part::Disk),
    row("storage.wear", Minor).until_evidence().part(Part::Disk),
    row("watchdog.reset", Minor).until_evidence(),
    row("encoder.failed", Critical).after(s(1), s(2)).until_evidence().mends(&[NextEncoder, RestartDaemon]),
    row("encoder.fallback", Minor).after(s(1), s(2)).until_evidence(),
    row("certificate.expiring", Minor).until_evidence(),
    // A file that is being written may be seen by halves once.
    row("config.rejected", Minor).after(s(8), s(0)),
];

/// Whether somebody in the room can end a fault of this code.
pub(crate) fn is_at_hand(code: &str) -> bool {
    row_of(code).is_some_and(|row| row.is_at_hand)
}

/// The row of a code.
pub(super) fn row_of(code: &str) -> Option<&'static Row> {
    CATALOGUE.iter().find(|row| row.code == code)
}
