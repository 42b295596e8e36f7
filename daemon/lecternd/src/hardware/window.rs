//! From samples to what the status tells: levels of the newest one, rates and
//! waits over the last seconds. Pure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use lectern_api::Bytes;
use lectern_api::hardware::{
    DiskStatus, HardwareStatus, InterfaceKind, InterfaceStatus, MemoryStatus, PlaceStatus, Reserve,
    ResetCause, ZoneStatus,
};
use lectern_hal::Sample;
use lectern_hal::sensors::network::{Interface, Kind};
use lectern_hal::sensors::reset::Cause;
use lectern_hal::sensors::storage::smart::Health;
use lectern_hal::sensors::storage::{Disk, Place, disk};
use lectern_hal::sensors::thermal::Thermal;
use lectern_hal::tree::Trouble;

/// Samples that waits are averaged over: six seconds, since a card writes in
/// bursts.
const KEPT: usize = 4;

/// The last samples.
#[derive(Debug, Default)]
pub(super) struct Window {
    samples: VecDeque<Sample>,
    /// What disks said of themselves.
    smart: BTreeMap<String, Health>,
    /// Places that could not be read, told once.
    troubled: BTreeSet<String>,
}

impl Window {
    /// What a disk says of itself, until it says something else.
    pub(super) fn hear(&mut self, disk: &str, health: Health) {
        self.smart.insert(disk.to_owned(), health);
    }

    /// The disks of the newest sample.
    pub(super) fn disk_names(&self) -> Vec<String> {
        let newest = self.samples.back().into_iter();
        newest.flat_map(|sample| &sample.storage.disks).map(|disk| disk.name.clone()).collect()
    }

    #[cfg(test)]
    pub(super) fn newest(&self) -> Option<&Sample> {
        self.samples.back()
    }

    /// What could be read until now, or was never tried.
    pub(super) fn new_troubles(&mut self, sample: &Sample) -> Vec<Trouble> {
        let now: BTreeSet<String> = sample.troubles.iter().map(|trouble| trouble.place.clone()).collect();
        let before = std::mem::replace(&mut self.troubled, now);
        sample.troubles.iter().filter(|trouble| !before.contains(&trouble.place)).cloned().collect()
    }

    /// Takes a sample into account.
    pub(super) fn take(&mut self, sample: Sample) -> HardwareStatus {
        // What comes back under a name may be another disk.
        self.smart.retain(|name, _| sample.storage.disks.iter().any(|disk| disk.name == *name));
        let earlier = self.samples.front();
        let elapsed = earlier.and_then(|earlier| sample.uptime_ms?.checked_sub(earlier.uptime_ms?));
        let elapsed = Duration::from_millis(elapsed.unwrap_or(0));
        let status = HardwareStatus {
            age_ms: 0,
            simulated: false,
            uptime_s: sample.uptime_ms.map(|ms| ms / 1000),
            zones: zones(&sample.thermal),
            slowed: slowed(&sample.thermal, earlier.map(|earlier| &earlier.thermal)),
            undervoltage: sample.power.undervoltage,
            memory: MemoryStatus {
                total_bytes: sample.memory.total_bytes.map(Bytes),
                available_bytes: sample.memory.available_bytes.map(Bytes),
                stalled_percent: sample.memory.memory_pressure.map(|waiting| waiting.full_percent_10s.into()),
            },
            places: sample.storage.places.iter().map(place).collect(),
            disks: self.disks(&sample, elapsed),
            interfaces: sample.network.interfaces.iter().filter_map(interface).collect(),
            last_reset: sample.reset.cause().map(reset),
        };
        self.samples.push_back(sample);
        if self.samples.len() > KEPT {
            self.samples.pop_front();
        }
        status
    }

    fn disks(&self, sample: &Sample, elapsed: Duration) -> Vec<DiskStatus> {
        let disks = &sample.storage.disks;
        let lies_on = |disk: &Disk| {
            let devices = sample.storage.places.iter().filter_map(|place| place.device.as_deref());
            devices.into_iter().any(|device| is_of(device, &disk.name))
        };
        // Of a volume over several disks nobody tells where it lies: all that stay.
        let is_known = disks.iter().any(lies_on);
        let before = |name: &str| {
            let earlier = self.samples.front()?.storage.disks.iter().find(|disk| disk.name == name)?;
            earlier.counters
        };
        let of = |disk: &Disk| {
            let activity = disk.counters.zip(before(&disk.name));
            let activity = activity.and_then(|(now, before)| now.since(&before, elapsed));
            let wait = |micros: fn(&disk::Activity) -> Option<u64>| Some(millis(micros(&activity?)?));
            let health = self.smart.get(&disk.name);
            let worn = disk.wear.and_then(|wear| wear.used_percent);
            DiskStatus {
                name: disk.name.clone(),
                model: disk.model.clone(),
                in_use: if is_known { lies_on(disk) } else { disk.removable != Some(true) },
                write_wait_ms: wait(|activity| activity.write_wait_micros),
                flush_wait_ms: wait(|activity| activity.flush_wait_micros),
                busy_percent: activity.map(|activity| f64::from(activity.busy_permille) / 10.0),
                worn_percent: health.and_then(|health| health.used_percent).or(worn),
                reserve: disk
                    .wear
                    .and_then(|wear| wear.reserve)
                    .map(reserve)
                    .or(health.and_then(|health| health.spare_percent).map(left)),
                sound: health.and_then(|health| health.passed),
                bad_blocks: health.and_then(|health| health.pending_blocks.or(health.media_errors)),
                replaced_blocks: health.and_then(|health| health.replaced_blocks),
            }
        };
        disks.iter().map(of).collect()
    }
}

/// `mmcblk0p2` is of `mmcblk0`, `sda1` of `sda`, `sdaa1` not.
fn is_of(device: &str, disk: &str) -> bool {
    let Some(rest) = device.strip_prefix(disk) else { return false };
    rest.strip_prefix('p').unwrap_or(rest).bytes().all(|digit| digit.is_ascii_digit())
}

#[expect(clippy::cast_precision_loss, reason = "a disk that waits for 285 years is not told exactly")]
fn millis(micros: u64) -> f64 {
    (micros as f64 / 100.0).round() / 10.0
}

/// To a tenth, which is more than any sensor knows.
fn degrees(millidegrees: i32) -> f64 {
    (f64::from(millidegrees) / 100.0).round() / 10.0
}

fn zones(thermal: &Thermal) -> Vec<ZoneStatus> {
    let zone = |zone: &lectern_hal::sensors::thermal::Zone| {
        Some(ZoneStatus {
            name: zone.name.clone(),
            temperature_c: degrees(zone.millidegrees?),
            critical_c: zone.critical_millidegrees.map(degrees),
        })
    };
    thermal.zones.iter().filter_map(zone).collect()
}

/// The kernel says so, or the processor has counted that it did so by itself.
fn slowed(now: &Thermal, earlier: Option<&Thermal>) -> Option<bool> {
    let counted = earlier.and_then(|earlier| Some(now.slowed_times? > earlier.slowed_times?));
    match (now.is_slowed(), counted) {
        (Some(told), Some(counted)) => Some(told || counted),
        (told, counted) => told.or(counted),
    }
}

fn place(place: &Place) -> PlaceStatus {
    PlaceStatus {
        name: place.name.clone(),
        total_bytes: place.total_bytes.map(Bytes),
        available_bytes: place.available_bytes.map(Bytes),
    }
}

fn reserve(reserve: disk::Reserve) -> Reserve {
    match reserve {
        disk::Reserve::Normal => Reserve::Normal,
        disk::Reserve::Low => Reserve::Low,
        disk::Reserve::Urgent => Reserve::Urgent,
    }
}

/// In the steps in which an eMMC tells it.
fn left(spare_percent: u8) -> Reserve {
    match spare_percent {
        0..=10 => Reserve::Urgent,
        11..=20 => Reserve::Low,
        _ => Reserve::Normal,
    }
}

fn interface(interface: &Interface) -> Option<InterfaceStatus> {
    Some(InterfaceStatus {
        name: interface.name.clone(),
        kind: kind(interface.kind)?,
        carrier: interface.carrier,
        megabits: interface.megabits,
        signal_dbm: interface.signal.map(|signal| signal.dbm),
        received_bytes: interface.counters.map(|counters| Bytes(counters.received_bytes)),
        sent_bytes: interface.counters.map(|counters| Bytes(counters.sent_bytes)),
    })
}

/// Nothing for what is made of software.
pub(super) fn kind(kind: Kind) -> Option<InterfaceKind> {
    match kind {
        Kind::Wired => Some(InterfaceKind::Wired),
        Kind::Wireless => Some(InterfaceKind::Wireless),
        Kind::Mobile => Some(InterfaceKind::Mobile),
        Kind::UsbLink => Some(InterfaceKind::UsbLink),
        Kind::Virtual => None,
    }
}

fn reset(cause: Cause) -> ResetCause {
    match cause {
        Cause::Watchdog => ResetCause::Watchdog,
        Cause::Overheated | Cause::Fan => ResetCause::Overheated,
        Cause::PowerUnder => ResetCause::Undervoltage,
        Cause::PowerOver => ResetCause::Overvoltage,
        Cause::External => ResetCause::External,
    }
}

#[cfg(test)]
mod tests;
