//! Where the current comes from and whether it suffices.
//!
//! Sources: `/sys/class/power_supply`, and `inN_lcrit_alarm` of `/sys/class/hwmon`
//! (on a Raspberry Pi the chip `rpi_volt`). `inN_min_alarm` does not count: the
//! monitoring chips of PC boards raise it for inputs that are not connected.

use serde::{Deserialize, Serialize};

use crate::tree::Tree;

/// The machine's supply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Power {
    /// Whether the voltage has fallen too low just now. The Raspberry Pi's driver
    /// asks its firmware each 2 s.
    pub undervoltage: Option<bool>,
    /// Mains adapters, batteries, UPS. Most boxes have none that can be asked.
    pub supplies: Vec<Supply>,
}

/// One supply of the box itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Supply {
    /// The kernel's name for it.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it delivers (mains, USB).
    pub online: Option<bool>,
    /// How full it is (battery, UPS).
    pub charge_percent: Option<u8>,
    /// What it measures.
    pub microvolts: Option<u64>,
}

/// What a supply is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An adapter at the wall.
    Mains,
    /// Over a USB port.
    Usb,
    /// A battery in the box.
    Battery,
    /// A battery beside the box.
    Ups,
    /// Something the kernel has no name for.
    #[default]
    Other,
}

impl Power {
    /// Whether the mains are there: true when a supply says so, false when there
    /// is a battery and no supply says so, nothing when nobody can tell.
    #[must_use]
    pub fn has_mains(&self) -> Option<bool> {
        let is_outside = |supply: &&Supply| matches!(supply.kind, Kind::Mains | Kind::Usb);
        if self.supplies.iter().filter(is_outside).any(|supply| supply.online == Some(true)) {
            return Some(true);
        }
        let has_battery = self.supplies.iter().any(|supply| matches!(supply.kind, Kind::Battery | Kind::Ups));
        let is_known = self.supplies.iter().filter(is_outside).any(|supply| supply.online.is_some());
        (has_battery && is_known).then_some(false)
    }

    pub(super) fn read(tree: &Tree<'_>) -> Self {
        let supplies = tree.names("sys/class/power_supply");
        Self {
            undervoltage: undervoltage(tree),
            supplies: supplies.into_iter().filter_map(|name| supply(tree, name)).collect(),
        }
    }
}

fn undervoltage(tree: &Tree<'_>) -> Option<bool> {
    let chips = tree.names("sys/class/hwmon").into_iter().map(|chip| format!("sys/class/hwmon/{chip}"));
    let alarms = chips.flat_map(|folder| {
        let files = tree.names(&folder).into_iter();
        files
            .filter(|file| file.starts_with("in") && file.ends_with("_lcrit_alarm"))
            .map(move |file| format!("{folder}/{file}"))
    });
    alarms.filter_map(|place| tree.flag(&place)).reduce(|one, other| one || other)
}

fn supply(tree: &Tree<'_>, name: String) -> Option<Supply> {
    let folder = format!("sys/class/power_supply/{name}");
    let file = |file: &str| format!("{folder}/{file}");
    // A mouse's battery, and the kernel's module that plays supplies for tests.
    if tree.text(&file("scope")).is_some_and(|scope| scope == "Device") || name.starts_with("test_") {
        return None;
    }
    let kind = match tree.text(&file("type"))?.as_str() {
        "Mains" => Kind::Mains,
        "USB" => Kind::Usb,
        "Battery" => Kind::Battery,
        "UPS" => Kind::Ups,
        _ => Kind::Other,
    };
    // Power chips of small boards report a register that measures nothing as 0.
    let microvolts = tree.number(&file("voltage_now")).filter(|volts| *volts > 0);
    let is_missing = tree.flag(&file("present")) == Some(false);
    // A battery without a voltage is a chip's input without a battery, whatever
    // charge it invents.
    if kind == Kind::Battery && (is_missing || (microvolts.is_none() && tree.has(&file("voltage_now")))) {
        return None;
    }
    let charge_percent = tree.number(&file("capacity")).filter(|percent| *percent <= 100);
    Some(Supply { kind, online: tree.flag(&file("online")), charge_percent, microvolts, name })
}
