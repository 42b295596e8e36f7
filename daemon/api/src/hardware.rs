//! How the machine feels, and what it consists of. What a board cannot tell is
//! absent: never zero.

use serde::{Deserialize, Serialize};

use crate::Bytes;

/// How the machine feels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HardwareStatus {
    /// How long ago the machine was asked; every 2 s as a rule.
    pub age_ms: u64,
    /// It is played by a script (`[hardware] simulation`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    /// How long the kernel has been running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_s: Option<u64>,
    /// Temperatures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneStatus>,
    /// Whether heat makes the machine slower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slowed: Option<bool>,
    /// Whether the supply's voltage is too low.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undervoltage: Option<bool>,
    /// Memory.
    pub memory: MemoryStatus,
    /// The folders that the box writes to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceStatus>,
    /// Disks, cards and sticks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disks: Vec<DiskStatus>,
    /// Network interfaces of metal; no bridges or tunnels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<InterfaceStatus>,
    /// What the last reset came from, when a chip remembers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_reset: Option<ResetCause>,
}

/// One temperature.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ZoneStatus {
    /// The kernel's name for it, such as `cpu-thermal`.
    pub name: String,
    /// °C.
    pub temperature_c: f64,
    /// Where the machine cuts its power, °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical_c: Option<f64>,
}

/// Memory, and who waits for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MemoryStatus {
    /// What the machine has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_bytes: Option<Bytes>,
    /// What programs could still have without swapping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_bytes: Option<Bytes>,
    /// For how much of the last 10 s everything waited for memory, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stalled_percent: Option<f64>,
}

/// A folder that the box writes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceStatus {
    /// `spool` or `facts`.
    pub name: String,
    /// The size of its file system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_bytes: Option<Bytes>,
    /// What may still be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_bytes: Option<Bytes>,
}

/// One disk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiskStatus {
    /// The kernel's name, such as `mmcblk0`.
    pub name: String,
    /// What its maker calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether the box writes its recordings or facts there.
    pub in_use: bool,
    /// How long a write took on average over the last seconds; nothing when
    /// none ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_wait_ms: Option<f64>,
    /// How long a flush took: what makes a fragment durable waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flush_wait_ms: Option<f64>,
    /// For how much of the time something was under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub busy_percent: Option<f64>,
    /// How much of its life is used; may exceed 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worn_percent: Option<u8>,
    /// What is left of its spare blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Reserve>,
    /// Whether it calls itself sound (SMART).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<bool>,
    /// Blocks that can no longer be read (SMART).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad_blocks: Option<u64>,
    /// Blocks that had to be replaced by spare ones (SMART, SATA).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_blocks: Option<u64>,
}

/// What is left of a disk's spare blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reserve {
    /// Enough.
    Normal,
    /// A fifth or less.
    Low,
    /// A tenth or less.
    Urgent,
}

/// One network interface.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InterfaceStatus {
    /// The kernel's name, such as `eth0`.
    pub name: String,
    /// What it is.
    pub kind: InterfaceKind,
    /// Whether there is a signal; nothing while it is switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<bool>,
    /// What the cable carries, Mbit/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub megabits: Option<u32>,
    /// How well the access point is heard, dBm: −50 is good, −80 is poor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal_dbm: Option<i32>,
    /// Since the machine's start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_bytes: Option<Bytes>,
    /// Since the machine's start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_bytes: Option<Bytes>,
}

/// What an interface is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InterfaceKind {
    /// A cable.
    #[default]
    Wired,
    /// Wi-Fi.
    Wireless,
    /// A mobile network.
    Mobile,
    /// A USB device that plays a network card: an adapter, a phone, a stick.
    UsbLink,
}

/// What a reset came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetCause {
    /// The machine hung, and its watchdog started it again.
    Watchdog,
    /// It was too hot, or a fan stood still.
    Overheated,
    /// The supply's voltage was too low.
    Undervoltage,
    /// The supply's voltage was too high.
    Overvoltage,
    /// A button, or another chip.
    External,
}

/// Which encoder works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EncoderStatus {
    /// The one in use, by GStreamer's name; null while one is looked for.
    pub name: Option<String>,
    /// Whether a chip does the work.
    pub hardware: bool,
    /// Those that are preferred and failed since they were looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given_up: Vec<String>,
    /// Whether a chip is among them.
    pub chip_given_up: bool,
    /// None encodes: nothing can be recorded.
    pub none_works: bool,
}

/// A certificate that the box shows to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateStatus {
    /// Whom it is shown to: `mqtt`.
    pub name: String,
    /// When it expires, UTC.
    pub until: jiff::Timestamp,
}
