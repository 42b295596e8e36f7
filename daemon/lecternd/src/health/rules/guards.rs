//! Faults of what is seen and heard of a source that delivers, and what the
//! pre-class check says of it: found by the guards in its pipeline, put into
//! words here.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lectern_api::fault::Severity;
use lectern_api::source::{Exposure, PictureStatus, SoundStatus};
use lectern_api::status::{Role, SourceState, SourceStatus, Status};
use lectern_api::{Text, messages};

use super::super::book::{Finding, Key};

/// Something that is to be seen or heard, or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) text: Text,
    pub(crate) hint: Text,
}

/// What is wrong with a picture. A board that is black may be so on purpose.
pub(crate) fn of_picture(role: Role, picture: &PictureStatus) -> Option<Flaw> {
    let flaw = |code, severity, text, hint| Some(Flaw { code, severity, text, hint });
    let is_board = role == Role::Board;
    match picture {
        PictureStatus { no_signal: Some(_), .. } if is_board => {
            let hint = messages::board_no_signal_hint();
            flaw("board.no_signal", Severity::Major, messages::board_blue(), hint)
        }
        PictureStatus { no_signal: Some(_), .. } => {
            let hint = messages::camera_no_signal_hint();
            flaw("camera.lost", Severity::Major, messages::camera_no_signal(), hint)
        }
        PictureStatus { black: true, .. } if is_board => {
            let hint = messages::board_black_hint();
            flaw("picture.black", Severity::Warning, messages::board_black(), hint)
        }
        PictureStatus { black: true, .. } => {
            let hint = messages::camera_black_hint();
            flaw("picture.black", Severity::Major, messages::camera_black(), hint)
        }
        PictureStatus { frozen: true, .. } => {
            let hint = messages::picture_frozen_hint();
            flaw("picture.frozen", Severity::Major, messages::picture_frozen(), hint)
        }
        PictureStatus { exposure: Exposure::Under, .. } => {
            let hint = messages::picture_dark_hint();
            flaw("picture.exposure", Severity::Minor, messages::picture_dark(), hint)
        }
        PictureStatus { exposure: Exposure::Over, .. } => {
            let hint = messages::picture_bright_hint();
            flaw("picture.exposure", Severity::Minor, messages::picture_bright(), hint)
        }
        _ => None,
    }
}

/// What is wrong with a microphone's sound, the worst first.
pub(crate) fn of_sound(sound: &SoundStatus) -> impl Iterator<Item = Flaw> + use<> {
    let flaws = [
        (sound.silent, "mic.silent", Severity::Major, messages::mic_silent(), messages::mic_silent_hint()),
        (
            sound.clipping,
            "mic.clipping",
            Severity::Minor,
            messages::mic_clipping(),
            messages::mic_clipping_hint(),
        ),
        (sound.hum, "mic.hum", Severity::Minor, messages::mic_hum(), messages::mic_hum_hint()),
    ];
    let wrong = flaws.into_iter().filter(|(is_so, ..)| *is_so);
    wrong.map(|(_, code, severity, text, hint)| Flaw { code, severity, text, hint })
}

/// What the guards of all sources find.
pub(super) fn findings(status: &Status, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in delivering(status) {
        let picture = source.picture.as_ref().and_then(|picture| of_picture(source.role, picture));
        let flaws = picture.into_iter().chain(source.sound.iter().flat_map(of_sound));
        // A board that is not switched on yet shows this too.
        let is_early = source.role == Role::Board && super::may_be_off_still(source, status, now);
        findings.extend(flaws.filter(|_| !is_early).map(|Flaw { code, severity, text, hint }| {
            let unit = source.name.to_string();
            Finding { code, severity, unit, text, hint }
        }));
    }
    findings
}

/// What they have shown to be well: no news is no evidence.
pub(super) fn fine(status: &Status) -> BTreeSet<Key> {
    let mut fine = BTreeSet::new();
    for source in delivering(status) {
        let mut well = |code: &'static str, is_so: bool| {
            if is_so {
                fine.insert((code, source.name.to_string()));
            }
        };
        if let Some(picture) = &source.picture {
            well("picture.black", picture.is_seen() || picture.no_signal.is_some());
            well("picture.frozen", picture.is_lively());
            well("picture.exposure", picture.is_lit());
        }
        if let Some(sound) = &source.sound {
            well("mic.silent", sound.is_open(source.level_db));
            well("mic.clipping", sound.is_unclipped(source.level_db));
            well("mic.hum", sound.is_clean(source.level_db));
        }
    }
    fine
}

fn delivering(status: &Status) -> impl Iterator<Item = &SourceStatus> {
    status.sources.iter().filter(|source| source.state == SourceState::Running)
}

#[cfg(test)]
mod tests;
