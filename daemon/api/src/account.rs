//! What became of each planned lesson: recorded, live, and if not, why not.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{DeviceId, LessonId, Text};

/// A planned lesson as its account keeps it: what the timetable had of it when
/// the account was settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedLesson {
    /// The id of its place in the ordinary week, the same on every box.
    pub id: LessonId,
    /// When it is held.
    pub date: Date,
    /// The week of the term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<u8>,
    /// Its periods or hours, for people.
    pub slot: Text,
    /// What is taught.
    pub subject: String,
    /// Who is taught.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Who teaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teacher: Option<String>,
    /// The bell that begins it, UTC.
    pub begin: Timestamp,
    /// The bell that ends it, UTC, after `begin`.
    pub end: Timestamp,
}

impl PlannedLesson {
    /// `数学 三(2)班 李梅`
    #[must_use]
    pub fn title(&self) -> String {
        let parts = [Some(&self.subject), self.class.as_ref(), self.teacher.as_ref()];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// What became of a planned lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has not begun.
    Planned,
    /// It has begun and not ended.
    Running,
    /// Over, and there is a recording; what it lacks is listed.
    Complete,
    /// Over, and there is none.
    Missed,
    /// Nothing was owed: cancelled, or the box was told not to record.
    NotOwed,
}

/// Why a stretch of a lesson was not recorded. The order is that of precedence:
/// of several that hold at once the first is told. What a person wanted comes
/// first; then what the recorder saw while it ran; then what the journal
/// concludes, which knows the end of the power to five minutes only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Recording was suspended by a person.
    Suspended,
    /// The privacy shutter was closed.
    Shutter,
    /// A person ended the lesson.
    StoppedByHand,
    /// The disk was full or refused a fragment.
    DiskRefused,
    /// The disk was too slow.
    DiskSlow,
    /// The recording was damaged on the disk.
    Damaged,
    /// The recording made way on a full disk before it was archived.
    MadeWay,
    /// The box lost its power or was reset: it came up with another boot and
    /// had not been shut down.
    PowerLost,
    /// The box was shut down in order.
    SwitchedOff,
    /// The box was on, and the recorder was not running.
    SoftwareDown,
    /// The box did not know what time it was.
    ClockUnknown,
    /// The record pipeline failed.
    PipelineDown,
    /// The box was off or the recorder not running; which is not known.
    NotRunning,
    /// The box was off or did not know what time it was; which is not known.
    OffOrClockUnknown,
    /// Nothing is known about why. The aliases are causes that accounts could
    /// once name and that nothing ever concluded.
    #[serde(alias = "no_source", alias = "no_timetable")]
    Unknown,
}

impl Cause {
    /// Whether a person wanted it so.
    #[must_use]
    pub fn is_wanted(self) -> bool {
        matches!(self, Self::Suspended | Self::Shutter | Self::StoppedByHand)
    }

    /// For people.
    #[must_use]
    pub fn text(self) -> Text {
        use crate::messages::account as words;
        match self {
            Self::Suspended => words::cause_suspended(),
            Self::Shutter => words::cause_shutter(),
            Self::StoppedByHand => words::cause_stopped_by_hand(),
            Self::PowerLost => words::cause_power_lost(),
            Self::SwitchedOff => words::cause_switched_off(),
            Self::SoftwareDown => words::cause_software_down(),
            Self::NotRunning => words::cause_not_running(),
            Self::ClockUnknown => words::cause_clock_unknown(),
            Self::DiskRefused => words::cause_disk_refused(),
            Self::DiskSlow => words::cause_disk_slow(),
            Self::Damaged => words::cause_damaged(),
            Self::MadeWay => words::cause_made_way(),
            Self::PipelineDown => words::cause_pipeline_down(),
            Self::OffOrClockUnknown => words::cause_off_or_clock_unknown(),
            Self::Unknown => words::cause_unknown(),
        }
    }
}

/// A stretch of a lesson without media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// From when, UTC.
    pub from: Timestamp,
    /// Until when, UTC, after `from`.
    pub until: Timestamp,
    /// Why.
    pub cause: Cause,
}

impl Missing {
    /// Its length.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.until.duration_since(self.from).as_secs_f64()
    }
}

/// A person has taken note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// When, UTC.
    pub at: Timestamp,
    /// Who, as the audit's log names them.
    pub by: String,
}

/// What became of one planned lesson.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The lesson.
    #[serde(flatten)]
    pub lesson: PlannedLesson,
    /// What became of it.
    pub outcome: Outcome,
    /// Seconds between the bells that there are media of. Of a lesson that runs
    /// or is over and was owed, `recorded_s` and the stretches of `missing`
    /// together are all of it so far.
    pub recorded_s: f64,
    /// Seconds between the bells in which at least one live target was sent to.
    pub live_s: f64,
    /// How long after the bell the recording began; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_s: Option<f64>,
    /// What there are no media of, by time, each with its one cause.
    #[serde(default)]
    pub missing: Vec<Missing>,
    /// The same in one sentence, in the time zone of the timetable.
    pub reason: Text,
    /// The recordings that media lie in; most often one.
    #[serde(default)]
    pub recordings: Vec<LessonId>,
    /// When the account was settled, UTC; absent while it may still change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Timestamp>,
    /// Who has taken note of what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledged>,
}

impl Account {
    /// Seconds from bell to bell.
    #[must_use]
    pub fn planned_s(&self) -> f64 {
        self.lesson.end.duration_since(self.lesson.begin).as_secs_f64()
    }

    /// Seconds without media.
    #[must_use]
    pub fn missing_s(&self) -> f64 {
        self.missing.iter().map(Missing::seconds).fold(0.0, |sum, seconds| sum + seconds)
    }

    /// Whether nothing is there, and not because a person wanted it so.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.outcome == Outcome::Missed && self.missing.iter().any(|missing| !missing.cause.is_wanted())
    }
}

/// Many accounts, added up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sum {
    /// What they have in common; empty for all and where the timetable says
    /// nothing.
    pub name: String,
    /// Lessons, without those that nothing was owed of.
    pub lessons: u32,
    /// Of these, not over yet.
    pub to_come: u32,
    /// Of these, over with a recording.
    pub complete: u32,
    /// Of these, over without one.
    pub missed: u32,
    /// Beside these: nothing was owed.
    pub not_owed: u32,
    /// Seconds from bell to bell of the lessons that are over.
    pub planned_s: f64,
    /// Seconds recorded.
    pub recorded_s: f64,
    /// Seconds live.
    pub live_s: f64,
    /// Seconds missing.
    pub missing_s: f64,
}

/// Accounts, added up in every way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sums {
    /// All of them.
    pub total: Sum,
    /// By class, by name.
    pub by_class: Vec<Sum>,
    /// By subject, by name.
    pub by_subject: Vec<Sum>,
    /// By teacher, by name.
    pub by_teacher: Vec<Sum>,
    /// By week of the term.
    pub by_week: Vec<Sum>,
}

/// The answer of `/api/v1/report`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The box.
    pub device: DeviceId,
    /// Where it stands.
    pub place: String,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// When the report was made, UTC.
    pub made: Timestamp,
    /// Since when the box keeps accounts, UTC; nothing is known of lessons
    /// before. Absent when it never has.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// The IANA name of the time zone that its times are shown in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// By time.
    pub lessons: Vec<Account>,
    /// The lessons, added up.
    #[serde(flatten)]
    pub sums: Sums,
}

/// What the status says about planned lessons.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AccountStatus {
    /// Lessons without a recording that nobody has taken note of: the oldest
    /// three.
    #[serde(default)]
    pub missed: Vec<MissedLesson>,
    /// How many there are of them in all.
    #[serde(default)]
    pub missed_total: u32,
    /// How many of them by cause, the most frequent first.
    #[serde(default)]
    pub missed_by_cause: Vec<(Cause, u32)>,
    /// How many days the longest absence lasted that lessons of these were
    /// missed in; 0 when it was less than a day.
    #[serde(default)]
    pub absent_days: u32,
    /// The newest power cut that nobody expected or has taken note of.
    #[serde(default)]
    pub reboot: Option<UnexpectedReboot>,
}

/// A lesson without a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedLesson {
    /// Which.
    pub id: LessonId,
    /// What people call it.
    pub title: String,
    /// When it was.
    pub date: Date,
    /// Its periods or hours.
    pub slot: Text,
    /// Why there is none.
    pub reason: Text,
}

/// The box was off, and nobody had shut it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnexpectedReboot {
    /// When it was last known to be on, UTC.
    pub from: Timestamp,
    /// When it was on again, UTC.
    pub until: Timestamp,
    /// The same for people, in the box's time zone.
    pub text: Text,
}

/// The answer to an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteTaken {
    /// The lessons that were taken note of.
    pub lessons: Vec<LessonId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_names_a_former_cause_is_read_as_one_whose_cause_is_unknown() {
        for former in ["no_source", "no_timetable"] {
            let kept = serde_json::json!({
                "id": "20260907-p01-3f2a91c4",
                "date": "2026-09-07",
                "slot": { "en": "period 1", "zh": "第1节" },
                "subject": "语文",
                "begin": "2026-09-07T00:00:00Z",
                "end": "2026-09-07T00:40:00Z",
                "outcome": "missed",
                "recorded_s": 0.0,
                "live_s": 0.0,
                "missing": [{
                    "from": "2026-09-07T00:00:00Z",
                    "until": "2026-09-07T00:40:00Z",
                    "cause": former,
                }],
                "reason": { "en": "not recorded", "zh": "未录" },
                "settled": "2026-09-07T00:41:00Z",
            });
            let account: Account = serde_json::from_value(kept).unwrap();
            assert_eq!(account.missing[0].cause, Cause::Unknown, "{former}");
            let written = serde_json::to_value(&account).unwrap();
            assert_eq!(written["missing"][0]["cause"], "unknown");
        }
    }
}
