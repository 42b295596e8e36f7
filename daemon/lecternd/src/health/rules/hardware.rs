//! Faults of the machine. Where a value drifts there are two thresholds: above
//! the one it is wrong, below the other it is fine, and between them nothing new
//! is known.

use jiff::{SignedDuration, Timestamp};
use lectern_api::account::UnexpectedReboot;
use lectern_api::fault::Severity;
use lectern_api::hardware::{DiskStatus, HardwareStatus, InterfaceKind, Reserve, ResetCause, ZoneStatus};
use lectern_api::messages::hardware as words;
use lectern_api::status::{ArchiveState, Status};
use lectern_api::{Bytes, Name, Text};

use super::super::book::{Finding, Look};

/// What was asked for longer ago says nothing about now.
const STALE_MS: u64 = 30_000;

/// Most boards begin to slow down between 80 and 95 °C.
const HOT_C: f64 = 85.0;
/// So far below the point where the machine cuts its power.
const BEFORE_CRITICAL_C: f64 = 10.0;
const COOLER_C: f64 = 10.0;

/// Everything stood still for so much of the last ten seconds: a fragment is then
/// a second late.
const STALLED_PERCENT: (f64, f64) = (10.0, 2.0);
/// Below the first the kernel begins to end programs.
const LEFT_PERCENT: (f64, f64) = (5.0, 10.0);

/// A fragment of 2 s is durable within 3 s of its first frame: a flush has a
/// second.
const WAIT_MS: (f64, f64) = (1000.0, 300.0);

/// An eMMC tells its age in steps of ten.
const WORN_PERCENT: u8 = 90;
const OUTLIVED_PERCENT: u8 = 100;
const MANY_BAD_BLOCKS: u64 = 10;
/// A few are bad from the factory on; whether they are too many the disk says
/// itself.
const MANY_REPLACED_BLOCKS: u64 = 10;

/// So long after it a reset is told.
const RESET_TOLD_S: u64 = 86_400;

/// What one value says.
enum Says {
    Wrong,
    Nothing,
    Fine,
}

/// Of a value that is bad when it is high.
fn high(value: f64, (raise, clear): (f64, f64)) -> Says {
    match value {
        value if value >= raise => Says::Wrong,
        value if value < clear => Says::Fine,
        _ => Says::Nothing,
    }
}

/// Takes down what is found.
struct Notes<'a>(&'a mut Look);

impl Notes<'_> {
    fn wrong(&mut self, code: &'static str, severity: Severity, unit: &str, (text, hint): (Text, Text)) {
        self.0.wrong.push(Finding { code, severity, unit: unit.to_owned(), text, hint });
    }

    fn fine(&mut self, code: &'static str, unit: &str) {
        self.0.fine.insert((code, unit.to_owned()));
    }
}

pub(super) fn look(status: &Status, now: Timestamp, look: &mut Look) {
    encoder(status, &mut Notes(look));
    let Some(hardware) = status.hardware.as_ref().filter(|hardware| hardware.age_ms < STALE_MS) else {
        return;
    };
    heat(hardware, &mut Notes(look));
    supply(hardware, &mut Notes(look));
    memory(hardware, &mut Notes(look));
    storage(hardware, status, &mut Notes(look));
    resets(hardware, status, now, look);
    uplink(hardware, status, look);
}

fn heat(hardware: &HardwareStatus, notes: &mut Notes<'_>) {
    // First what explains the rise.
    match hardware.slowed {
        Some(true) => {
            let texts = (words::thermal_throttled(), words::thermal_hint());
            notes.wrong("thermal.throttled", Severity::Major, "thermal", texts);
        }
        Some(false) => notes.fine("thermal.throttled", "thermal"),
        None => {}
    }
    let limit = |zone: &ZoneStatus| HOT_C.min(zone.critical_c.map_or(HOT_C, |at| at - BEFORE_CRITICAL_C));
    let is_hot = |zone: &&ZoneStatus| zone.temperature_c >= limit(zone);
    let hottest =
        hardware.zones.iter().filter(is_hot).max_by(|a, b| a.temperature_c.total_cmp(&b.temperature_c));
    if let Some(zone) = hottest {
        let text = words::thermal_hot(format!("{:.0}", zone.temperature_c));
        notes.wrong("thermal.hot", Severity::Minor, "thermal", (text, words::thermal_hint()));
    } else if !hardware.zones.is_empty()
        && hardware.zones.iter().all(|zone| zone.temperature_c < limit(zone) - COOLER_C)
    {
        notes.fine("thermal.hot", "thermal");
    }
}

fn supply(hardware: &HardwareStatus, notes: &mut Notes<'_>) {
    let texts = (words::power_undervoltage(), words::power_undervoltage_hint());
    match hardware.undervoltage {
        Some(true) => notes.wrong("power.undervoltage", Severity::Major, "power", texts),
        Some(false) => notes.fine("power.undervoltage", "power"),
        None => {}
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn memory(hardware: &HardwareStatus, notes: &mut Notes<'_>) {
    let memory = &hardware.memory;
    let stalled = memory.stalled_percent.map(|stalled| high(stalled, STALLED_PERCENT));
    let left = memory.total_bytes.zip(memory.available_bytes).filter(|(total, _)| total.0 > 0);
    let left = left.map(|(Bytes(total), Bytes(left))| left as f64 * 100.0 / total as f64);
    let scarce = left.map(|left| high(-left, (-LEFT_PERCENT.0, -LEFT_PERCENT.1)));
    let known: Vec<Says> = [stalled, scarce].into_iter().flatten().collect();
    if known.iter().any(|says| matches!(says, Says::Wrong)) {
        let texts = (words::memory_low(), words::memory_low_hint());
        notes.wrong("memory.low", Severity::Major, "memory", texts);
    } else if !known.is_empty() && known.iter().all(|says| matches!(says, Says::Fine)) {
        notes.fine("memory.low", "memory");
    }
}

/// A disk as a part of the box; most names of the kernel are names of ours.
fn unit(disk: &DiskStatus) -> &str {
    if Name::new(&disk.name).is_ok() { &disk.name } else { "disk" }
}

fn storage(hardware: &HardwareStatus, status: &Status, notes: &mut Notes<'_>) {
    for disk in hardware.disks.iter().filter(|disk| disk.in_use) {
        speed(disk, notes);
        wear(disk, notes);
    }
    // What is no longer there, or no longer written to, harms nobody.
    let is_used = |unit_of: &str| hardware.disks.iter().any(|disk| disk.in_use && unit(disk) == unit_of);
    for code in ["storage.slow", "storage.wear"] {
        let open = status.faults.iter().filter(|fault| fault.code == code);
        open.filter(|fault| !is_used(&fault.unit)).for_each(|fault| notes.fine(code, &fault.unit));
    }
}

fn speed(disk: &DiskStatus, notes: &mut Notes<'_>) {
    let longest = [disk.write_wait_ms, disk.flush_wait_ms].into_iter().flatten().reduce(f64::max);
    match longest.map(|wait| (wait, high(wait, WAIT_MS))) {
        Some((wait, Says::Wrong)) => {
            let text = words::storage_slow(&disk.name, format!("{wait:.0}"));
            notes.wrong("storage.slow", Severity::Major, unit(disk), (text, words::storage_slow_hint()));
        }
        Some((_, Says::Fine)) => notes.fine("storage.slow", unit(disk)),
        Some((_, Says::Nothing)) | None => {}
    }
}

fn wear(disk: &DiskStatus, notes: &mut Notes<'_>) {
    let (worn, bad) = (disk.worn_percent, disk.bad_blocks);
    let replaced = disk.replaced_blocks;
    let is_known = worn.is_some() || bad.is_some() || replaced.is_some();
    if !is_known && disk.reserve.is_none() && disk.sound.is_none() {
        return;
    }
    let name = &disk.name;
    let is_failing = disk.sound == Some(false)
        || disk.reserve == Some(Reserve::Urgent)
        || worn.is_some_and(|worn| worn > OUTLIVED_PERCENT)
        || bad.is_some_and(|bad| bad >= MANY_BAD_BLOCKS);
    let (severity, text, hint) = if is_failing {
        (Severity::Major, words::storage_failing(name), words::storage_failing_hint())
    } else if let Some(worn) = worn.filter(|worn| *worn >= WORN_PERCENT) {
        (Severity::Minor, words::storage_worn(name, worn), words::storage_wear_hint())
    } else if disk.reserve == Some(Reserve::Low) || bad.is_some_and(|bad| bad > 0) {
        (Severity::Minor, words::storage_spare(name), words::storage_wear_hint())
    } else if let Some(replaced) = replaced.filter(|replaced| *replaced >= MANY_REPLACED_BLOCKS) {
        (Severity::Minor, words::storage_replaced(name, replaced), words::storage_wear_hint())
    } else {
        return notes.fine("storage.wear", unit(disk));
    };
    notes.wrong("storage.wear", severity, unit(disk), (text, hint));
}

/// A reset that a chip remembers. What accounts tell of the same one becomes
/// part of it, or is told with its cause.
fn resets(hardware: &HardwareStatus, status: &Status, now: Timestamp, look: &mut Look) {
    let recent = hardware.uptime_s.filter(|uptime| *uptime < RESET_TOLD_S);
    let Some((uptime, cause)) = recent.zip(hardware.last_reset) else {
        return Notes(look).fine("watchdog.reset", "watchdog");
    };
    let told = status.accounts.reboot.as_ref().filter(|reboot| began_in(reboot, uptime, now));
    let known = told.and_then(|_| look.wrong.iter().position(|found| found.code == "reboot.unexpected"));
    if cause == ResetCause::Watchdog {
        let text = match known.map(|at| look.wrong.remove(at).text) {
            Some(cost) => words::watchdog_reset_cost(cost.en, cost.zh),
            None => words::watchdog_reset(),
        };
        let texts = (text, words::watchdog_reset_hint());
        return Notes(look).wrong("watchdog.reset", Severity::Minor, "watchdog", texts);
    }
    Notes(look).fine("watchdog.reset", "watchdog");
    let Some(found) = known.and_then(|at| look.wrong.get_mut(at)) else { return };
    let (en, zh) = (&found.text.en, &found.text.zh);
    (found.text, found.hint) = match cause {
        ResetCause::Overheated => (words::reboot_by_heat(en, zh), words::thermal_hint()),
        ResetCause::Undervoltage => (words::reboot_by_undervoltage(en, zh), words::power_undervoltage_hint()),
        ResetCause::Overvoltage => (words::reboot_by_overvoltage(en, zh), words::power_overvoltage_hint()),
        ResetCause::Watchdog | ResetCause::External => return,
    };
}

/// Whether the machine's start ended that absence.
fn began_in(reboot: &UnexpectedReboot, uptime_s: u64, now: Timestamp) -> bool {
    let slack = SignedDuration::from_mins(5);
    let uptime = SignedDuration::from_secs(i64::try_from(uptime_s).unwrap_or(i64::MAX));
    let Ok(began) = now.checked_sub(uptime) else { return false };
    began.duration_since(reboot.from) > -slack && began.duration_since(reboot.until) < slack
}

/// No signal on any cable or radio says more than that nothing answers.
fn uplink(hardware: &HardwareStatus, status: &Status, look: &mut Look) {
    let key = ("uplink.down", super::UPLINK.to_owned());
    let interfaces = &hardware.interfaces;
    if interfaces.iter().any(|interface| interface.carrier == Some(true)) {
        if status.archive.iter().any(|archive| archive.state == ArchiveState::Uploading) {
            look.fine.insert(key);
        }
        return;
    }
    let is_cable = |kind| matches!(kind, InterfaceKind::Wired | InterfaceKind::UsbLink);
    let dead = interfaces.iter().filter(|interface| interface.carrier == Some(false));
    let Some(dead) = dead.min_by_key(|interface| !is_cable(interface.kind)) else { return };
    // Something gets through all the same.
    if look.fine.contains(&key) {
        return;
    }
    let (text, hint) = if is_cable(dead.kind) {
        (words::uplink_no_cable(&dead.name), words::uplink_no_cable_hint())
    } else {
        (words::uplink_no_radio(&dead.name), words::uplink_no_radio_hint())
    };
    let is_missed = !status.live.is_empty()
        || status.archive.iter().any(|archive| archive.state == ArchiveState::Retrying);
    if let Some(found) = look.wrong.iter_mut().find(|found| found.code == key.0) {
        (found.text, found.hint) = (text, hint);
    } else if look.in_use && is_missed {
        // Before the broadcast that it explains.
        look.wrong.insert(0, Finding { code: key.0, severity: Severity::Major, unit: key.1, text, hint });
    }
}

/// Which encoder works. One that is looked for says nothing.
fn encoder(status: &Status, notes: &mut Notes<'_>) {
    const UNIT: &str = "encoder";
    let Some(encoder) = &status.encoder else { return };
    if encoder.none_works {
        let texts = (words::encoder_failed(), words::encoder_failed_hint());
        notes.wrong("encoder.failed", Severity::Critical, UNIT, texts);
    }
    if encoder.name.is_none() {
        return;
    }
    notes.fine("encoder.failed", UNIT);
    if encoder.chip_given_up && !encoder.hardware {
        let text = words::encoder_fallback(encoder.given_up.join(", "));
        notes.wrong("encoder.fallback", Severity::Minor, UNIT, (text, words::encoder_fallback_hint()));
    } else {
        notes.fine("encoder.fallback", UNIT);
    }
}

#[cfg(test)]
mod tests;
