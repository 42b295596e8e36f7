//! A timetable on a USB stick: a file `lectern-timetable.*` at the top of what
//! is mounted below one of some folders. Anybody may put a stick in, so nothing
//! of it is used before a person confirms it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lectern_api::timetable::{Origin, OriginKind};

use super::file::FileWatch;
use super::{Delivery, Ends, Found, Look, look_every};

const LOOK_EVERY: Duration = Duration::from_secs(5);
/// What the file's name begins with.
const NAME: &str = "lectern-timetable.";
/// So many entries of a folder are looked at.
const MOST_ENTRIES: usize = 1000;

/// Looks for sticks until nobody wants to know any more.
pub(crate) async fn run(roots: Vec<PathBuf>, ends: Ends) {
    let mut watch = StickWatch::new(roots);
    let look = move |why| {
        if why == Look::Again {
            watch.file.iter_mut().for_each(FileWatch::forget);
        }
        watch.look()
    };
    look_every(LOOK_EVERY, ends, look).await;
}

/// The folders below which sticks are mounted, and the file that was found.
#[derive(Debug)]
pub(crate) struct StickWatch {
    roots: Vec<PathBuf>,
    file: Option<FileWatch>,
}

impl StickWatch {
    pub(crate) fn new(roots: Vec<PathBuf>) -> Self {
        Self { roots, file: None }
    }

    /// What is new since the last look. Blocks on the disk.
    pub(crate) fn look(&mut self) -> Vec<Delivery> {
        let mut told = Vec::new();
        let found = self.roots.iter().find_map(|root| find(root));
        let former = self.file.take_if(|file| found.as_deref() != Some(file.path()));
        if let Some(former) = former {
            told.push(Delivery { origin: origin(former.path()), found: Found::Gone });
        }
        if let Some(path) = found {
            let watch = self.file.get_or_insert_with(|| FileWatch::new(path));
            let found = watch.look();
            told.extend(found.map(|found| Delivery { origin: origin(watch.path()), found }));
        }
        told
    }
}

fn origin(path: &Path) -> Origin {
    Origin { kind: OriginKind::Stick, place: path.display().to_string() }
}

/// The first such file at the top of what is mounted at `root/*` or
/// `root/*/*`. No link is followed: one could lead off the stick.
fn find(root: &Path) -> Option<PathBuf> {
    let mounted = folders(root);
    let deeper = mounted.iter().flat_map(|folder| folders(folder));
    mounted.iter().cloned().chain(deeper).find_map(|folder| {
        let is_named = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.to_ascii_lowercase().starts_with(NAME))
        };
        entries(&folder, |kind| kind.is_file()).into_iter().find(is_named)
    })
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    entries(folder, |kind| kind.is_dir())
}

fn entries(folder: &Path, wanted: impl Fn(std::fs::FileType) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let entries = entries.take(MOST_ENTRIES).flatten();
    let of_kind = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(&wanted);
    let mut paths: Vec<PathBuf> = entries.filter(of_kind).map(|entry| entry.path()).collect();
    paths.sort_unstable();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(watch: &mut StickWatch) -> Vec<Found> {
        watch.look().into_iter().map(|delivery| delivery.found).collect()
    }

    #[test]
    fn a_file_at_the_top_of_a_stick_is_found_and_missed_when_it_goes() {
        let root = tempfile::tempdir().unwrap();
        let mut watch = StickWatch::new(vec![root.path().join("nothing"), root.path().to_owned()]);
        assert_eq!(told(&mut watch), []);
        let stick = root.path().join("teacher/STICK");
        std::fs::create_dir_all(stick.join("deeper")).unwrap();
        std::fs::write(stick.join("deeper/lectern-timetable.toml"), "too deep").unwrap();
        std::fs::write(stick.join("timetable.toml"), "another name").unwrap();
        assert_eq!((told(&mut watch), told(&mut watch)), (vec![], vec![]));
        std::fs::write(stick.join("Lectern-Timetable.CSV"), "a,b,c").unwrap();
        assert_eq!(told(&mut watch), []);
        let found = watch.look();
        assert_eq!(found[0].found, Found::Bytes(b"a,b,c".to_vec()));
        assert_eq!(found[0].origin.kind, OriginKind::Stick);
        assert_eq!(told(&mut watch), []);
        std::fs::remove_dir_all(root.path().join("teacher")).unwrap();
        assert_eq!(told(&mut watch), [Found::Gone]);
        assert_eq!(told(&mut watch), []);
    }

    #[test]
    fn a_link_off_the_stick_is_not_followed() {
        let root = tempfile::tempdir().unwrap();
        let stick = root.path().join("STICK");
        std::fs::create_dir(&stick).unwrap();
        std::fs::write(root.path().join("secret"), "geheim").unwrap();
        std::os::unix::fs::symlink(root.path().join("secret"), stick.join("lectern-timetable.toml")).unwrap();
        std::os::unix::fs::symlink(&stick, root.path().join("link")).unwrap();
        let mut watch = StickWatch::new(vec![root.path().to_owned()]);
        assert_eq!((told(&mut watch), told(&mut watch)), (vec![], vec![]));
    }
}
