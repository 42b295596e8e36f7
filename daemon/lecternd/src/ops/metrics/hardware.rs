//! The machine's sensors, named and measured as Prometheus' own exporters do.

use std::fmt;

use lectern_api::hardware::{DiskStatus, HardwareStatus, InterfaceStatus};
use lectern_api::status::Status;
use prometheus_client::registry::Unit;

use super::{Family, bytes, flag, seconds, size};

type Values<'l> = Vec<(Vec<(&'static str, &'l str)>, f64)>;

fn ratio() -> Option<Unit> {
    Some(Unit::Other("ratio".to_owned()))
}

fn celsius() -> Option<Unit> {
    Some(Unit::Celsius)
}

pub(super) fn hardware(status: &Status, family: &mut Family<'_, '_>) -> fmt::Result {
    let days = |certificate: &lectern_api::hardware::CertificateStatus| certificate.until.as_second();
    let expiry = status.certificates.iter().map(|certificate| {
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
        (vec![("certificate", certificate.name.as_str())], days(certificate) as f64)
    });
    let what = ("certificate_expiry_timestamp", "When a certificate of the box expires", seconds());
    family.gauges(what, expiry)?;
    let Some(hardware) = &status.hardware else { return Ok(()) };
    let age = ("hardware_age", "Since the machine was asked how it feels", seconds());
    family.gauge(age, super::millis(hardware.age_ms))?;
    heat_and_supply(hardware, family)?;
    storage(hardware, family)?;
    network(hardware, family)
}

fn heat_and_supply(hardware: &HardwareStatus, family: &mut Family<'_, '_>) -> fmt::Result {
    let zones = &hardware.zones;
    let label = |name| vec![("zone", name)];
    let degrees = zones.iter().map(|zone| (label(zone.name.as_str()), zone.temperature_c));
    family.gauges(("temperature", "How warm a part of the machine is", celsius()), degrees)?;
    let critical = zones.iter().filter_map(|zone| Some((label(zone.name.as_str()), zone.critical_c?)));
    family.gauges(("temperature_critical", "Where the machine cuts its power", celsius()), critical)?;
    let of = |value: Option<f64>| value.map(|value| (Vec::new(), value));
    let slowed = ("thermal_throttled", "Whether heat makes the machine slower", None);
    family.gauges(slowed, of(hardware.slowed.map(flag)))?;
    let under = ("power_undervoltage", "Whether the supply's voltage is too low", None);
    family.gauges(under, of(hardware.undervoltage.map(flag)))?;
    let memory = &hardware.memory;
    let total = ("memory_size", "Memory of the machine", bytes());
    family.gauges(total, of(memory.total_bytes.map(size)))?;
    let left = ("memory_available", "Memory that programs could still have", bytes());
    family.gauges(left, of(memory.available_bytes.map(size)))?;
    let stalled = ("memory_stalled", "Share of ten seconds in which everything waited for memory", ratio());
    family.gauges(stalled, of(memory.stalled_percent.map(|percent| percent / 100.0)))
}

fn storage(hardware: &HardwareStatus, family: &mut Family<'_, '_>) -> fmt::Result {
    let place = |name| vec![("place", name)];
    let places = &hardware.places;
    let total = places.iter().filter_map(|p| Some((place(p.name.as_str()), size(p.total_bytes?))));
    family.gauges(("filesystem_size", "The file system of a folder of the box", bytes()), total)?;
    let left = places.iter().filter_map(|p| Some((place(p.name.as_str()), size(p.available_bytes?))));
    family.gauges(("filesystem_available", "What may still be written there", bytes()), left)?;
    let of = |value: fn(&DiskStatus) -> Option<f64>| -> Values<'_> {
        let disks = hardware.disks.iter();
        disks.filter_map(|disk| Some((vec![("disk", disk.name.as_str())], value(disk)?))).collect()
    };
    let wait = ("disk_write_wait", "How long a write takes", seconds());
    family.gauges(wait, of(|disk| Some(disk.write_wait_ms? / 1e3)))?;
    let flush = ("disk_flush_wait", "How long a flush takes", seconds());
    family.gauges(flush, of(|disk| Some(disk.flush_wait_ms? / 1e3)))?;
    let busy = ("disk_busy", "Share of the time in which something is under way", ratio());
    family.gauges(busy, of(|disk| Some(disk.busy_percent? / 100.0)))?;
    let worn = ("disk_worn", "Share of its life that a disk has used", ratio());
    family.gauges(worn, of(|disk| Some(f64::from(disk.worn_percent?) / 100.0)))
}

fn network(hardware: &HardwareStatus, family: &mut Family<'_, '_>) -> fmt::Result {
    fn label(interface: &InterfaceStatus) -> Vec<(&'static str, &str)> {
        vec![("interface", &interface.name)]
    }
    let all = &hardware.interfaces;
    let carrier = all.iter().filter_map(|i| Some((label(i), flag(i.carrier?))));
    family.gauges(("network_carrier", "Whether there is a signal on cable or radio", None), carrier)?;
    let speed = all.iter().filter_map(|i| Some((label(i), f64::from(i.megabits?) * 125_000.0)));
    family.gauges(("network_speed_bytes_per_second", "What a cable carries", None), speed)?;
    let signal = all.iter().filter_map(|i| Some((label(i), f64::from(i.signal_dbm?))));
    family.gauges(("network_signal_dbm", "How well the access point is heard", None), signal)?;
    let received = all.iter().filter_map(|i| Some((label(i), i.received_bytes?.0)));
    family.counters(("network_received", "Received since the machine's start", bytes()), received)?;
    let sent = all.iter().filter_map(|i| Some((label(i), i.sent_bytes?.0)));
    family.counters(("network_sent", "Sent since the machine's start", bytes()), sent)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sensors_are_told_in_base_units_and_what_is_absent_is_not_told() {
        let mut status = super::super::tests::status();
        let bare = super::super::text(status.clone());
        assert!(!bare.contains("lectern_temperature"), "{bare}");
        status.hardware = serde_json::from_value(serde_json::json!({
            "zones": [{"name": "cpu", "temperature_c": 48.5, "critical_c": 110.0}],
            "slowed": false, "undervoltage": true,
            "memory": {"total_bytes": 4000, "available_bytes": 3000, "stalled_percent": 2.5},
            "places": [{"name": "spool", "total_bytes": 900, "available_bytes": 600}],
            "disks": [{"name": "mmcblk0", "in_use": true, "flush_wait_ms": 12.5, "worn_percent": 40}],
            "interfaces": [
                {"name": "eth0", "kind": "wired", "carrier": true, "megabits": 1000, "sent_bytes": 7},
                {"name": "wlan0", "kind": "wireless", "signal_dbm": -55},
            ],
        }))
        .unwrap();
        status.certificates = serde_json::from_value(serde_json::json!([
            {"name": "mqtt", "until": "2026-09-07T00:00:00Z"},
        ]))
        .unwrap();
        let text = super::super::text(status);
        for line in [
            "lectern_temperature_celsius{zone=\"cpu\"} 48.5",
            "lectern_temperature_critical_celsius{zone=\"cpu\"} 110.0",
            "lectern_hardware_age_seconds 0.0",
            "lectern_thermal_throttled 0.0",
            "lectern_power_undervoltage 1.0",
            "lectern_memory_available_bytes 3000.0",
            "lectern_memory_stalled_ratio 0.025",
            "lectern_filesystem_available_bytes{place=\"spool\"} 600.0",
            "lectern_disk_flush_wait_seconds{disk=\"mmcblk0\"} 0.0125",
            "lectern_disk_worn_ratio{disk=\"mmcblk0\"} 0.4",
            "lectern_network_carrier{interface=\"eth0\"} 1.0",
            "lectern_network_speed_bytes_per_second{interface=\"eth0\"} 125000000.0",
            "lectern_network_signal_dbm{interface=\"wlan0\"} -55.0",
            "lectern_network_sent_bytes_total{interface=\"eth0\"} 7",
            "lectern_certificate_expiry_timestamp_seconds{certificate=\"mqtt\"} 1788739200.0",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("lectern_disk_write_wait"), "{text}");
    }
}
