//! Verifying and exporting a lesson.

use std::path::Path;

use jiff::tz::TimeZone;
use lectern_api::lessons::ArchiveCheck;
use lectern_api::manifest::ManifestState;
use lectern_api::{Name, Text, messages};
use lectern_archive::export::{self, FAT32_MAX_BYTES, Files, Flaw};
use lectern_archive::signature::PublicKey;
use lectern_archive::verify::{self, Found, Problem, Report};
use lectern_archive::{Store, playlist};
use serde::Serialize;

use crate::box_api::BoxApi;
use crate::place::Place;
use crate::screen::Screen;
use crate::{Failure, show};

/// One place that was checked.
#[derive(Debug, Serialize)]
pub(crate) struct Checked {
    pub(crate) place: String,
    pub(crate) fragments: u64,
    pub(crate) recorded_s: f64,
    pub(crate) gap_s: f64,
    #[serde(serialize_with = "in_english")]
    pub(crate) problems: Vec<Text>,
    /// The key whose signature holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signed_by: Option<String>,
    /// Whether it was compared with a key from elsewhere.
    pub(crate) key_compared: bool,
}

/// Programs read one language.
fn in_english<S: serde::Serializer>(texts: &[Text], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(texts.iter().map(|text| &text.en))
}

/// `lesson verify`: the box's own copy and every archive's, or one URL.
pub(crate) async fn verify(
    api: &BoxApi,
    lesson: &str,
    place: &Place,
    key: Option<&str>,
    screen: &Screen,
) -> Result<bool, Failure> {
    let mut checks = Vec::new();
    if lesson.contains("://") {
        let key = key.map(public_key).transpose()?;
        let (store, found) = open(place.open(lesson)?).await?;
        let report = verify::verify_found(&store, &found, key, |p| screen.progress(p.done, p.total)).await;
        let report = report.map_err(|e| Failure::No(e.text()))?;
        let zone = api.time_zone().await;
        checks.push(Checked::of(lesson.to_owned(), &report, |_| true, &zone));
    } else {
        let manifest = api.manifest(lesson).await?;
        let store = api.lesson_folder(lesson)?;
        // What left the box by age or for room is looked for where it is.
        let let_go = manifest.deletion.as_ref().is_some_and(|gone| gone.is_by_retention());
        let running = manifest.state == ManifestState::Open;
        if !let_go {
            let report = verify::verify(&store, &manifest, |p| screen.progress(p.done, p.total)).await;
            let report = report.map_err(|e| Failure::No(e.text()))?;
            // That a lesson still grows is no fault of its copy on the box.
            let counts = |problem: &Problem| !(running && problem.is_of_growth());
            checks.push(Checked::of("spool".to_owned(), &report, counts, &api.time_zone().await));
        }
        if !running {
            checks.extend(api.check_archives(lesson).await?.into_iter().map(of_archive));
        }
    }
    let is_whole = |check: &Checked| check.problems.is_empty() && check.fragments > 0;
    let complete = !checks.is_empty() && checks.iter().all(is_whole);
    screen.answer(&checks, |language| show::checks(&checks, language));
    Ok(complete)
}

/// A lesson in an archive.
async fn open(store: Store) -> Result<(Store, Found), Failure> {
    let found = verify::read_lesson(&store).await.map_err(|e| Failure::No(e.text()))?;
    Ok((store, found))
}

/// Hex, or a file that holds it.
fn public_key(given: &str) -> Result<PublicKey, Failure> {
    let of_file = || std::fs::read_to_string(given).ok()?.parse().ok();
    let key = given.parse().ok().or_else(of_file);
    key.ok_or_else(|| Failure::WrongUse(messages::not_a_key(given)))
}

impl Checked {
    fn of(place: String, report: &Report, counts: impl Fn(&Problem) -> bool, zone: &TimeZone) -> Self {
        let problems = report.problems.iter().filter(|problem| counts(problem));
        Self {
            place,
            fragments: report.fragments,
            recorded_s: report.recorded.as_secs_f64(),
            gap_s: report.gaps.as_secs_f64(),
            problems: problems.map(|problem| problem.text_in(zone)).collect(),
            signed_by: report.signed_by.map(|key| key.to_string()),
            key_compared: report.compared,
        }
    }
}

fn of_archive(check: ArchiveCheck) -> Checked {
    Checked {
        place: check.archive.to_string(),
        fragments: check.fragments,
        recorded_s: check.recorded_s,
        gap_s: check.gap_s,
        problems: check.problems,
        // The box compares with its own key.
        key_compared: check.signed_by.is_some(),
        signed_by: check.signed_by,
    }
}

/// What an export wrote.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    pub(crate) files: Vec<String>,
    /// What is not in them, or not as it was recorded.
    #[serde(serialize_with = "in_english")]
    pub(crate) flaws: Vec<Text>,
}

/// `lesson export`: a track, from the box or from an archive, to MP4 in a
/// folder, named after the lesson; after the track too when it is not the main one.
pub(crate) async fn export(
    api: &BoxApi,
    lesson: &str,
    (track, out): (&str, &Path),
    place: &Place,
    screen: &Screen,
) -> Result<bool, Failure> {
    let (store, manifest) = if lesson.contains("://") {
        let (store, found) = open(place.open(lesson)?).await?;
        (store, found.manifest)
    } else {
        (api.lesson_folder(lesson)?, api.manifest(lesson).await?)
    };
    let track = Name::new(track).map_err(|_| Failure::WrongUse(messages::not_a_track(track)))?;
    std::fs::create_dir_all(out)
        .map_err(|e| Failure::No(messages::export_failed(format_args!("{}: {e}", out.display()))))?;
    let mut stem = export::stem(&manifest.lesson);
    if track.as_str() != playlist::MAIN_TRACK {
        stem = format!("{stem} {track}");
    }
    let mut files = Files::new(out, &stem, FAT32_MAX_BYTES);
    let progress = |p: verify::Progress| screen.progress(p.done, p.total);
    let exported = export::export(&store, &manifest, &track, &mut files, progress).await;
    let exported = exported.map_err(|e| Failure::No(messages::export_failed(e)))?;
    let files = files.finish().map_err(|e| Failure::No(messages::export_failed(e)))?;
    let written = Written {
        files: files.iter().map(|f| f.display().to_string()).collect(),
        flaws: exported.flaws.iter().map(Flaw::text).collect(),
    };
    screen.answer(&written, |language| show::written(&written, language));
    Ok(written.flaws.is_empty())
}
