//! A lesson in an archive, read by somebody who has nothing else.

use std::path::{Path, PathBuf};

use lectern_api::manifest::Manifest;
use lectern_api::{Name, Ticks};
use lectern_archive::export::{self, Exported, Single};
use lectern_archive::verify::{self, Report};
use lectern_archive::{Store, layout};

use crate::Readings;
use crate::readings::Container;

/// The track that holds the mixed picture and sound.
const TRACK: &str = "program";

/// The folder of one lesson.
#[derive(Debug, Clone)]
pub struct Archive {
    store: Store,
    folder: Option<PathBuf>,
}

/// Readings of one run, on the lesson's time line.
#[derive(Debug, Clone)]
pub struct RunReadings {
    /// Counts from 1.
    pub run: u32,
    /// Where it begins on the lesson's time line.
    pub begin: Ticks,
    /// What its pictures and sounds say.
    pub readings: Readings,
}

impl Archive {
    /// A lesson in a folder of this machine.
    ///
    /// # Panics
    /// When the path is not usable as a store.
    #[must_use]
    pub fn folder(folder: &Path) -> Self {
        let store = Store::open(&format!("file://{}", folder.display())).expect("a folder is a store");
        Self { store, folder: Some(folder.to_owned()) }
    }

    /// A lesson on a web server.
    ///
    /// # Panics
    /// When the URL is not usable as a store.
    #[must_use]
    pub fn web(url: &str) -> Self {
        Self { store: Store::open(url).expect("a URL is a store"), folder: None }
    }

    /// The folder, when it is one of this machine.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.as_deref().expect("the archive is a folder")
    }

    /// A file of the lesson, when it is there.
    ///
    /// # Panics
    /// When the store does not answer.
    #[must_use]
    #[track_caller]
    pub fn file(&self, path: &str) -> Option<Vec<u8>> {
        wait(self.store.get(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The manifest.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    #[track_caller]
    pub fn manifest(&self) -> Manifest {
        wait(verify::read_manifest(&self.store)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The playlist.
    ///
    /// # Panics
    /// When it is not there, or no player would understand it.
    #[must_use]
    #[track_caller]
    pub fn playlist(&self) -> m3u8_rs::MediaPlaylist {
        let text = self.file(layout::PLAYLIST).expect("there is a playlist");
        match m3u8_rs::parse_playlist_res(&text) {
            Ok(m3u8_rs::Playlist::MediaPlaylist(playlist)) => playlist,
            other => panic!("the playlist is none: {other:?}\n{}", String::from_utf8_lossy(&text)),
        }
    }

    /// Checks every file against the manifest.
    ///
    /// # Panics
    /// When the store does not answer.
    #[must_use]
    #[track_caller]
    pub fn verify(&self) -> Report {
        let manifest = self.manifest();
        wait(verify::verify(&self.store, &manifest, |_| ())).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Asserts that the check finds nothing.
    ///
    /// # Panics
    /// With every problem that it finds.
    #[track_caller]
    pub fn assert_verified(&self) -> Report {
        let report = self.verify();
        let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        report
    }

    /// The lesson as one file, written to `path`.
    ///
    /// # Panics
    /// When it cannot be exported.
    #[track_caller]
    pub fn export(&self, path: &Path) -> Exported {
        let manifest = self.manifest();
        let mut output = Single(std::fs::File::create(path).expect("the export's file can be made"));
        let track = Name::new(TRACK).expect("a name");
        let exported = wait(export::export(&self.store, &manifest, &track, &mut output, |_| ()));
        exported.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Decodes every run that the manifest lists.
    ///
    /// # Panics
    /// When a listed file is missing, or cannot be decoded.
    #[must_use]
    #[track_caller]
    pub fn runs(&self) -> Vec<RunReadings> {
        self.runs_of(&self.manifest())
    }

    /// Decodes every run that `manifest` lists.
    ///
    /// # Panics
    /// When a listed file is missing, or cannot be decoded.
    #[must_use]
    #[track_caller]
    pub fn runs_of(&self, manifest: &Manifest) -> Vec<RunReadings> {
        let fragments = manifest.tracks.iter().find(|track| track.name.as_str() == TRACK);
        let fragments = fragments.map(|track| track.fragments.as_slice()).unwrap_or_default();
        let mut out = Vec::new();
        for run in &manifest.runs {
            let own = || fragments.iter().filter(|fragment| fragment.run == run.run);
            let Some(first) = own().next() else { continue };
            let paths = std::iter::once(run.init.as_str()).chain(own().map(|f| f.path.as_str()));
            out.push(RunReadings { run: run.run, begin: first.pts_90k, readings: self.decode(paths) });
        }
        out
    }

    /// Decodes what a growing playlist offers: its init segment and every
    /// fragment listed.
    ///
    /// # Panics
    /// When it lists what is not there, or cannot be decoded.
    #[must_use]
    #[track_caller]
    pub fn play_listed(&self) -> Readings {
        let playlist = self.playlist();
        let map = playlist.segments.first().and_then(|segment| segment.map.as_ref());
        let map = map.expect("the first segment names its init segment");
        let listed = playlist.segments.iter().map(|segment| segment.uri.as_str());
        self.decode(std::iter::once(map.uri.as_str()).chain(listed))
    }

    /// Decodes files that belong together, one behind the other.
    #[track_caller]
    fn decode<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Readings {
        let mut whole = Vec::new();
        for path in paths {
            whole.extend(self.file(path).unwrap_or_else(|| panic!("{path} is listed and missing")));
        }
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), whole).expect("the temporary file can be written");
        Readings::decode(file.path(), Container::Mp4)
    }
}

/// Runs a future to its end.
fn wait<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("an async runtime").block_on(future)
}
