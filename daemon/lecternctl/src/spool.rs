//! Reading the disk of a dead box, and making the key that allows it.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use data_encoding::HEXLOWER_PERMISSIVE;
use lectern_api::manifest::{FragmentEntry, MANIFEST_VERSION, Manifest, ManifestState, Track};
use lectern_api::{DeviceId, Name, messages};
use lectern_archive::playlist::{self, Listing};
use lectern_archive::{Store, layout};
use lectern_spool::recover::{Key, Loss, Medium, RecoverableLesson};
use lectern_spool::{DeviceKey, RecoveryPrivateKey};
use serde::Serialize;

use crate::screen::Screen;
use crate::{Failure, show};

/// What a recovery brought back.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Recovered {
    pub(crate) lessons: Vec<RecoveredLesson>,
    /// Whole segments that gave nothing.
    pub(crate) losses: Vec<String>,
}

/// One lesson of it.
#[derive(Debug, Serialize)]
pub(crate) struct RecoveredLesson {
    pub(crate) id: String,
    pub(crate) title: String,
    /// Where it was written, relative to the output folder.
    pub(crate) folder: String,
    pub(crate) fragments: u64,
    /// What is not there, and why.
    pub(crate) losses: Vec<String>,
}

/// `spool recovery-key`: a pair of keys, the private half in a new file.
pub(crate) fn make_key(path: &Path, screen: &Screen) -> Result<bool, Failure> {
    let failed =
        |cause: &dyn std::fmt::Display| Failure::No(messages::key_not_written(path.display(), cause));
    let key = RecoveryPrivateKey::generate().map_err(|e| failed(&e))?;
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            return Err(Failure::No(messages::key_exists(path.display())));
        }
        other => other.map_err(|e| failed(&e))?,
    };
    let written = writeln!(file, "{}", key.to_hex().as_str()).and_then(|()| file.sync_all());
    written.map_err(|e| failed(&e))?;
    let public = key.public().to_string();
    screen.answer(&public, |language| {
        messages::key_made(path.display(), &public).in_language(language).to_owned()
    });
    Ok(true)
}

/// One of the two, whichever was given.
pub(crate) fn read_key(recovery: Option<&Path>, device: Option<&Path>) -> Result<Key, Failure> {
    let path = recovery.or(device).unwrap_or(Path::new(""));
    let failed = |cause: String| Failure::WrongUse(messages::key_not_read(path.display(), cause));
    let bytes = std::fs::read(path).map_err(|e| failed(e.to_string()))?;
    // 64 hex digits, as the daemon writes them, or 32 plain bytes.
    let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
    if recovery.is_some() {
        return Ok(Key::Recovery(
            text.parse().map_err(|e: lectern_spool::SpoolError| failed(e.to_string()))?,
        ));
    }
    let of_digits = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
    let key = of_digits.and_then(|key| key.try_into().ok()).or_else(|| bytes.as_slice().try_into().ok());
    let key = key.ok_or_else(|| failed(format!("{} bytes are no key of a box", bytes.len())))?;
    Ok(Key::Device(DeviceKey::from_bytes(key)))
}

/// `spool recover`: every lesson in a spool's folder, in the archive's layout.
/// Whether nothing was lost.
pub(crate) async fn recover(
    dir: &Path,
    key: Key,
    out: &Path,
    device: &str,
    screen: &Screen,
) -> Result<bool, Failure> {
    let wrong = |cause: String| Failure::WrongUse(messages::recovery_failed(cause));
    let failed = |cause: String| Failure::No(messages::recovery_failed(cause));
    let device = DeviceId::new(device).map_err(|e| wrong(e.to_string()))?;
    let mut medium = Medium::open(dir, key).map_err(|e| failed(e.to_string()))?;
    std::fs::create_dir_all(out).map_err(|e| failed(format!("{}: {e}", out.display())))?;
    let out = out.canonicalize().map_err(|e| failed(format!("{}: {e}", out.display())))?;
    let url = reqwest::Url::from_directory_path(&out).map_err(|()| wrong(out.display().to_string()))?;
    let store = Store::open(url.as_str()).map_err(|e| failed(e.to_string()))?;

    let mut recovered = Recovered::default();
    recovered.losses.extend(medium.losses.iter().map(Loss::to_string));
    let lessons = std::mem::take(&mut medium.lessons);
    let total: u64 = lessons.iter().flat_map(|lesson| lesson.tracks.values()).map(|t| t.len() as u64).sum();
    let mut done = 0;
    for lesson in lessons {
        let progress = |count: u64| screen.progress(done + count, total);
        let count: u64 = lesson.tracks.values().map(|track| track.len() as u64).sum();
        recovered.lessons.push(write(&medium, lesson, &device, &store, progress).await?);
        done += count;
    }
    screen.answer(&recovered, |language| show::recovered(&recovered, language));
    let is_whole = recovered.losses.is_empty() && recovered.lessons.iter().all(|l| l.losses.is_empty());
    Ok(is_whole && !recovered.lessons.is_empty())
}

/// One lesson into the store; what could not be read is a gap there.
async fn write(
    medium: &Medium,
    mut lesson: RecoverableLesson,
    device: &DeviceId,
    store: &Store,
    progress: impl Fn(u64),
) -> Result<RecoveredLesson, Failure> {
    let failed = |e: lectern_archive::StoreError| Failure::No(messages::store_failed(e));
    let folder = layout::lesson_folder(device, lesson.info.date, &lesson.info.id);
    let store = store.within(&folder).map_err(failed)?;
    // An archive that is there may know more, and is signed.
    if store.size(layout::MANIFEST).await.map_err(failed)?.is_some() {
        return Err(Failure::WrongUse(messages::recovery_would_overwrite(folder)));
    }
    let mut losses = Vec::new();
    let mut runs = BTreeSet::new();
    for run in &lesson.runs {
        match medium.read_init(&lesson, run.run) {
            Ok(init) => {
                store.put(&layout::init(&run.track, run.run), init).await.map_err(failed)?;
                runs.insert(run.run);
            }
            Err(loss) => losses.push(format!("{}, run {}: {loss}", run.track, run.run)),
        }
    }
    let (mut written, mut looked_at) = (0, 0);
    let listed: Vec<(Name, u64, u32)> = lesson
        .tracks
        .iter()
        .flat_map(|(track, fragments)| fragments.iter().map(|f| (track.clone(), f.seq, f.run)))
        .collect();
    for (track, first, last) in lesson.tracks.keys().flat_map(|t| missing(&lesson, t)) {
        losses.push(format!("{track}, {first}–{last}: on no segment"));
    }
    for (track, seq, run) in listed {
        let read = match runs.contains(&run) {
            true => medium.read(&lesson, &track, seq).map_err(|loss| loss.to_string()),
            false => Err("its init segment is lost".to_owned()),
        };
        match read {
            Ok(bytes) => {
                store.put(&layout::fragment(&track, seq), bytes).await.map_err(failed)?;
                written += 1;
            }
            Err(loss) => {
                losses.push(format!("{track}, {seq}: {loss}"));
                lesson.drop_fragment(&track, seq);
            }
        }
        looked_at += 1;
        progress(looked_at);
    }
    lesson.mend_gaps();
    lesson.runs.retain(|run| runs.contains(&run.run));
    let recovered = RecoveredLesson {
        id: lesson.info.id.to_string(),
        title: lesson.info.title.clone(),
        folder,
        fragments: written,
        losses,
    };
    let manifest = manifest(lesson, device);
    if let Some(listing) = Listing::of(&manifest) {
        store.put(layout::PLAYLIST, playlist::render(&listing).into_bytes()).await.map_err(failed)?;
    }
    let json = serde_json::to_vec_pretty(&manifest).map_err(|e| Failure::No(messages::recovery_failed(e)))?;
    store.put(layout::MANIFEST, json).await.map_err(failed)?;
    Ok(recovered)
}

/// Stretches of numbers that no segment has.
fn missing(lesson: &RecoverableLesson, track: &Name) -> Vec<(Name, u64, u64)> {
    let mut stretches: Vec<(Name, u64, u64)> = Vec::new();
    for seq in Medium::missing(lesson, track) {
        match stretches.last_mut() {
            Some((_, _, last)) if *last + 1 == seq => *last = seq,
            _ => stretches.push((track.clone(), seq, seq)),
        }
    }
    stretches
}

/// The lesson ended when its box did, whatever it meant to do.
fn manifest(lesson: RecoverableLesson, device: &DeviceId) -> Manifest {
    let runs = lesson.runs.into_iter().map(|run| {
        let init = layout::init(&run.track, run.run);
        run.listed(init)
    });
    let mut info = lesson.info;
    let ends = lesson.tracks.values().filter_map(|fragments| fragments.last());
    let end = ends.map(|last| last.pts_90k + last.duration_90k).max().unwrap_or_default();
    info.until = info.until.or_else(|| info.since.saturating_add(end.as_duration()).ok());
    let tracks = lesson.tracks.into_iter().map(|(name, fragments)| {
        let fragments = fragments.into_iter().map(|f| FragmentEntry {
            path: layout::fragment(&name, f.seq),
            seq: f.seq,
            run: f.run,
            pts_90k: f.pts_90k,
            duration_90k: f.duration_90k,
            bytes: f.bytes,
            sha256: f.sha256,
        });
        Track { fragments: fragments.collect(), name }
    });
    Manifest {
        version: MANIFEST_VERSION,
        device: device.clone(),
        lesson: info,
        state: ManifestState::Closed,
        runs: runs.collect(),
        tracks: tracks.collect(),
        gaps: lesson.gaps,
        deletion: None,
        signature: None,
    }
}

#[cfg(test)]
mod tests;
