//! Boards laid out as files; the form stands in `tests/fixtures/boards/README.md`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use lectern_hal::{Hardware, Linux, Sample};

/// The root of a machine made of files.
pub(crate) struct Board(tempfile::TempDir);

/// A file of this machine's kernel that answers `EINVAL`: a loopback has no speed.
const REFUSES: &str = "/sys/class/net/lo/speed";

impl Board {
    /// Lays out a board by the name of its fixture.
    pub(crate) fn new(name: &str) -> Self {
        let board = Self(tempfile::tempdir().unwrap());
        let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/boards").join(name);
        for line in fs::read_to_string(list.with_extension("txt")).unwrap().lines() {
            board.add(line);
        }
        board
    }

    /// Adds one line of the fixtures' form.
    pub(crate) fn add(&self, line: &str) {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        if let Some((place, target)) = line.split_once(" -> ") {
            symlink(target, self.place(place)).unwrap();
        } else if let Some(place) = line.strip_suffix(" !") {
            let refusal = fs::read_to_string(REFUSES).unwrap_err();
            assert_eq!(refusal.kind(), std::io::ErrorKind::InvalidInput, "{REFUSES} is needed for {line}");
            symlink(REFUSES, self.place(place)).unwrap();
        } else if let Some((place, text)) = line.split_once(" =") {
            let path = self.place(place);
            let before = fs::read_to_string(&path).unwrap_or_default();
            fs::write(path, format!("{before}{}\n", text.strip_prefix(' ').unwrap_or(text))).unwrap();
        } else {
            fs::create_dir_all(self.place(line.strip_suffix('/').unwrap())).unwrap();
        }
    }

    /// Puts another text in place of a file's.
    pub(crate) fn set(&self, place: &str, text: &str) {
        fs::write(self.place(place), format!("{text}\n")).unwrap();
    }

    /// All files, below the root.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let (mut files, mut folders) = (Vec::new(), vec![self.root().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.push(entry.path());
                }
            }
        }
        files
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    /// What the sensors say.
    pub(crate) fn sample(&self) -> Sample {
        Linux::new(self.root()).sample()
    }

    fn place(&self, place: &str) -> PathBuf {
        let path = self.root().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }
}
