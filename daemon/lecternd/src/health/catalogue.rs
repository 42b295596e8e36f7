//! Every fault that the box can have, as a table: how bad it is, how long it
//! must hold before it is told and be gone before it is over, when it counts,
//! and what is behind it. A new fault is a row here and a rule that finds it.

use std::time::Duration;

use lectern_api::fault::Severity;

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
}

use Severity::{Critical, Major, Minor, Warning};

/// The table. Sources notice a loss themselves within 3 s, so that the broker
/// has it within 5.
pub(crate) const CATALOGUE: [Row; 31] = [
    row("camera.lost", Major).after(s(1), s(2)).of_the_room(),
    row("board.no_signal", Major).after(s(1), s(2)).of_the_room(),
    row("mic.lost", Major).after(s(1), s(2)).of_the_room(),
    row("mic.silent", Major).after(s(1), s(2)).of_the_room(),
    row("pipeline.restarting", Critical).after(s(0), s(3)),
    row("live.refused", Major).after(s(2), s(5)).until_evidence().because_of("uplink.down"),
    row("live.stalled", Major).after(s(0), s(5)).until_evidence().because_of("uplink.down"),
    row("uplink.down", Major).after(s(0), s(2)).until_evidence(),
    row("archive.unreachable", Minor).after(s(5), s(2)),
    row("spool.filling", Major).after(s(2), s(10)),
    row("spool.full", Critical).after(s(1), s(10)),
    row("spool.damaged", Major),
    row("key.missing", Major),
    row("clock.unsynced", Warning).after(s(1), s(1)),
    row("timetable.missing", Major).after(s(2), s(0)),
    row("timetable.ambiguous", Minor),
    row("timetable.pending", Warning),
    row("timetable.rejected", Minor),
    row("timetable.unreachable", Warning).after(s(5), s(2)),
    row("lesson.missed", Major),
    row("reboot.unexpected", Minor),
    // Values that drift: only one below its lower threshold is evidence.
    row("thermal.throttled", Major).after(s(5), s(10)).until_evidence(),
    row("thermal.hot", Minor).after(s(5), s(10)).until_evidence().because_of("thermal.throttled"),
    row("power.undervoltage", Major).after(s(0), s(10)).until_evidence(),
    row("memory.low", Major).after(s(10), s(10)).until_evidence(),
    row("storage.slow", Major).after(s(5), s(10)).until_evidence(),
    row("storage.wear", Minor).until_evidence(),
    row("watchdog.reset", Minor).until_evidence(),
    row("encoder.failed", Critical).after(s(1), s(2)).until_evidence(),
    row("encoder.fallback", Minor).after(s(1), s(2)).until_evidence(),
    row("certificate.expiring", Minor).until_evidence(),
];

/// The row of a code.
pub(super) fn row_of(code: &str) -> Option<&'static Row> {
    CATALOGUE.iter().find(|row| row.code == code)
}
