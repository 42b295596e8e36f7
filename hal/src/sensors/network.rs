//! Network interfaces, their links and what they lose, and mobile modems.
//!
//! Sources: `/sys/class/net`, `/sys/class/wwan`, and `/proc/net/wireless` where
//! the kernel still has it; [`routes`] names its own.

pub mod routes;

use serde::{Deserialize, Serialize};

use crate::tree::Tree;
use routes::DefaultRoute;

/// Ways out of the box.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// All interfaces but the loopback.
    pub interfaces: Vec<Interface>,
    /// Mobile modems, also those without an interface yet, such as `wwan0`.
    pub modems: Vec<Modem>,
    /// The ways out, the first choice of the kernel first.
    pub default_routes: Vec<DefaultRoute>,
}

/// One interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Interface {
    /// The kernel's name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The kernel's driver, such as `r8169`.
    pub driver: Option<String>,
    /// What the owner of the school's network asks for, as `02:fc:00:00:00:01`.
    pub mac: Option<String>,
    /// Whether somebody has switched it on.
    pub is_up: Option<bool>,
    /// Whether there is a signal on the cable or a cell; nothing while it is off.
    pub carrier: Option<bool>,
    /// How often that has changed since the start: a loose plug.
    pub carrier_changes: Option<u64>,
    /// What the cable carries; nothing without a link, and for radio.
    pub megabits: Option<u32>,
    /// What went through and what did not.
    pub counters: Option<Counters>,
    /// How well the access point is heard.
    pub signal: Option<Signal>,
}

/// What an interface is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A cable.
    Wired,
    /// Wi-Fi.
    Wireless,
    /// A mobile network, which is metered as a rule.
    Mobile,
    /// A USB device that plays a network card: an adapter, a phone, a mobile stick.
    /// Whether it is metered nobody can tell.
    UsbLink,
    /// A bridge, a tunnel, a container's end.
    #[default]
    Virtual,
}

/// Source: `/sys/class/net/<name>/statistics`; all count up from the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Counters {
    /// Received.
    pub received_bytes: u64,
    /// Sent.
    pub sent_bytes: u64,
    /// Received damaged: a bad cable.
    pub receive_errors: u64,
    /// Not sent because of an error.
    pub send_errors: u64,
    /// Received and thrown away.
    pub receive_drops: u64,
    /// Thrown away before sending.
    pub send_drops: u64,
}

/// How well an access point is heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signal {
    /// Level in dBm: −50 is good, −80 is poor.
    pub dbm: i32,
}

/// A mobile modem.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Modem {
    /// The kernel's name.
    pub name: String,
}

impl Network {
    pub(super) fn read(tree: &Tree<'_>) -> Self {
        let wireless = tree.text("proc/net/wireless").unwrap_or_default();
        let interfaces =
            tree.names("sys/class/net").into_iter().filter_map(|name| interface(tree, name, &wireless));
        let modems = tree.names("sys/class/wwan").into_iter();
        Self {
            interfaces: interfaces.collect(),
            // Beside `wwan0` stand its ports, `wwan0at0` and so on.
            modems: modems
                .filter(|name| name.strip_prefix("wwan").is_some_and(|rest| rest.parse::<u32>().is_ok()))
                .map(|name| Modem { name })
                .collect(),
            default_routes: routes::read(tree),
        }
    }
}

/// `ARPHRD_LOOPBACK` of the kernel's `if_arp.h`.
const LOOPBACK: u32 = 772;
/// `IFF_UP` of the kernel's `if.h`.
const UP: u32 = 1;

fn interface(tree: &Tree<'_>, name: String, wireless: &str) -> Option<Interface> {
    let folder = format!("sys/class/net/{name}");
    let file = |file: &str| format!("{folder}/{file}");
    // `bonding_masters` is a file among the folders.
    if tree.number::<u32>(&file("type"))? == LOOPBACK {
        return None;
    }
    let driver = tree.target(&file("device/driver"));
    let count = |counter: &str| tree.number::<u64>(&file(&format!("statistics/{counter}")));
    let counters = || {
        Some(Counters {
            received_bytes: count("rx_bytes")?,
            sent_bytes: count("tx_bytes")?,
            receive_errors: count("rx_errors")?,
            send_errors: count("tx_errors")?,
            receive_drops: count("rx_dropped")?,
            send_drops: count("tx_dropped")?,
        })
    };
    let flags =
        tree.text(&file("flags")).and_then(|flags| u32::from_str_radix(flags.strip_prefix("0x")?, 16).ok());
    Some(Interface {
        kind: kind(tree, &folder, driver.as_deref()),
        mac: tree.text(&file("address")).filter(|mac| mac.chars().any(|c| !matches!(c, '0' | ':'))),
        is_up: flags.map(|flags| flags & UP != 0),
        carrier: tree.flag(&file("carrier")),
        carrier_changes: tree.number(&file("carrier_changes")),
        // −1 without a link; some drivers say 65535 or 4294967295 then.
        megabits: tree
            .number::<i64>(&file("speed"))
            .and_then(|speed| u32::try_from(speed).ok())
            .filter(|speed| !matches!(*speed, 0 | 65_535 | u32::MAX)),
        counters: counters(),
        signal: signal(wireless, &name),
        driver,
        name,
    })
}

fn kind(tree: &Tree<'_>, folder: &str, driver: Option<&str>) -> Kind {
    let type_of_device = tree.text(&format!("{folder}/uevent")).unwrap_or_default();
    let says = |kind: &str| type_of_device.lines().any(|line| line.strip_prefix("DEVTYPE=") == Some(kind));
    match driver {
        _ if says("wwan") => Kind::Mobile,
        Some("qmi_wwan" | "cdc_mbim" | "huawei_cdc_ncm" | "sierra_net") => Kind::Mobile,
        _ if says("wlan") || tree.has(&format!("{folder}/phy80211")) => Kind::Wireless,
        Some("rndis_host" | "cdc_ether" | "cdc_ncm" | "cdc_subset" | "ipheth") => Kind::UsbLink,
        _ if tree.has(&format!("{folder}/device")) => Kind::Wired,
        _ => Kind::Virtual,
    }
}

/// Source: proc(5), `/proc/net/wireless`: two lines of headings, then
/// ` wlan0: 0000   54.  -56.  -256 …` with quality, level and noise. A dot says
/// that the number is fresh. Old drivers give the level as a byte: 200 is −56 dBm.
fn signal(wireless: &str, name: &str) -> Option<Signal> {
    let line = wireless.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix(':'))?;
    let level = line.split_ascii_whitespace().nth(2)?.trim_end_matches('.');
    let dbm = match level.parse::<i32>().ok()? {
        byte @ 64..=255 => byte - 256,
        dbm => dbm,
    };
    // Outside of this nothing was measured: 0 without a cell, −256 at first.
    (-120..0).contains(&dbm).then_some(Signal { dbm })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_of_a_cell_is_found_in_both_of_its_spellings() {
        let text = "Inter-| sta-|   Quality        |   Discarded packets\n \
                    face | tus | link level noise |  nwid  crypt   frag\n \
                    wlan0: 0000   54.  -56.  -256        0      0      0\n\
                    wlan1: 0000   38   200   0 0 0 0\n\
                    wlan2: 0000    0.    0.    0 0 0 0\n";
        assert_eq!(signal(text, "wlan0"), Some(Signal { dbm: -56 }));
        assert_eq!(signal(text, "wlan1"), Some(Signal { dbm: -56 }));
        assert_eq!((signal(text, "wlan2"), signal(text, "wlan"), signal("", "wlan0")), (None, None, None));
    }
}
