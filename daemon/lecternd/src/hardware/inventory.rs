//! What the box consists of, for the broker. Pure.

use lectern_api::Bytes;
use lectern_api::mqtt::{Attached, Disk, Interface, Inventory};
use lectern_hal::capture::Devices;
use lectern_hal::capture::devices::Usb;
use lectern_hal::{Machine, Sample};

use super::window::kind;

/// Nothing that tells one machine of a model from another, and no addresses.
pub(super) fn inventory(simulated: bool, sample: &Sample, devices: &Devices, machine: Machine) -> Inventory {
    let part = |label: &Option<String>, name: &str, usb: &Option<Usb>| Attached {
        label: label.clone().unwrap_or_else(|| name.to_owned()),
        port: usb.as_ref().map(|usb| usb.port.clone()),
    };
    let disks = sample.storage.disks.iter().map(|disk| Disk {
        name: disk.name.clone(),
        model: disk.model.clone(),
        bytes: disk.total_bytes.map(Bytes),
    });
    let interfaces = sample.network.interfaces.iter().filter_map(|interface| {
        let kind = kind(interface.kind)?;
        Some(Interface { name: interface.name.clone(), kind, driver: interface.driver.clone() })
    });
    Inventory {
        simulated,
        model: machine.model,
        kernel: machine.kernel,
        memory_bytes: sample.memory.total_bytes.map(Bytes),
        disks: disks.collect(),
        cameras: devices
            .cameras
            .iter()
            .map(|camera| part(&camera.label, &camera.name, &camera.usb))
            .collect(),
        sound_cards: devices
            .sound_cards
            .iter()
            .map(|card| part(&card.label, &card.name, &card.usb))
            .collect(),
        interfaces: interfaces.collect(),
    }
}

#[cfg(test)]
mod tests {
    use lectern_hal::Hardware as _;
    use lectern_hal::sim::{Script, Simulated};

    use super::*;

    #[test]
    fn an_inventory_names_parts_and_ports_and_no_addresses() {
        let script = Script::parse(
            "[start.machine]\nmodel = \"Box 3\"\nkernel = \"6.1\"\n\
             [start.sensors.network]\n\
             interfaces = [{ name = \"eth0\", kind = \"wired\", mac = \"02:00:00:00:00:01\", driver = \"r8169\" }, \
             { name = \"docker0\", kind = \"virtual\" }]\n\
             [start.devices]\n\
             cameras = [{ name = \"video0\", label = \"C920\", usb = { port = \"1-1.3\", serial = \"SECRET\" } }]\n\
             sound_cards = [{ name = \"card1\" }]\n",
        );
        let machine = Simulated::new(script.unwrap(), || std::time::Duration::ZERO);
        let told = inventory(true, &machine.sample(), &machine.devices(), machine.machine());
        let json = serde_json::to_string(&told).unwrap();
        assert!(!json.contains("02:00") && !json.contains("SECRET"), "{json}");
        assert_eq!((told.model.as_deref(), told.interfaces.len()), (Some("Box 3"), 1));
        assert_eq!(told.cameras, [Attached { label: "C920".to_owned(), port: Some("1-1.3".to_owned()) }]);
        assert_eq!(told.sound_cards[0].label, "card1");
    }
}
