//! What the box says about itself: the answer of `lecternctl --json status`.

mod config;
mod robot;

use serde::{Deserialize, Serialize};

use crate::account::AccountStatus;
use crate::hardware::{CertificateStatus, EncoderStatus, HardwareStatus};
use crate::manifest::Trigger;
use crate::source::{PictureStatus, SoundStatus};
use crate::{Bytes, DeviceId, Kbps, LessonId, Name, TimeSource, Verdict, fault::Fault};

pub use config::{ConfigFile, ConfigStatus, UnusableFile};
pub use robot::RobotStatus;

/// The whole state at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The box.
    pub device: DeviceStatus,
    /// The running lesson.
    pub lesson: Option<LessonStatus>,
    /// The next planned lesson.
    pub next: Option<NextLesson>,
    /// Until when picture and sound are off; null when they are not.
    #[serde(default)]
    pub shutter: Option<ShutterStatus>,
    /// How the room stands before a planned lesson; null at any other time.
    #[serde(default)]
    pub check: Option<crate::check::PreClassCheck>,
    /// Every configured source, in the order of the configuration.
    pub sources: Vec<SourceStatus>,
    /// Every live target.
    pub live: Vec<LiveStatus>,
    /// What waits on the disk.
    pub spool: SpoolStatus,
    /// Every archive store.
    pub archive: Vec<ArchiveStatus>,
    /// What became of planned lessons, as far as somebody should take note.
    #[serde(default)]
    pub accounts: AccountStatus,
    /// What is wrong now.
    pub faults: Vec<Fault>,
    /// The wall clock.
    pub clock: ClockStatus,
    /// The record and live encoders in use, and how often a unit was restarted.
    pub units: Vec<UnitStatus>,
    /// The timetable; null from a box that keeps none.
    #[serde(default)]
    pub timetable: Option<crate::timetable::TimetableStatus>,
    /// How the machine feels; null until it was asked.
    #[serde(default)]
    pub hardware: Option<HardwareStatus>,
    /// Which encoder works; null from older daemons.
    #[serde(default)]
    pub encoder: Option<EncoderStatus>,
    /// Certificates of the box, as far as they can be read.
    #[serde(default)]
    pub certificates: Vec<CertificateStatus>,
    /// The connection to the broker; null where none is configured.
    #[serde(default)]
    pub broker: Option<BrokerStatus>,
    /// The group robot; null where none is configured.
    #[serde(default)]
    pub robot: Option<RobotStatus>,
    /// The configuration; null from older daemons.
    #[serde(default)]
    pub config: Option<ConfigStatus>,
}

/// The connection to the broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerStatus {
    /// Whether it is there.
    pub up: bool,
    /// Since when this is so.
    pub since: Option<jiff::Timestamp>,
    /// Why there is none, English; of the last try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Connections since the daemon started.
    pub connections: u64,
}

/// Which box, and which start of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStatus {
    /// The asset number.
    pub id: DeviceId,
    /// Where it stands.
    pub place: String,
    /// The version of the software.
    pub version: String,
    /// The kernel's boot id.
    pub boot_id: String,
    /// The Ed25519 public key that its manifests are signed with, 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The IANA name of its time zone, when it has one: times for people are
    /// shown in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What was wrong with its keys at this start, when recordings may have
    /// been made with others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_troubles: Vec<crate::Text>,
}

/// A lesson to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextLesson {
    /// Its id.
    pub id: LessonId,
    /// What people call it.
    pub title: String,
    /// When the recording begins.
    pub since: jiff::Timestamp,
    /// When it ends.
    pub until: jiff::Timestamp,
}

/// The privacy shutter, closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShutterStatus {
    /// Since when.
    pub since: jiff::Timestamp,
    /// Until when: the end of the lesson, or of the day; null when nobody knows
    /// the lesson's end.
    pub until: Option<jiff::Timestamp>,
}

/// Where a lesson is in its life. It only ever moves down this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LessonState {
    /// To come, by the timetable.
    Planned,
    /// The room is made ready for it, or the record starts.
    Preparing,
    /// Recording.
    OnAir,
    /// The last fragment is being written.
    Draining,
    /// Ended; every fragment is on the disk.
    Complete,
    /// Planned, and over without a recording.
    Missed,
}

/// A lesson at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LessonStatus {
    /// Its id.
    pub id: LessonId,
    /// What people call it.
    pub title: String,
    /// Where it is in its life.
    pub state: LessonState,
    /// Begin.
    pub since: jiff::Timestamp,
    /// End, planned or real.
    pub until: Option<jiff::Timestamp>,
    /// The bell that it was planned to begin at, which may ring after `since`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bell: Option<jiff::Timestamp>,
    /// What began it.
    pub trigger: Trigger,
    /// Seconds of media that are durable on this disk.
    pub recorded_s: f64,
    /// Seconds without media, for any reason.
    pub gap_s: f64,
    /// Fragments durable here.
    pub fragments: u64,
    /// Since when this start of the daemon records it; null from older daemons.
    #[serde(default)]
    pub recording_since: Option<jiff::Timestamp>,
    /// How long ago the newest fragment of this or an earlier lesson became
    /// durable; null when there was none since the daemon started.
    #[serde(default)]
    pub last_fragment_age_ms: Option<u64>,
}

/// What a source shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The smart board or slides.
    Board,
    /// A camera.
    Camera,
    /// A microphone.
    Mic,
    /// The board computer's own sound.
    Line,
}

impl Role {
    /// Whether it delivers pictures.
    #[must_use]
    pub fn is_video(self) -> bool {
        matches!(self, Self::Board | Self::Camera)
    }
}

/// How a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceState {
    /// Not needed at the moment.
    Idle,
    /// Being opened.
    Connecting,
    /// Delivering.
    Running,
    /// Lost; a slate stands in for it, and it is tried again.
    Lost,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceStatus {
    /// Its name.
    pub name: Name,
    /// What it shows.
    pub role: Role,
    /// How it is.
    pub state: SourceState,
    /// Age of the newest frame; null when there was none.
    pub last_frame_age_ms: Option<u64>,
    /// How loud the last seconds were, in dB below full scale; null of a source
    /// of pictures, and while nothing is heard or measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_db: Option<i32>,
    /// What is to be seen; null of a source of sound, and while nobody looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureStatus>,
    /// What is to be heard; null of other sources than a microphone, and while
    /// nobody listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<SoundStatus>,
    /// How often it had to be opened again.
    pub restarts: u64,
}

/// How a live target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LiveState {
    /// No lesson runs.
    Idle,
    /// Opening the connection.
    Connecting,
    /// Sending.
    Sending,
    /// The connection is open and takes nothing.
    Stalled,
    /// Waiting before the next try.
    Waiting,
}

/// One live target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveStatus {
    /// Its name.
    pub name: Name,
    /// How it is.
    pub state: LiveState,
    /// Sent over the last seconds.
    pub bitrate_kbps: Kbps,
    /// The rate step in use; 0 is full quality.
    pub step: u32,
    /// Round trip as the transport measures it, when it does.
    pub rtt_ms: Option<u64>,
    /// Connections begun since the daemon started.
    pub attempts: u64,
    /// Pipelines that would not stop and were left behind.
    pub abandoned: u64,
    /// Frames that this target did not get, since the daemon started.
    pub dropped_frames: u64,
}

/// What waits on the disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpoolStatus {
    /// Seconds of media that some archive still lacks.
    pub pending_s: f64,
    /// The same in bytes.
    pub pending_bytes: Bytes,
    /// Seconds of recording that still fit at the configured rate: into what is
    /// free, and what may go when room is needed.
    pub free_s: f64,
    /// Lessons of the last seven days that made way on a full disk although no
    /// archive had all of them.
    #[serde(default)]
    pub made_way: u32,
    /// Lessons on this disk that another device key encrypted: this box cannot
    /// read them.
    #[serde(default)]
    pub locked_lessons: u32,
    /// The file of decisions about lessons that cannot be read; while there is
    /// one, no lesson is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable_decisions: Option<String>,
}

/// How an archive store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArchiveState {
    /// Nothing to do.
    Idle,
    /// Uploading.
    Uploading,
    /// The last try failed; it is tried again.
    Retrying,
}

/// One archive store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArchiveStatus {
    /// Its name.
    pub name: Name,
    /// How it is.
    pub state: ArchiveState,
    /// Seconds of media it still lacks.
    pub pending_s: f64,
    /// The same in bytes.
    #[serde(default)]
    pub pending_bytes: Bytes,
    /// What went there over the last minute of uploading.
    #[serde(default)]
    pub rate_kbps: Kbps,
    /// Seconds until it has everything, at that pace and with what is recorded
    /// meanwhile; null when it never would, or nothing is known.
    #[serde(default)]
    pub through_in_s: Option<f64>,
    /// Why the last try failed, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<crate::Text>,
}

/// The wall clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockStatus {
    /// Whether the kernel says that it is synchronised.
    pub synced: bool,
    /// The kernel's estimate of the error.
    pub offset_ms: i64,
    /// The box's own time, which decides when bells ring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc: Option<jiff::Timestamp>,
    /// Who vouches for it.
    #[serde(default)]
    pub source: TimeSource,
    /// Whether the bell may ring; null from a version that did not tell.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// How far the box's time may be off; null when nobody knows.
    #[serde(default)]
    pub uncertainty_ms: Option<u64>,
    /// By how much a better source says that it is ahead; it is set back at the
    /// end of the lesson.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead_ms: Option<u64>,
    /// The box's time minus the system's.
    #[serde(default)]
    pub correction_ms: i64,
    /// Where the last step of the box's time led, since the daemon started.
    #[serde(default)]
    pub jumped_at: Option<jiff::Timestamp>,
    /// How often the machine was started, as far as the box remembers.
    #[serde(default)]
    pub boots: u64,
}

/// A supervised unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitStatus {
    /// Its name.
    pub name: String,
    /// How often it failed and was started again.
    pub restarts: u64,
}
