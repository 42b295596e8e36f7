//! The pre-class check: in the last minutes before the bell, what the lesson
//! will need and whether it is there. 课前自检.

use serde::{Deserialize, Serialize};

use crate::{LessonId, Text};

/// How the room stands before a planned lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreClassCheck {
    /// The lesson to come.
    pub lesson: LessonId,
    /// What people call it.
    pub title: String,
    /// When it begins.
    pub bell: jiff::Timestamp,
    /// When this was found.
    pub at: jiff::Timestamp,
    /// Whether nothing stands in the way of the lesson.
    pub ready: bool,
    /// What was looked at, sources first.
    pub items: Vec<CheckItem>,
}

impl PreClassCheck {
    /// What is wrong.
    pub fn troubles(&self) -> impl Iterator<Item = &CheckItem> {
        self.items.iter().filter(|item| item.result == CheckResult::Trouble)
    }
}

/// One thing that a lesson needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckItem {
    /// What kind of thing.
    pub what: Checked,
    /// Which one: the name of the source, target or store; the name of the kind
    /// where there is only one.
    pub unit: String,
    /// How it is.
    pub result: CheckResult,
    /// What was found.
    pub text: Text,
    /// One thing to do; only with [`CheckResult::Trouble`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// The code of the fault that it is, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Checked {
    /// A camera's picture.
    Camera,
    /// The board's picture.
    Board,
    /// A microphone, or the board computer's sound.
    Sound,
    /// Room on the disk for the whole lesson.
    Disk,
    /// A live target.
    Live,
    /// An archive store.
    Archive,
    /// The link to all of them.
    Uplink,
    /// The wall clock.
    Clock,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    /// Fine.
    Fine,
    /// The lesson will miss something, unless somebody does something.
    Trouble,
    /// Nothing is known, or not yet.
    NotChecked,
}
