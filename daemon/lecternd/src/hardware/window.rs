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

    /// What could be read until now, or was never tried.
    pub(super) fn new_troubles(&mut self, sample: &Sample) -> Vec<Trouble> {
        let now: BTreeSet<String> = sample.troubles.iter().map(|trouble| trouble.place.clone()).collect();
        let before = std::mem::replace(&mut self.troubled, now);
        sample.troubles.iter().filter(|trouble| !before.contains(&trouble.place)).cloned().collect()
    }

    /// Takes a sample into account.
    pub(super) fn take(&mut self, sample: Sample) -> HardwareStatus {
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
                reserve: disk.wear.and_then(|wear| wear.reserve).map(reserve),
                sound: health.and_then(|health| health.passed),
                bad_blocks: health.and_then(|health| health.pending_blocks.or(health.media_errors)),
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
mod tests {
    use lectern_hal::sim::Script;

    use super::*;

    const MACHINE: &str = r#"
        [start.sensors]
        uptime_ms = 60_000
        [start.sensors.thermal]
        zones = [{ name = "cpu", millidegrees = 71_234, critical_millidegrees = 105_000 }, { name = "off" }]
        slowed_times = 7
        [start.sensors.storage]
        places = [{ name = "spool", available_bytes = 5, device = "mmcblk0p2" }]
        disks = [{ name = "mmcblk0", counters = { writes = 100, flushes = 10 } },
                 { name = "mmcblk0boot", removable = false }, { name = "sda", removable = true }]
        [start.sensors.network]
        interfaces = [{ name = "eth0", kind = "wired", carrier = false }, { name = "br0", kind = "virtual" }]
        [start.sensors.reset]
        watchdogs = [{ name = "watchdog0", last_reset = "fan" }]
        # Ten writes and a flush a second; from second 10 on they take two seconds each.
        [[event]]
        second = 0
        at = "sensors.storage.disks.mmcblk0.counters.writes"
        drift_to = 1100
        over_s = 100
        [[event]]
        second = 0
        at = "sensors.storage.disks.mmcblk0.counters.flushes"
        drift_to = 110
        over_s = 100
        [[event]]
        second = 10
        at = "sensors.storage.disks.mmcblk0.counters.flush_ms"
        drift_to = 20_000
        over_s = 10
        [[event]]
        second = 12
        at = "sensors.thermal.slowed_times"
        value = 8
    "#;

    fn looks(seconds: impl Iterator<Item = u64>) -> Vec<HardwareStatus> {
        let script = Script::parse(MACHINE).unwrap();
        let mut window = Window::default();
        seconds.map(|second| window.take(script.world(Duration::from_secs(second)).sensors)).collect()
    }

    #[test]
    fn levels_are_of_the_newest_sample_and_what_is_absent_stays_absent() {
        let status = looks(0..=0).remove(0);
        let zone = ZoneStatus { name: "cpu".to_owned(), temperature_c: 71.2, critical_c: Some(105.0) };
        assert_eq!((status.zones.as_slice(), status.uptime_s), (&[zone][..], Some(60)));
        assert_eq!(
            (status.slowed, status.undervoltage, status.memory),
            (None, None, MemoryStatus::default())
        );
        assert_eq!(status.interfaces.len(), 1, "a bridge is no metal");
        assert_eq!(status.last_reset, Some(ResetCause::Overheated));
        assert_eq!(status.disks[0].flush_wait_ms, None, "one sample makes no rate");
    }

    #[test]
    fn waits_are_averages_over_the_last_seconds() {
        let statuses = looks((0..=20).step_by(2));
        let waits: Vec<_> = statuses.iter().map(|status| status.disks[0].flush_wait_ms).collect();
        assert_eq!((waits[1], waits[5]), (Some(0.0), Some(0.0)), "well until second 10");
        // 2 of 8 flushes, then 4, 6 and all 8 took two seconds.
        assert_eq!(waits[6..=9], [Some(500.0), Some(1000.0), Some(1500.0), Some(2000.0)]);
        let slowed: Vec<_> = statuses.iter().map(|status| status.slowed).collect();
        assert_eq!(
            slowed[5..=10],
            [Some(false), Some(true), Some(true), Some(true), Some(true), Some(false)]
        );
    }

    #[test]
    fn the_disk_that_is_written_to_is_known_by_the_partition_or_may_be_any_that_stays() {
        let used = |status: &HardwareStatus| -> Vec<bool> { status.disks.iter().map(|d| d.in_use).collect() };
        assert_eq!(used(&looks(0..=0)[0]), [true, false, false]);
        let mut sample = Script::parse(MACHINE).unwrap().world(Duration::ZERO).sensors;
        sample.storage.places[0].device = Some("dm-0".to_owned());
        assert_eq!(used(&Window::default().take(sample)), [true, true, false]);
        for (device, disk, is) in [
            ("sda1", "sda", true),
            ("sdaa1", "sda", false),
            ("nvme0n1p3", "nvme0n1", true),
            ("sda", "sda", true),
        ] {
            assert_eq!(is_of(device, disk), is, "{device} {disk}");
        }
    }

    #[test]
    fn what_smart_says_counts_until_it_says_otherwise_and_troubles_are_told_once() {
        let mut window = Window::default();
        let sample = || Script::parse(MACHINE).unwrap().world(Duration::ZERO).sensors;
        window.hear("sda", Health { passed: Some(false), pending_blocks: Some(3), ..Health::default() });
        for _ in 0..3 {
            let sda = window.take(sample()).disks.remove(2);
            assert_eq!((sda.sound, sda.bad_blocks), (Some(false), Some(3)));
        }
        let trouble = Trouble { place: "sys/x".to_owned(), cause: "no".to_owned() };
        let troubled = Sample { troubles: vec![trouble.clone()], ..sample() };
        assert_eq!(window.new_troubles(&troubled), std::slice::from_ref(&trouble));
        assert_eq!(window.new_troubles(&troubled), []);
        assert_eq!(window.new_troubles(&sample()), []);
        assert_eq!(window.new_troubles(&troubled), [trouble]);
    }
}
