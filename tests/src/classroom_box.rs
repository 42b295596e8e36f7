//! A classroom box: the real daemon, in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use lectern_api::LessonId;
use lectern_api::command::Done;
use lectern_api::lessons::LessonEntry;
use lectern_api::manifest::Manifest;
use lectern_api::status::{LessonState, LiveStatus, SourceState, SourceStatus, Status};
use tempfile::TempDir;

use crate::control::{self, Response};
use crate::process::{self, Process, Signal};
use crate::setup::{DEVICE, Setup};
use crate::{Archive, eventually, turn};

/// The daemon and its folder. It is killed when this is dropped.
#[derive(Debug)]
pub struct ClassroomBox {
    setup: Setup,
    process: Option<Process>,
    folder: TempDir,
}

/// From the start of the process to an answer on the control socket.
const START_LIMIT: Duration = Duration::from_secs(20);
/// The daemon promises 10 s; a loaded machine adds to it.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A program of this workspace, from beside the running test.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn built(program: &str) -> PathBuf {
    let path = built_folder().join(program);
    assert!(path.is_file(), "{} is not built: run `cargo build -p {program}` first", path.display());
    path
}

/// Where this build's programs lie.
pub(crate) fn built_folder() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own path");
    test.parent().and_then(Path::parent).expect("tests lie in target/<profile>/deps").to_owned()
}

impl ClassroomBox {
    /// Starts a box with a fresh folder and waits until it answers.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    #[track_caller]
    pub fn switch_on(setup: Setup) -> Self {
        let mut this = Self::prepare(setup);
        this.launch();
        this
    }

    /// A box with a fresh folder and its configuration, switched off.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[must_use]
    pub fn prepare(setup: Setup) -> Self {
        if setup.is_heavy() {
            turn::take();
        }
        let folder = crate::folder::temporary("box");
        // A folder that is not there is a medium that is not mounted.
        std::fs::create_dir(folder.path().join("archive")).expect("the archive's folder can be made");
        setup.write_files(folder.path()).expect("the machine's script can be written");
        std::fs::write(folder.path().join("lectern.toml"), setup.text(folder.path()))
            .expect("the configuration can be written");
        Self { setup, process: None, folder }
    }

    /// Starts the daemon and waits until it answers.
    ///
    /// # Panics
    /// When it runs already, ends, or does not answer in time.
    #[track_caller]
    pub fn launch(&mut self) {
        assert!(self.process.is_none(), "the daemon runs already");
        self.process = Some(self.spawn());
        eventually("an answer on the control socket", START_LIMIT, || {
            let process = self.process.as_mut()?;
            if let Some(status) = process.ended() {
                panic!("lecternd ended at its start ({status}):\n{}", process.log());
            }
            self.request("GET", "/api/v1/status", None).ok()
        });
    }

    /// A daemon on this box's configuration, whatever else runs there. Nothing
    /// is waited for.
    #[must_use]
    pub fn spawn(&self) -> Process {
        let mut command = process::owned(&built("lecternd"));
        command.arg("run").arg("--config").arg(self.path("lectern.toml"));
        command
            .env("LECTERN_LOG", "info,lecternd=debug,lectern_spool=debug,lectern_archive=debug")
            .env("NO_COLOR", "1")
            .envs(self.setup.environment());
        Process::start("lecternd", command, &self.path("lecternd.log"))
    }

    /// A path in the box's folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The daemon's process id.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("the daemon runs").pid()
    }

    /// What the daemon has said, all its starts together.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.path("lecternd.log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A power cut, as far as a process can have one.
    pub fn kill(&mut self) {
        drop(self.process.take());
    }

    /// Ends the daemon as systemd does: the lesson goes on after a restart.
    #[track_caller]
    pub fn terminate(&mut self) -> ExitStatus {
        self.end_by(Signal::TERM)
    }

    /// Ends the daemon as a person at the keyboard does: the lesson ends too.
    #[track_caller]
    pub fn interrupt(&mut self) -> ExitStatus {
        self.end_by(Signal::INT)
    }

    /// Sends the daemon a signal and waits for nothing.
    ///
    /// # Panics
    /// When it does not run.
    pub fn signal(&self, signal: Signal) {
        self.process.as_ref().expect("the daemon runs").signal(signal);
    }

    #[track_caller]
    fn end_by(&mut self, signal: Signal) -> ExitStatus {
        let mut process = self.process.take().expect("the daemon runs");
        process.signal(signal);
        process.wait(STOP_LIMIT)
    }

    /// A request on the control socket.
    ///
    /// # Errors
    /// When nobody answers there.
    pub fn request(&self, method: &str, path: &str, body: Option<&str>) -> std::io::Result<Response> {
        control::request(&self.path("control.sock"), method, path, body)
    }

    #[track_caller]
    fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let response = self.request("GET", path, None).expect("the control socket answers");
        read(&response, path)
    }

    /// The status now.
    #[must_use]
    #[track_caller]
    pub fn status(&self) -> Status {
        self.get("/api/v1/status")
    }

    /// Sends a command as JSON and expects that it is carried out.
    #[track_caller]
    pub fn command(&self, json: &str) -> LessonId {
        let response = self.request("POST", "/api/v1/commands", Some(json)).expect("the box answers");
        read::<Done>(&response, json).lesson.expect("about a lesson")
    }

    /// Begins a lesson.
    #[track_caller]
    pub fn start(&self, title: &str) -> LessonId {
        self.command(&format!(r#"{{"command":"start","title":{title:?}}}"#))
    }

    /// Ends the lesson; its last fragments may still be on the way to the disk.
    #[track_caller]
    pub fn stop(&self) -> LessonId {
        self.command(r#"{"command":"stop"}"#)
    }

    /// Ends the lesson and waits until every archive has it.
    #[track_caller]
    pub fn stop_and_archive(&self) -> Archive {
        let lesson = self.stop();
        self.wait_archived(&lesson)
    }

    /// Every lesson that the box knows.
    #[must_use]
    #[track_caller]
    pub fn lessons(&self) -> Vec<LessonEntry> {
        self.get("/api/v1/lessons")
    }

    /// One of them.
    #[must_use]
    #[track_caller]
    pub fn lesson(&self, id: &LessonId) -> LessonEntry {
        let found = self.lessons().into_iter().find(|entry| entry.lesson.id == *id);
        found.unwrap_or_else(|| panic!("the box does not know lesson {id}"))
    }

    /// A lesson's manifest, as the box itself would write it now.
    #[must_use]
    #[track_caller]
    pub fn manifest(&self, id: &LessonId) -> Manifest {
        self.get(&format!("/api/v1/lessons/{id}/files/manifest.json"))
    }

    /// A source's status.
    #[must_use]
    #[track_caller]
    pub fn source(&self, name: &str) -> SourceStatus {
        let found = self.status().sources.into_iter().find(|source| source.name.as_str() == name);
        found.unwrap_or_else(|| panic!("there is no source {name}"))
    }

    /// Waits until a source is in a state.
    #[track_caller]
    pub fn wait_source(&self, name: &str, state: SourceState, limit: Duration) {
        eventually(&format!("source {name} is {state:?}"), limit, || {
            (self.source(name).state == state).then_some(())
        });
    }

    /// A live target's status.
    #[must_use]
    #[track_caller]
    pub fn target(&self, name: &str) -> LiveStatus {
        let found = self.status().live.into_iter().find(|live| live.name.as_str() == name);
        found.unwrap_or_else(|| panic!("there is no live target {name}"))
    }

    /// Waits until so many seconds of the running lesson are on the disk.
    #[track_caller]
    pub fn wait_recorded(&self, seconds: f64) {
        let limit = Duration::from_secs_f64(seconds + 30.0);
        eventually(&format!("{seconds} s on the disk"), limit, || {
            self.status().lesson.filter(|lesson| lesson.recorded_s >= seconds)
        });
    }

    /// Waits until the running lesson has so many seconds more on the disk.
    #[track_caller]
    pub fn wait_more(&self, seconds: f64) {
        let recorded = self.status().lesson.map(|lesson| lesson.recorded_s).unwrap_or_default();
        self.wait_recorded(recorded + seconds);
    }

    /// Waits until a lesson is complete and every archive has it; answers its
    /// folder in the box's own archive.
    #[track_caller]
    pub fn wait_archived(&self, id: &LessonId) -> Archive {
        self.wait_complete(id);
        self.archive(id)
    }

    /// Waits until a lesson is complete and every archive has it; answers what
    /// the box itself tells about it.
    #[track_caller]
    pub fn wait_complete(&self, id: &LessonId) -> Manifest {
        let archives = self.status().archive.len();
        eventually(&format!("lesson {id} is in every archive"), Duration::from_secs(60), || {
            let entry = self.lesson(id);
            (entry.state == LessonState::Complete && entry.archived.len() == archives).then_some(())
        });
        self.manifest(id)
    }

    /// A lesson's folder in the box's own archive, as far as it is there.
    #[must_use]
    #[track_caller]
    pub fn archive(&self, id: &LessonId) -> Archive {
        let date = self.lesson(id).lesson.date;
        Archive::folder(&self.path("archive").join(DEVICE).join(date.to_string()).join(id.as_str()))
    }
}

#[track_caller]
fn read<T: serde::de::DeserializeOwned>(response: &Response, about: &str) -> T {
    let body = || String::from_utf8_lossy(&response.body).into_owned();
    assert_eq!(response.status, 200, "{about}: {}", body());
    serde_json::from_slice(&response.body).unwrap_or_else(|error| panic!("{about}: {error}: {}", body()))
}
