//! What the box does about a fault by itself, and which part a fault may need.

use serde::{Deserialize, Serialize};

use crate::{Text, messages};

/// One kind of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// A source was closed and opened anew.
    RestartSource,
    /// The USB plug of a source was pulled and put in again, as far as software
    /// can.
    Replug,
    /// The encoder was given up for the next one.
    NextEncoder,
    /// What leaves the box goes out by another of its uplinks.
    OtherUplink,
    /// What the retention lets go was let go.
    FreeRoom,
    /// The daemon ended and began anew.
    RestartDaemon,
    /// The machine was started again.
    Reboot,
}

impl Repair {
    /// All of them, the gentlest first.
    pub const ALL: [Self; 7] = [
        Self::RestartSource,
        Self::Replug,
        Self::NextEncoder,
        Self::OtherUplink,
        Self::FreeRoom,
        Self::RestartDaemon,
        Self::Reboot,
    ];

    /// What was done, in a few words.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::RestartSource => messages::repair_restart_source(),
            Self::Replug => messages::repair_replug(),
            Self::NextEncoder => messages::repair_next_encoder(),
            Self::OtherUplink => messages::repair_other_uplink(),
            Self::FreeRoom => messages::repair_free_room(),
            Self::RestartDaemon => messages::repair_restart_daemon(),
            Self::Reboot => messages::repair_reboot(),
        }
    }
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is under way.
    Running,
    /// It was carried out; whether it helps is not known yet.
    Done,
    /// The fault was over afterwards.
    Helped,
    /// The fault was still there afterwards.
    NoHelp,
    /// It could not be carried out.
    Failed,
    /// This box has nobody who could: its helper is not there.
    Skipped,
    /// The box ended in the middle of it.
    Interrupted,
}

impl Outcome {
    /// In a few words.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Running => messages::repair_running(),
            Self::Done => messages::repair_done(),
            Self::Helped => messages::repair_helped(),
            Self::NoHelp => messages::repair_no_help(),
            Self::Failed => messages::repair_failed(),
            Self::Skipped => messages::repair_skipped(),
            Self::Interrupted => messages::repair_interrupted(),
        }
    }
}

/// A step that the box has tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tried {
    /// Which.
    pub what: Repair,
    /// When it was begun.
    pub at: jiff::Timestamp,
    /// What became of it.
    pub outcome: Outcome,
}

/// A part that a fault may need, for whoever packs the bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// 摄像机
    Camera,
    /// 网线、HDMI 线
    Cable,
    /// 话筒
    Microphone,
    /// 硬盘
    Disk,
    /// 电源
    PowerSupply,
}

impl Part {
    /// What people call it.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Camera => messages::part_camera(),
            Self::Cable => messages::part_cable(),
            Self::Microphone => messages::part_microphone(),
            Self::Disk => messages::part_disk(),
            Self::PowerSupply => messages::part_power_supply(),
        }
    }
}
