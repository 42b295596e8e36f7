//! From a payload to an action.

use jiff::Timestamp;
use lectern_api::command::{Command, Refusal, is_title};
use lectern_api::messages::mqtt as words;
use lectern_api::mqtt::{
    BundleUpload, CommandState, Diagnosis, GetSettings, Prolong, Request, Restart, SetLogLevel, SetSettings,
    Shutter, Start, TimetablePush,
};
use serde::de::DeserializeOwned;

use super::Action;

/// Every kind of command, as topics name it.
pub const KINDS: [&str; 12] = [
    "start",
    "stop",
    "prolong",
    "shutter",
    "timetable_push",
    "config_get",
    "config_set",
    "doctor",
    "bundle_upload",
    "log_level",
    "restart",
    "reboot",
];

/// Settings that one command may name.
const MOST_SETTINGS: usize = 64;

/// A command that can be understood.
pub(super) struct Parsed {
    pub(super) valid_until: Timestamp,
    pub(super) action: Action,
}

/// How far a command is, whatever else stands there.
#[derive(serde::Deserialize)]
struct Stage {
    status: CommandState,
}

/// Whether this is one of the box's own answers, which come back to it.
pub(super) fn is_answer(payload: &[u8]) -> bool {
    serde_json::from_slice(payload).is_ok_and(|stage: Stage| stage.status != CommandState::Init)
}

pub(super) fn parse(kind: &str, payload: &[u8]) -> Result<Parsed, Refusal> {
    let (valid_until, action) = match kind {
        "start" => request(payload, |Start { title, minutes }| {
            check_minutes(minutes, 720)?;
            check_title(title.as_deref())?;
            Ok(Action::Lesson(Command::Start { title, minutes }))
        }),
        "stop" => request(payload, |Diagnosis {}| Ok(Action::Lesson(Command::Stop))),
        "prolong" => request(payload, |Prolong { minutes }| {
            check_minutes(Some(minutes), 60)?;
            Ok(Action::Lesson(Command::Prolong { minutes }))
        }),
        "shutter" => request(payload, |Shutter { closed, today }| {
            Ok(Action::Lesson(Command::Shutter { closed, today }))
        }),
        "timetable_push" => request(payload, |push: TimetablePush| Ok(Action::Timetable(push))),
        "config_get" => request(payload, |GetSettings { keys }| {
            check_count(keys.len())?;
            Ok(Action::GetSettings(keys))
        }),
        "config_set" => request(payload, |SetSettings { settings }| {
            check_count(settings.len())?;
            Ok(Action::SetSettings(settings))
        }),
        "doctor" => request(payload, |Diagnosis {}| Ok(Action::Doctor)),
        "bundle_upload" => request(payload, |BundleUpload { url }| bundle(&url)),
        "log_level" => request(payload, |wanted: SetLogLevel| {
            check_minutes(Some(wanted.minutes), 24 * 60)?;
            Ok(Action::Log(wanted))
        }),
        "restart" => request(payload, |restart: Restart| Ok(Action::Restart(restart))),
        "reboot" => request(payload, |restart: Restart| Ok(Action::Reboot(restart))),
        other => return Err(Refusal::new("unknown", words::command_unknown(other))),
    }?;
    Ok(Parsed { valid_until, action })
}

fn request<T: DeserializeOwned>(
    payload: &[u8],
    action: impl FnOnce(T) -> Result<Action, Refusal>,
) -> Result<(Timestamp, Action), Refusal> {
    let request: Request<T> = serde_json::from_slice(payload).map_err(malformed)?;
    Ok((request.valid_until, action(request.body)?))
}

fn malformed(detail: impl std::fmt::Display) -> Refusal {
    Refusal::new("malformed", words::command_malformed(detail))
}

fn check_minutes(minutes: Option<u32>, most: u32) -> Result<(), Refusal> {
    match minutes {
        Some(minutes) if !(1..=most).contains(&minutes) => {
            Err(malformed(format_args!("minutes = {minutes} (1–{most})")))
        }
        _ => Ok(()),
    }
}

fn check_title(title: Option<&str>) -> Result<(), Refusal> {
    if title.is_none_or(is_title) { Ok(()) } else { Err(malformed("title (1–120)")) }
}

fn check_count(count: usize) -> Result<(), Refusal> {
    if (1..=MOST_SETTINGS).contains(&count) { Ok(()) } else { Err(malformed("keys (1–64)")) }
}

/// A bundle tells much of a box: it goes out encrypted only.
fn bundle(url: &str) -> Result<Action, Refusal> {
    match url::Url::parse(url) {
        Ok(url) if url.scheme() == "https" && url.host_str().is_some() => Ok(Action::Bundle(url)),
        _ => Err(malformed("url (https://…)")),
    }
}
