//! A spool with lessons in it, and an uploader that can be started and killed.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lectern_api::manifest::{Anchor, LessonInfo, Trigger};
use lectern_api::{Clock, DeviceId, Kbps, LessonId, Name, Ticks};
use lectern_archive::Store;
use lectern_archive::playlist::SHARE_PER_MILLE;
use lectern_archive::signature::Signer;
use lectern_archive::store::StoreOptions;
use lectern_spool::{DeviceKey, Keyring, NewFragment, Options, Retention, Spool};
use tokio::sync::watch;

use crate::spooler::Progress;
use crate::upload::hours::Hours;
use crate::upload::pace::Pace;
use crate::upload::{UploadState, Uploader};

/// A clock that goes when it is told to.
#[derive(Debug)]
pub(super) struct TestClock {
    seconds: AtomicU64,
    begin: Mutex<jiff::Timestamp>,
}

impl TestClock {
    pub(super) fn advance(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(super) fn set_utc(&self, utc: &str) {
        *self.begin.lock().unwrap() = utc.parse().unwrap();
    }
}

impl Clock for TestClock {
    fn utc(&self) -> jiff::Timestamp {
        *self.begin.lock().unwrap() + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.seconds.load(Ordering::SeqCst))
    }
}

pub(super) struct Room {
    pub(super) spool: Arc<Spool>,
    pub(super) clock: Arc<TestClock>,
    pub(super) state: watch::Receiver<UploadState>,
    pub(super) uplink: watch::Sender<Option<Kbps>>,
    progress: watch::Sender<Progress>,
    uploader: Uploader,
    _folder: tempfile::TempDir,
}

pub(super) fn track() -> Name {
    Name::new("program").unwrap()
}

pub(super) fn archive() -> Name {
    Name::new("district").unwrap()
}

pub(super) fn id(lesson: &str) -> LessonId {
    LessonId::new(lesson).unwrap()
}

/// `lesson-3` begins later than `lesson-2`.
fn info(lesson: &str) -> LessonInfo {
    let number: i64 = lesson.rsplit('-').next().unwrap().parse().unwrap();
    LessonInfo {
        id: id(lesson),
        title: "语文".to_owned(),
        date: jiff::civil::date(2026, 3, 2),
        since: jiff::Timestamp::from_second(1_000 * number).unwrap(),
        until: None,
        planned_until: None,
        trigger: Trigger::Hand,
        planned: None,
    }
}

pub(super) fn signer() -> Signer {
    Signer::from_seed(&[7; 32])
}

impl Room {
    pub(super) fn new(url: &str) -> Self {
        Self::with_options(url, Options::default())
    }

    /// A spool that is full soon.
    pub(super) fn small(url: &str) -> Self {
        Self::with_options(url, Options { quota_bytes: 3 << 20, segment_bytes: 256 << 10, reserve_bytes: 0 })
    }

    fn with_options(url: &str, options: Options) -> Self {
        // In memory where there is room: an upload is tested here, not a disk.
        let shm = Path::new("/dev/shm");
        let folder = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
        let begin = Mutex::new("2026-03-02T00:00:00Z".parse().unwrap());
        let clock = Arc::new(TestClock { seconds: AtomicU64::new(0), begin });
        let keyring = Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None };
        let path = folder.path().join("spool");
        let (spool, _) = Spool::open(path, options, keyring, Arc::clone(&clock) as _).unwrap();
        let spool = Arc::new(spool);
        let progress = watch::Sender::new(Progress::default());
        let (uplink, allowed) = watch::channel(None);
        let (state_tx, state) = watch::channel(UploadState::default());
        let uploader = Uploader {
            name: archive(),
            store: StoreOptions { url: url.to_owned(), ..StoreOptions::default() },
            device: DeviceId::new("LB-1").unwrap(),
            signer: signer(),
            spool: Arc::clone(&spool),
            progress: progress.subscribe(),
            state: state_tx,
            pace: Pace::new(allowed, None, Arc::clone(&clock) as _),
            hours: Hours::default(),
            time_zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap(),
            clock: Arc::clone(&clock) as _,
            playlist_per_mille: SHARE_PER_MILLE,
        };
        Self { spool, clock, state, uplink, progress, uploader, _folder: folder }
    }

    pub(super) fn with_hours(mut self, hours: Hours) -> Self {
        self.uploader.hours = hours;
        self
    }

    /// Counts each byte of media as so many.
    pub(super) fn scale_budget(&mut self, scale: u64) {
        self.uploader.playlist_per_mille = SHARE_PER_MILLE * scale;
    }

    pub(super) fn store(&self) -> Store {
        Store::open_with(&self.uploader.store).unwrap()
    }

    /// A lesson without media yet.
    pub(super) fn begin(&self, lesson: &str) {
        self.spool.begin_lesson(&info(lesson)).unwrap();
        self.begin_run(lesson, Ticks(0));
    }

    pub(super) fn begin_run(&self, lesson: &str, at: Ticks) -> u32 {
        self.begin_run_of(lesson, &track(), at)
    }

    fn begin_run_of(&self, lesson: &str, track: &Name, at: Ticks) -> u32 {
        let anchor =
            Anchor { pts_90k: at, utc: jiff::Timestamp::UNIX_EPOCH, synced: true, uncertainty_ms: None };
        self.spool.begin_run(&id(lesson), track, b"an init segment", "avc1.42c00d", anchor).unwrap()
    }

    /// Appends fragments of 2 s and tells the uploader.
    pub(super) fn record(&self, lesson: &str, fragments: u64, bytes: usize) {
        self.record_run(lesson, &track(), fragments, bytes);
    }

    /// A second track, from the beginning on.
    pub(super) fn record_camera(&self, lesson: &str, fragments: u64, bytes: usize) {
        let camera = Name::new("camera").unwrap();
        self.begin_run_of(lesson, &camera, Ticks(0));
        self.record_run(lesson, &camera, fragments, bytes);
    }

    fn record_run(&self, lesson: &str, track: &Name, fragments: u64, bytes: usize) {
        let id = id(lesson);
        let run = self.spool.runs(&id).unwrap().last().unwrap().run;
        let payload = vec![7; bytes];
        for _ in 0..fragments {
            let pts_90k = self.spool.timeline_end(&id, track).unwrap();
            let duration_90k = Ticks(2 * Ticks::PER_SECOND);
            let new = NewFragment { lesson: &id, track, run, pts_90k, duration_90k, payload: &payload };
            self.spool.append(new).unwrap();
        }
        self.tell();
    }

    pub(super) fn end(&self, lesson: &str) {
        let since = info(lesson).since;
        self.spool.end_lesson(&id(lesson), since + Duration::from_secs(900)).unwrap();
        self.tell();
    }

    /// Records until the disk takes nothing more.
    pub(super) fn fill(&self, lesson: &str) {
        let (id, track) = (id(lesson), track());
        let payload = vec![9; 60_000];
        let duration_90k = Ticks(2 * Ticks::PER_SECOND);
        loop {
            let pts_90k = self.spool.timeline_end(&id, &track).unwrap();
            let run = self.spool.runs(&id).unwrap().last().unwrap().run;
            let new =
                NewFragment { lesson: &id, track: &track, run, pts_90k, duration_90k, payload: &payload };
            if self.spool.append(new).is_err() {
                return;
            }
        }
    }

    /// Lets the oldest lesson make way, as the daemon does on a full disk.
    pub(super) fn make_way(&self) -> Vec<LessonId> {
        let retention = Retention { archives: vec![archive()], keep_days: None, discard_unarchived: true };
        self.spool.make_room(&retention).unwrap().discarded
    }

    /// A whole lesson of fragments of a thousand bytes.
    pub(super) fn lesson(&self, lesson: &str, fragments: u64) {
        self.begin(lesson);
        self.record(lesson, fragments, 1_000);
        self.end(lesson);
    }

    pub(super) fn tell(&self) {
        self.progress.send_modify(|progress| progress.changes += 1);
    }

    /// An uploader, until the handle is aborted.
    pub(super) fn start(&self) -> Running {
        let uploader = self.uploader.clone();
        #[expect(clippy::disallowed_methods, reason = "there is no supervisor here")]
        Running(tokio::task::spawn(async move {
            let _ = uploader.run().await;
        }))
    }

    pub(super) fn is_archived(&self, lesson: &str) -> bool {
        self.spool.is_archived(&archive(), &id(lesson))
    }

    pub(super) fn reached(&self, lesson: &str) -> u64 {
        self.spool.acknowledged(&archive(), &id(lesson), &track()).unwrap()
    }

    /// Waits for a condition; the test fails when it does not come.
    pub(super) async fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !condition(self) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let outcome = tokio::time::timeout(Duration::from_secs(90), waiting).await;
        assert!(outcome.is_ok(), "never came: {what}; {:?}", self.state.borrow());
    }
}

/// Ends the uploader, as a power cut would.
pub(super) struct Running(tokio::task::JoinHandle<()>);

impl Running {
    pub(super) async fn kill(self) {
        self.0.abort();
        let _ = self.0.await;
    }
}
