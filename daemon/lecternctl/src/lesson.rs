//! Verifying and exporting a lesson.

use std::path::Path;

use lectern_api::lessons::ArchiveCheck;
use lectern_api::manifest::{Manifest, ManifestState};
use lectern_api::{Name, messages};
use lectern_archive::export::{self, FAT32_MAX_BYTES, Files};
use lectern_archive::verify::{self, Problem};
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
    pub(crate) problems: Vec<String>,
}

/// `lesson verify`: the box's own copy and every archive's, or one URL.
pub(crate) async fn verify(
    api: &BoxApi,
    lesson: &str,
    place: &Place,
    screen: &Screen,
) -> Result<bool, Failure> {
    let mut checks = Vec::new();
    if lesson.contains("://") {
        let store = place.open(lesson)?;
        let manifest = verify::read_manifest(&store).await;
        let manifest = manifest.map_err(|e| Failure::No(messages::store_failed(e)))?;
        checks.push(check(&store, &manifest, lesson.to_owned(), false, screen).await?);
    } else {
        let manifest = api.manifest(lesson).await?;
        let store = api.lesson_folder(lesson)?;
        let running = manifest.state == ManifestState::Open;
        checks.push(check(&store, &manifest, "spool".to_owned(), running, screen).await?);
        if !running {
            checks.extend(api.check_archives(lesson).await?.into_iter().map(of_archive));
        }
    }
    let complete = checks.iter().all(|check| check.problems.is_empty() && check.fragments > 0);
    screen.answer(&checks, |language| show::checks(&checks, language));
    Ok(complete)
}

/// `running`: that a lesson still grows is no fault of its copy on the box.
async fn check(
    store: &Store,
    manifest: &Manifest,
    place: String,
    running: bool,
    screen: &Screen,
) -> Result<Checked, Failure> {
    let report = verify::verify(store, manifest, |p| screen.progress(p.done, p.total)).await;
    let report = report.map_err(|e| Failure::No(messages::store_failed(e)))?;
    let growing = |p: &&Problem| !(running && p.is_of_growth());
    Ok(Checked {
        place,
        fragments: report.fragments,
        recorded_s: report.recorded.as_secs_f64(),
        gap_s: report.gaps.as_secs_f64(),
        problems: report.problems.iter().filter(growing).map(ToString::to_string).collect(),
    })
}

fn of_archive(check: ArchiveCheck) -> Checked {
    Checked {
        place: check.archive.to_string(),
        fragments: check.fragments,
        recorded_s: check.recorded_s,
        gap_s: check.gap_s,
        problems: check.problems,
    }
}

/// What an export wrote.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    pub(crate) files: Vec<String>,
    /// What is not in them, or not as it was recorded.
    pub(crate) flaws: Vec<String>,
}

/// `lesson export`: to MP4 in a folder, named after the lesson.
pub(crate) async fn export(api: &BoxApi, id: &str, out: &Path, screen: &Screen) -> Result<bool, Failure> {
    let manifest = api.manifest(id).await?;
    let store = api.lesson_folder(id)?;
    let track = Name::new(playlist::MAIN_TRACK).map_err(|_| Failure::No(messages::not_a_lesson_id(id)))?;
    let mut files = Files::new(out, &export::stem(&manifest.lesson), FAT32_MAX_BYTES);
    let progress = |p: verify::Progress| screen.progress(p.done, p.total);
    let exported = export::export(&store, &manifest, &track, &mut files, progress).await;
    let exported = exported.map_err(|e| Failure::No(messages::export_failed(e)))?;
    let files = files.finish().map_err(|e| Failure::No(messages::export_failed(e)))?;
    let written = Written {
        files: files.iter().map(|f| f.display().to_string()).collect(),
        flaws: exported.flaws.iter().map(ToString::to_string).collect(),
    };
    screen.answer(&written, |language| show::written(&written, language));
    Ok(written.flaws.is_empty())
}
