//! Folders, recordings, keys, device nodes: looked at, never written.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use futures_util::future::join_all;
use rustix::fs::{Access, access};
use url::Url;

use super::blocking;
use crate::facts::{Folder, FolderState, SecretFile, SecretState, Segments};
use crate::plan::Plan;

/// The newest segments that are looked at; a box has some hundreds.
const MOST_SEGMENTS: usize = 200;
/// What is read of each, at both ends.
const PIECE: usize = 4096;

/// Every folder that something is written to, each with its own deadline: a
/// dead network disk holds up itself alone.
pub(super) async fn folders(plan: &Plan) -> Vec<Folder> {
    let own = [("spool", plan.spool.clone(), false), ("facts", plan.facts.clone(), false)];
    let stores = plan.archives.iter().filter_map(|store| Some((&*store.name, folder(&store.url)?, true)));
    join_all(own.into_iter().chain(stores).map(|(unit, path, is_store)| async move {
        let looked = path.clone();
        let state = blocking(move || look(&looked)).await;
        Folder { unit: unit.to_owned(), is_store, path, state }
    }))
    .await
}

/// The folder of a `file:` URL.
pub(crate) fn folder(url: &str) -> Option<PathBuf> {
    let url = Url::parse(url).ok()?;
    (url.scheme() == "file").then(|| url.to_file_path().ok()).flatten()
}

fn look(path: &Path) -> FolderState {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => FolderState::Missing,
        Err(error) => FolderState::Closed(error.to_string()),
        Ok(found) if !found.is_dir() => FolderState::Closed("it is no folder".to_owned()),
        Ok(_) => match access(path, Access::WRITE_OK | Access::EXEC_OK) {
            Ok(()) => FolderState::Fine,
            Err(error) => FolderState::Closed(io::Error::from(error).to_string()),
        },
    }
}

/// The folder itself, or the first above it that is there.
pub(super) fn existing(path: &Path) -> &Path {
    path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"))
}

/// Reads both ends of the newest recordings.
pub(super) async fn segments(plan: &Plan) -> Option<Segments> {
    let folder = plan.spool.join("segments");
    blocking(move || {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|kind| kind == "seg"))
            .collect();
        paths.sort_unstable();
        let mut found = Segments::default();
        for path in paths.iter().rev().take(MOST_SEGMENTS) {
            match both_ends(path) {
                Ok(()) => found.readable += 1,
                // The daemon takes one away while it is looked at.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    let first = (0, name, error.to_string());
                    found.unread.get_or_insert(first).0 += 1;
                }
            }
        }
        Some(found)
    })
    .await
    .flatten()
}

fn both_ends(path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut piece = [0; PIECE];
    for from in [0, length.saturating_sub(PIECE as u64)] {
        file.seek(SeekFrom::Start(from))?;
        let _ = file.read(&mut piece)?;
    }
    Ok(())
}

/// The box's keys, and the files with passwords.
pub(super) async fn secrets(plan: &Plan) -> Option<Vec<SecretFile>> {
    let keys: Vec<PathBuf> = ["signing.key", "device.key"].map(|name| plan.keys.join(name)).into();
    let credentials = plan.credentials.clone();
    blocking(move || {
        let secret = |is_key| move |path: PathBuf| SecretFile { is_key, state: state(&path, is_key), path };
        keys.into_iter().map(secret(true)).chain(credentials.into_iter().map(secret(false))).collect()
    })
    .await
}

fn state(path: &Path, is_key: bool) -> SecretState {
    let found = match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return SecretState::Missing,
        Err(error) => return SecretState::Unread(error.to_string()),
        Ok(found) => found,
    };
    // Credentials may be shared with a group; a key is its owner's alone.
    let others = if is_key { 0o077 } else { 0o007 };
    let mode = found.permissions().mode() & 0o777;
    if mode & others != 0 {
        return SecretState::Exposed(mode);
    }
    match File::open(path).and_then(|file| {
        let mut content = Vec::new();
        file.take(64 << 10).read_to_end(&mut content).map(|_| content)
    }) {
        Err(error) => SecretState::Unread(error.to_string()),
        Ok(content) if is_key && !is_key_material(&content) => SecretState::Damaged,
        Ok(_) => SecretState::Fine,
    }
}

/// 64 hex digits, or 32 bytes; zeros are what a power cut leaves.
fn is_key_material(content: &[u8]) -> bool {
    let digits = content.trim_ascii();
    let is_hex = digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit);
    (is_hex && digits.iter().any(|digit| *digit != b'0'))
        || (content.len() == 32 && content.iter().any(|byte| *byte != 0))
}

/// Files and devices that sources and the timetable name.
pub(super) async fn nodes(plan: &Plan) -> Option<Vec<(String, PathBuf, bool)>> {
    let of_source = |uri: &str| {
        let (scheme, rest) = uri.split_once(':')?;
        let is_path = matches!(scheme, "v4l2" | "file");
        is_path.then(|| PathBuf::from(rest.strip_prefix("//").unwrap_or(rest)))
    };
    let sources = plan.sources.iter().filter_map(|s| Some((s.name.clone(), of_source(&s.url)?)));
    let timetable = plan.timetable.as_deref().and_then(folder).map(|path| ("timetable".to_owned(), path));
    let wanted: Vec<_> = sources.chain(timetable).collect();
    blocking(move || {
        wanted
            .into_iter()
            .map(|(unit, path)| {
                let is_there = path.exists();
                (unit, path, is_there)
            })
            .collect()
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_told_from_one_that_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(look(folder.path()), FolderState::Fine);
        assert!(matches!(look(&file), FolderState::Closed(_)));
        assert_eq!(look(&folder.path().join("none")), FolderState::Missing);
        assert_eq!(existing(&folder.path().join("none/deeper")), folder.path());
    }

    #[tokio::test]
    async fn keys_are_missing_damaged_open_to_others_or_fine() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("device.key");
        assert_eq!(state(&key, true), SecretState::Missing);
        let mode = |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        for (content, mode_of, expected) in [
            ("7".repeat(64), 0o600, SecretState::Fine),
            ("0".repeat(64), 0o600, SecretState::Damaged),
            ("7".repeat(63), 0o600, SecretState::Damaged),
            ("7".repeat(64), 0o640, SecretState::Exposed(0o640)),
        ] {
            std::fs::write(&key, content).unwrap();
            mode(mode_of);
            assert_eq!(state(&key, true), expected);
        }
        assert_eq!(state(&key, false), SecretState::Fine, "credentials may be a group's");
    }

    #[tokio::test]
    async fn recordings_are_read_at_both_ends_and_what_is_no_segment_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan { spool: folder.path().to_owned(), ..Plan::default() };
        assert_eq!(segments(&plan).await, None, "there is none before the first lesson");
        std::fs::create_dir_all(folder.path().join("segments/0000000000000002.seg")).unwrap();
        std::fs::write(folder.path().join("segments/0000000000000001.seg"), [7; 10_000]).unwrap();
        std::fs::write(folder.path().join("segments/pool"), "").unwrap();
        let found = segments(&plan).await.unwrap();
        assert_eq!(found.readable, 1);
        let (count, name, _) = found.unread.unwrap();
        assert_eq!((count, name.as_str()), (1, "0000000000000002.seg"), "a folder cannot be read");
    }

    #[tokio::test]
    async fn what_a_source_names_is_there_or_not() {
        let named = |name: &str, url: &str| crate::plan::Named {
            name: name.to_owned(),
            url: url.to_owned(),
            by: None,
        };
        let sources = vec![named("a", "v4l2:/dev/null"), named("b", "file:///nowhere/x"), named("c", "auto")];
        let plan = Plan { sources, timetable: Some("file:///nowhere/t.toml".to_owned()), ..Plan::default() };
        let found = nodes(&plan).await.unwrap();
        let told: Vec<_> = found.iter().map(|(unit, _, there)| (unit.as_str(), *there)).collect();
        assert_eq!(told, [("a", true), ("b", false), ("timetable", false)]);
    }
}
