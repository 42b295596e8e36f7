//! A box with stores of several kinds, each behind a link of its own, and what
//! must hold of them when every trouble is over.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use lectern_api::identity::Identity;
use lectern_api::status::{ArchiveState, ArchiveStatus};

use crate::classroom_box::built;
use crate::recordings::in_spool;
use crate::{ClassroomBox, Kind, Link, Recording, Setup, StoreServer, eventually};

/// Until something that the box does by itself has happened.
const SOON: Duration = Duration::from_secs(60);
/// Until a backlog is through on a busy machine; hours of lessons are in the
/// long form.
const THROUGH: Duration = Duration::from_secs(1_200);

/// A store and the way to it.
#[derive(Debug)]
pub struct Reached {
    /// The server.
    pub server: StoreServer,
    /// What is between it and the box.
    pub link: Link,
}

/// The box, its lessons that nobody could send yet, and its stores.
#[derive(Debug)]
pub struct School {
    /// The box.
    pub lectern: ClassroomBox,
    /// Its stores.
    pub stores: Vec<Reached>,
    /// What was recorded before.
    pub lessons: Vec<Recording>,
}

impl School {
    /// A box that is switched off, with these lessons in its spool.
    #[must_use]
    pub fn prepare(servers: Vec<StoreServer>, lessons: Vec<Recording>) -> Self {
        let mut setup = Setup::bare().source("board", "board", "test:board");
        let mut stores = Vec::new();
        for server in servers {
            let link = Link::to(server.port());
            let (name, url) = (server.kind().name(), server.url(link.port()));
            setup = setup.archive_with(name, &url, &server.keys(link.port()));
            stores.push(Reached { server, link });
        }
        let lectern = ClassroomBox::prepare(setup);
        in_spool(&lectern, |spool| lessons.iter().for_each(|lesson| lesson.record(spool)));
        Self { lectern, stores, lessons }
    }

    /// The store of a kind.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn store(&mut self, kind: Kind) -> &mut Reached {
        let found = self.stores.iter_mut().find(|store| store.server.kind() == kind);
        found.expect("the school has a store of this kind")
    }

    /// What the box says of a store.
    ///
    /// # Panics
    /// When it does not know it.
    #[must_use]
    #[track_caller]
    pub fn told(&self, kind: Kind) -> ArchiveStatus {
        let archives = self.lectern.status().archive;
        let found = archives.into_iter().find(|archive| archive.name.as_str() == kind.name());
        found.unwrap_or_else(|| panic!("the box does not know the store {}", kind.name()))
    }

    /// Waits until the box says that a store is in trouble, and that it is one
    /// whose English text has these words.
    #[track_caller]
    pub fn wait_trouble(&self, kind: Kind, words: &str) {
        eventually(&format!("{} is told to be in trouble: {words:?}", kind.name()), SOON, || {
            let told = self.told(kind);
            let text = told.last_error.map(|text| text.en).unwrap_or_default();
            (told.state == ArchiveState::Retrying && text.contains(words)).then_some(())
        });
        assert_eq!(self.lectern.wait_fault_of(kind.name()).code, "archive.unreachable");
    }

    /// Waits until a store has got so many files.
    #[track_caller]
    pub fn wait_puts(&self, kind: Kind, count: usize) {
        let store = self.stores.iter().find(|store| store.server.kind() == kind);
        let store = store.expect("the school has a store of this kind");
        eventually(&format!("{} has {count} files", kind.name()), THROUGH, || {
            (store.server.puts().len() >= count).then_some(())
        });
    }

    /// Waits until every store has every lesson, and asserts what was promised:
    /// each byte is there, was put once, is proven by the store alone, and
    /// nothing waits and nothing is wrong any more.
    #[track_caller]
    pub fn assert_nothing_lost(&self) {
        eventually("every store has every lesson", THROUGH, || {
            let there = self.lectern.lessons();
            let is_everywhere = |lesson: &Recording| {
                let entry = there.iter().find(|entry| entry.lesson.id == lesson.lesson.id);
                entry.is_some_and(|entry| entry.archived.len() == self.stores.len())
            };
            self.lessons.iter().all(is_everywhere).then_some(())
        });
        eventually("the box is content", SOON, || {
            let status = self.lectern.status();
            let is_idle = |archive: &ArchiveStatus| archive.state == ArchiveState::Idle;
            let is_content = status.spool.pending_bytes.0 == 0
                && status.archive.iter().all(is_idle)
                && status.faults.iter().all(|fault| fault.code != "archive.unreachable");
            is_content.then_some(())
        });
        let key = self.public_key();
        for store in &self.stores {
            for lesson in &self.lessons {
                lesson.assert_is_in(&store.server.folder());
                verify(&store.server, lesson, &key, self.lectern.path("").as_path());
            }
            store.assert_put_once();
        }
    }

    /// What the box's signatures are known by.
    ///
    /// # Panics
    /// When the box does not say.
    #[must_use]
    #[track_caller]
    pub fn public_key(&self) -> String {
        let answer = self.lectern.request("GET", "/api/v1/identity", None).expect("the box answers");
        let identity: Identity = serde_json::from_slice(&answer.body).expect("an identity");
        identity.public_key
    }
}

impl Reached {
    /// Asserts that every media file was put once, whatever happened to the
    /// answers.
    ///
    /// # Panics
    /// With those that were put more often.
    #[track_caller]
    pub fn assert_put_once(&self) {
        let is_media = |path: &str| path.ends_with(".m4s") || path.ends_with(".mp4");
        let puts = self.server.puts().into_iter();
        let twice: Vec<_> = puts.filter(|(path, count)| is_media(path) && *count > 1).collect();
        assert_eq!(twice, [], "media that {} got more than once", self.server.kind().name());
    }
}

/// Has the command line prove a lesson from its store alone.
///
/// # Panics
/// When it finds anything.
#[track_caller]
pub fn verify(server: &StoreServer, lesson: &Recording, key: &str, no_box: &Path) {
    let url = format!("{}/{}", server.url(server.port()), lesson.folder());
    let mut command = Command::new(built("lecternctl"));
    command.arg("--socket").arg(no_box.join("nobody.sock")).args(["lesson", "verify", &url, "--key", key]);
    let output = command.args(server.arguments()).env("LANG", "en").output().expect("lecternctl runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{url}: {said}");
}
