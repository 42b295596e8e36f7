//! The archive's manifest: what a lesson consists of, so that anybody who has
//! the files can prove that nothing is missing.

use serde::{Deserialize, Serialize};

use crate::{DeviceId, LessonId, Name, Text, Ticks};

/// The version of this layout; a reader refuses a higher one.
pub const MANIFEST_VERSION: u32 = 1;

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`].
    pub version: u32,
    /// The box that recorded.
    pub device: DeviceId,
    /// What the lesson is.
    pub lesson: LessonInfo,
    /// Whether more is to come.
    pub state: ManifestState,
    /// One per start of the record pipeline, in order.
    pub runs: Vec<Run>,
    /// What was recorded, by track.
    pub tracks: Vec<Track>,
    /// Where there is no media, and why.
    pub gaps: Vec<Gap>,
    /// Who deleted it and why; only with [`ManifestState::Deleted`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// The box's word for all of the above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// Why a lesson is not there any more although nothing was lost: 按申请删除.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// When, UTC.
    pub at: jiff::Timestamp,
    /// Who carried it out: an account, a user of this machine, or `retention`.
    pub by: String,
    /// What was given as the reason.
    pub reason: String,
}

impl Deletion {
    /// Who lets lessons go when nobody asked for it.
    pub const RETENTION: &str = "retention";

    /// Whether it went by age, for room or to make way, and not because
    /// somebody wanted it deleted.
    #[must_use]
    pub fn is_by_retention(&self) -> bool {
        self.by == Self::RETENTION
    }
}

/// A signature over the manifest: Ed25519 (RFC 8032) over the canonical JSON
/// (RFC 8785) of the manifest without its `signature`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// `ed25519`; a reader refuses any other.
    pub algorithm: String,
    /// The public key, 32 bytes, lower-case hex. It names the key; whether to
    /// trust it is the reader's to know.
    pub public_key: String,
    /// 64 bytes, lower-case hex.
    pub value: String,
}

/// Whether a manifest is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ManifestState {
    /// The lesson runs, or its upload does.
    Open,
    /// Complete: every fragment is listed.
    Closed,
    /// The media were deleted on purpose; neither runs, tracks nor gaps are
    /// listed, and the title is empty.
    Deleted,
}

/// What a lesson is called and when it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LessonInfo {
    /// Its id.
    pub id: LessonId,
    /// What people call it.
    pub title: String,
    /// The local date it belongs to (`2026-03-02`).
    pub date: jiff::civil::Date,
    /// When it began, UTC.
    pub since: jiff::Timestamp,
    /// When it ended, UTC; absent while open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<jiff::Timestamp>,
    /// When it ends by itself, UTC; absent when somebody will end it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_until: Option<jiff::Timestamp>,
    /// What began it.
    pub trigger: Trigger,
    /// What the timetable says of it; absent when it stands in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Planned>,
}

/// What the timetable says of a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The bell that begins it, UTC.
    pub begin: jiff::Timestamp,
    /// The bell that ends it, UTC.
    pub end: jiff::Timestamp,
    /// Its periods or hours, as the timetable writes them (`3`, `3-4`).
    pub slot: String,
    /// What is taught.
    pub subject: String,
    /// Who is taught.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Who teaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teacher: Option<String>,
}

/// What began a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A person, through the command line or a page.
    Hand,
    /// A person, by the button on the box or the panel.
    Button,
    /// A person, over the broker.
    Remote,
    /// The timetable.
    Timetable,
    /// A picture that came up on the board's input.
    Signal,
    /// Sound in the room.
    Sound,
    /// The daemon's own start, as `lecternd run --start` asks for.
    Launch,
}

impl Trigger {
    /// Whether nobody decided: neither a person nor the timetable, which a
    /// person has made.
    #[must_use]
    pub fn is_automatic(self) -> bool {
        matches!(self, Self::Signal | Self::Sound)
    }

    /// For people: by whom, or by what.
    #[must_use]
    pub fn text(self) -> Text {
        use crate::messages;
        match self {
            Self::Hand => messages::trigger_hand(),
            Self::Button => messages::trigger_button(),
            Self::Remote => messages::trigger_remote(),
            Self::Timetable => messages::trigger_timetable(),
            Self::Signal => messages::trigger_signal(),
            Self::Sound => messages::trigger_sound(),
            Self::Launch => messages::trigger_launch(),
        }
    }
}

/// One start of the record pipeline. Within a run the codec configuration does
/// not change; the time line goes on across runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Counts from 1 within the lesson.
    pub run: u32,
    /// The track it belongs to.
    pub track: Name,
    /// Path of the init segment, relative to the manifest.
    pub init: String,
    /// SHA-256 of the init segment as uploaded, lower-case hex.
    pub init_sha256: String,
    /// Size of the init segment.
    pub init_bytes: u64,
    /// RFC 6381 codecs, such as `avc1.64001f,mp4a.40.2`.
    pub codecs: String,
    /// Where the time line touches wall time; at least one, at the start.
    pub anchors: Vec<Anchor>,
}

/// A moment known on both the lesson's time line and the wall clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Anchor {
    /// On the lesson's time line.
    pub pts_90k: Ticks,
    /// On the wall clock.
    pub utc: jiff::Timestamp,
    /// Whether a machine of the network vouched for the wall clock then: NTP, or
    /// a server with a valid certificate.
    pub synced: bool,
    /// How far the wall clock may have been off, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty_ms: Option<u32>,
}

/// One track: `program`, or a source of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Its name.
    pub name: Name,
    /// In order of `seq`.
    pub fragments: Vec<FragmentEntry>,
}

/// One fragment as it lies in the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FragmentEntry {
    /// Counts from 1 within the track, without holes.
    pub seq: u64,
    /// The run whose init segment it needs.
    pub run: u32,
    /// Relative to the manifest.
    pub path: String,
    /// Begin on the lesson's time line.
    pub pts_90k: Ticks,
    /// Length.
    pub duration_90k: Ticks,
    /// Size as uploaded.
    pub bytes: u64,
    /// SHA-256 as uploaded, lower-case hex.
    pub sha256: String,
}

/// A stretch without media.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Gap {
    /// The track that lacks it.
    pub track: Name,
    /// Begin on the lesson's time line.
    pub from_90k: Ticks,
    /// End on the lesson's time line.
    pub to_90k: Ticks,
    /// Why.
    pub reason: GapReason,
}

impl Gap {
    /// Whether there is media all the same: pictures are missing, sound goes
    /// on. Such a gap lies over fragments and is no hole in the time line.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.reason == GapReason::Overload
    }
}

/// Why there is no media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The daemon was not running: power cut, crash, update.
    NotRunning,
    /// The record pipeline failed and was started again.
    PipelineRestarted,
    /// The disk did not take a fragment in time.
    SpoolTooSlow,
    /// The disk refused a fragment: full, or an error.
    SpoolRefused,
    /// The processor could not keep up: pictures were dropped before encoding,
    /// the sound was not.
    Overload,
    /// A fragment was found damaged on the disk.
    Damaged,
    /// The disk was full and the configuration says that the oldest recording
    /// makes way, although no archive had it.
    MadeWay,
    /// The privacy shutter was on.
    Shutter,
    /// The lesson was joined after its bell: the box was not running then, or
    /// did not know what time it was.
    JoinedLate,
}

impl GapReason {
    /// For people.
    #[must_use]
    pub fn text(self) -> crate::Text {
        match self {
            Self::NotRunning => crate::messages::gap_not_running(),
            Self::PipelineRestarted => crate::messages::gap_restarted(),
            Self::SpoolTooSlow => crate::messages::gap_too_slow(),
            Self::SpoolRefused => crate::messages::gap_refused(),
            Self::Overload => crate::messages::gap_overload(),
            Self::Damaged => crate::messages::gap_damaged(),
            Self::MadeWay => crate::messages::gap_made_way(),
            Self::Shutter => crate::messages::gap_shutter(),
            Self::JoinedLate => crate::messages::gap_joined_late(),
        }
    }
}
