//! A machine that is played, sample by sample.

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
    assert_eq!((status.slowed, status.undervoltage, status.memory), (None, None, MemoryStatus::default()));
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
    assert_eq!(slowed[5..=10], [Some(false), Some(true), Some(true), Some(true), Some(true), Some(false)]);
}

#[test]
fn the_disk_that_is_written_to_is_known_by_the_partition_or_may_be_any_that_stays() {
    let used = |status: &HardwareStatus| -> Vec<bool> { status.disks.iter().map(|d| d.in_use).collect() };
    assert_eq!(used(&looks(0..=0)[0]), [true, false, false]);
    let mut sample = Script::parse(MACHINE).unwrap().world(Duration::ZERO).sensors;
    sample.storage.places[0].device = Some("dm-0".to_owned());
    assert_eq!(used(&Window::default().take(sample)), [true, true, false]);
    for (device, disk, is) in
        [("sda1", "sda", true), ("sdaa1", "sda", false), ("nvme0n1p3", "nvme0n1", true), ("sda", "sda", true)]
    {
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
    window.hear("sda", Health { spare_percent: Some(15), replaced_blocks: Some(7), ..Health::default() });
    let sda = window.take(sample()).disks.remove(2);
    assert_eq!((sda.reserve, sda.replaced_blocks, sda.sound), (Some(Reserve::Low), Some(7), None));
    let mut without = sample();
    without.storage.disks.truncate(2);
    window.take(without);
    assert_eq!(window.take(sample()).disks[2].reserve, None, "another disk came under its name");
    let trouble = Trouble { place: "sys/x".to_owned(), cause: "no".to_owned() };
    let troubled = Sample { troubles: vec![trouble.clone()], ..sample() };
    assert_eq!(window.new_troubles(&troubled), std::slice::from_ref(&trouble));
    assert_eq!(window.new_troubles(&troubled), []);
    assert_eq!(window.new_troubles(&sample()), []);
    assert_eq!(window.new_troubles(&troubled), [trouble]);
}
