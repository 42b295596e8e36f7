//! From what was measured before a lesson to what is said about it. Pure.

use std::time::Duration;

use lectern_api::check::{CheckItem, CheckResult, Checked, PreClassCheck};
use lectern_api::source::{PictureStatus, SoundStatus};
use lectern_api::status::{Role, SourceState};
use lectern_api::{Kbps, Name, Text, Verdict, messages};

use super::reach::Reach;
use crate::capture::gauge::Heard;
use crate::health::guards::{self, Flaw};
use crate::lesson::agenda::Due;

/// Everything that was measured.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub(super) lesson: Due,
    pub(super) at: jiff::Timestamp,
    /// For how long the room has been open.
    pub(super) open_for: Duration,
    /// Whether picture and sound are shut off.
    pub(super) is_shut: bool,
    pub(super) sources: Vec<Source>,
    /// How much more can be recorded; nothing when the disk does not say.
    pub(super) free: Option<Duration>,
    pub(super) links: Vec<Link>,
    /// What the newest upload reached, when there was one lately.
    pub(super) upload_rate: Option<Kbps>,
    /// Whether the bell can be believed.
    pub(super) clock: Verdict,
}

/// One source.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) name: Name,
    pub(super) role: Role,
    pub(super) state: SourceState,
    pub(super) picture: Option<PictureStatus>,
    pub(super) sound: Option<SoundStatus>,
    pub(super) heard: Option<Heard>,
}

/// A live target or an archive.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) name: Name,
    pub(super) what: Checked,
    pub(super) reach: Reach,
}

/// Opening a camera on the network takes up to ten seconds.
const OPENING: Duration = Duration::from_secs(12);

/// What is said about it.
pub(super) fn judge(measured: &Measured) -> PreClassCheck {
    let mut items: Vec<CheckItem> = measured.sources.iter().map(|s| source(s, measured)).collect();
    items.push(disk(measured));
    let outside: Vec<&Reach> = measured.links.iter().map(|l| &l.reach).filter(|r| r.is_outside()).collect();
    let is_down = !outside.is_empty() && outside.iter().all(|reach| matches!(reach, Reach::Silent(_)));
    items.extend(measured.links.iter().map(|l| link(l, is_down)));
    items.push(uplink(measured, &outside, is_down));
    items.push(clock(measured.clock));
    PreClassCheck {
        lesson: measured.lesson.id().clone(),
        title: measured.lesson.info.title.clone(),
        bell: measured.lesson.begin,
        at: measured.at,
        ready: items.iter().all(|item| item.result != CheckResult::Trouble),
        items,
    }
}

/// Something that is fine.
fn item(what: Checked, unit: impl Into<String>, text: Text) -> CheckItem {
    CheckItem { what, unit: unit.into(), result: CheckResult::Fine, text, hint: None, code: None }
}

/// Turns of an item.
trait Turn {
    fn unknown(self) -> CheckItem;
    fn trouble(self, hint: Text, code: Option<&str>) -> CheckItem;
}

impl Turn for CheckItem {
    fn unknown(self) -> CheckItem {
        CheckItem { result: CheckResult::NotChecked, ..self }
    }

    fn trouble(self, hint: Text, code: Option<&str>) -> CheckItem {
        let code = code.map(str::to_owned);
        CheckItem { result: CheckResult::Trouble, hint: Some(hint), code, ..self }
    }
}

fn source(source: &Source, measured: &Measured) -> CheckItem {
    let Source { name, role, state, .. } = source;
    let what = match role {
        Role::Camera => Checked::Camera,
        Role::Board => Checked::Board,
        Role::Mic | Role::Line => Checked::Sound,
    };
    let say = |text| item(what, name.as_str(), text);
    let flawed = |Flaw { code, text, hint, .. }: Flaw| {
        let (en, zh) = (messages::check_flaw(name, &text.en).en, messages::check_flaw(name, &text.zh).zh);
        say(Text { en, zh }).trouble(hint, Some(code))
    };
    if measured.is_shut {
        return say(messages::check_shutter(name)).unknown();
    }
    let is_there = *state == SourceState::Running;
    let is_opening = !is_there && *state != SourceState::Lost && measured.open_for < OPENING;
    match role {
        Role::Board if is_there && source.picture.is_none_or(|picture| !picture.is_empty()) => {
            say(messages::check_board_fine(name))
        }
        Role::Board => say(messages::check_board_absent(name)).unknown(),
        _ if is_opening => say(messages::check_opening(name)).unknown(),
        Role::Camera if !is_there => say(messages::check_camera_absent(name))
            .trouble(messages::camera_lost_hint(), Some("camera.lost")),
        Role::Camera => {
            let flaw = source.picture.and_then(|picture| guards::of_picture(*role, &picture));
            match flaw {
                Some(flaw) => flawed(flaw),
                None if source.picture.is_some_and(|picture| picture.is_lively()) => {
                    say(messages::check_camera_fine(name))
                }
                None => say(messages::check_camera_watching(name)).unknown(),
            }
        }
        // The board computer is off still, or plays nothing.
        Role::Line if !is_there => say(messages::check_sound_absent(name)).unknown(),
        Role::Mic if !is_there => {
            say(messages::check_sound_absent(name)).trouble(messages::mic_lost_hint(), Some("mic.lost"))
        }
        Role::Mic | Role::Line => {
            let heard = source.heard.filter(Heard::is_settled);
            let flaw = source.sound.as_ref().and_then(|sound| guards::of_sound(sound).next());
            let is_open = source.sound.is_some_and(|sound| sound.is_open(heard.map(Heard::level)));
            match (flaw, heard) {
                (Some(flaw), _) => flawed(flaw),
                (None, Some(heard)) if is_open || *role == Role::Line => {
                    say(messages::check_sound_fine(name, heard.level()))
                }
                _ => say(messages::check_opening(name)).unknown(),
            }
        }
    }
}

fn disk(measured: &Measured) -> CheckItem {
    let lesson = measured.lesson.until.duration_since(measured.lesson.begin);
    let needed = Duration::try_from(lesson).unwrap_or_default();
    let minutes = |duration: Duration| duration.as_secs() / 60;
    let say = |text| item(Checked::Disk, "spool", text);
    match measured.free {
        None => say(messages::check_disk_unknown()).unknown(),
        Some(free) if free < needed => {
            say(messages::check_disk_small(minutes(free), minutes(needed + Duration::from_secs(59))))
                .trouble(messages::spool_filling_hint(), Some("spool.filling"))
        }
        Some(free) => say(messages::check_disk_fine(minutes(free))),
    }
}

/// With the whole link down, that is the one fault.
fn link(link: &Link, is_down: bool) -> CheckItem {
    let Link { name, what, reach } = link;
    let say = |text| item(*what, name.as_str(), text);
    match reach {
        Reach::Asking => say(messages::check_reaching(name)).unknown(),
        Reach::Listener => say(messages::check_listener(name)).unknown(),
        Reach::NotTried => say(messages::check_not_tried(name)).unknown(),
        Reach::Here => say(messages::check_folder_fine(name)),
        Reach::Answers(after) => say(messages::check_reached(name, after.as_millis())),
        Reach::Silent(why) | Reach::Unusable(why) | Reach::NotHere(why) => {
            let (text, hint, code) = if *what == Checked::Live {
                let text = Text {
                    en: messages::check_live_unreached(name, &why.en).en,
                    zh: messages::check_live_unreached(name, &why.zh).zh,
                };
                (text, messages::check_live_unreached_hint(), "live.refused")
            } else {
                let text = Text {
                    en: messages::check_archive_unreached(name, &why.en).en,
                    zh: messages::check_archive_unreached(name, &why.zh).zh,
                };
                (text, messages::archive_unreachable_hint(), "archive.unreachable")
            };
            let is_own = !is_down || !reach.is_outside();
            say(text).trouble(hint, is_own.then_some(code))
        }
    }
}

/// A clock that is only somewhat trusted is the box's own chip, as a rule, and a
/// matter for the fault of that name.
fn clock(verdict: Verdict) -> CheckItem {
    let say = |text| item(Checked::Clock, "clock", text);
    match verdict {
        Verdict::Believed => say(messages::check_clock_fine()),
        Verdict::Unsure => say(messages::check_clock_unsynced()).unknown(),
        Verdict::Unknown => {
            say(messages::check_clock_unsynced()).trouble(messages::clock_hint(), Some("clock.unsynced"))
        }
    }
}

fn uplink(measured: &Measured, outside: &[&Reach], is_down: bool) -> CheckItem {
    let say = |text| item(Checked::Uplink, "uplink", text);
    if is_down {
        return say(messages::check_uplink_down())
            .trouble(messages::check_uplink_down_hint(), Some("uplink.down"));
    }
    let answers = outside.iter().filter_map(|reach| match reach {
        Reach::Answers(after) => Some(after.as_millis()),
        _ => None,
    });
    match (answers.min(), measured.upload_rate) {
        (None, _) => say(messages::check_uplink_unknown()).unknown(),
        (Some(millis), None) => say(messages::check_uplink_fine(millis)),
        (Some(millis), Some(rate)) => say(messages::check_uplink_rate(millis, rate.0)),
    }
}

#[cfg(test)]
mod tests;
