//! `twin/hardware`: what the box consists of. No MAC addresses and no serial
//! numbers: whoever needs them asks at the box.

use serde::{Deserialize, Serialize};

use crate::Bytes;
use crate::hardware::InterfaceKind;

/// The payload of `twin/hardware`. Retained; told again when something was
/// plugged in or pulled out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Inventory {
    /// It is played by a script, and not there.
    pub simulated: bool,
    /// What the machine's maker calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The kernel's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<Bytes>,
    /// Disks, cards and sticks.
    pub disks: Vec<Disk>,
    /// What pictures can be captured from.
    pub cameras: Vec<Attached>,
    /// What sound can be captured from or played with.
    pub sound_cards: Vec<Attached>,
    /// Network interfaces of metal.
    pub interfaces: Vec<Interface>,
}

/// One disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Disk {
    /// The kernel's name, such as `mmcblk0`.
    pub name: String,
    /// What its maker calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How large it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Bytes>,
}

/// A camera or a sound card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Attached {
    /// What its maker calls it, or the kernel's name.
    pub label: String,
    /// The USB port it is plugged into, such as `1-1.3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
}

/// A network interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Interface {
    /// The kernel's name, such as `eth0`.
    pub name: String,
    /// What it is.
    pub kind: InterfaceKind,
    /// The kernel's driver, such as `r8169`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
}
