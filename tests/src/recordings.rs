//! Lessons put straight into a box's spool, as if they had been recorded there:
//! an outage of hours need not be sat through.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lectern_api::manifest::{Anchor, LessonInfo, Trigger};
use lectern_api::{LessonId, Name, SystemClock, Ticks};
use lectern_archive::layout;
use lectern_spool::{DeviceKey, Keyring, NewFragment, Options, Spool};

use crate::ClassroomBox;
use crate::setup::DEVICE;

/// Length of a fragment.
const FRAGMENT: Ticks = Ticks(2 * Ticks::PER_SECOND);

/// A lesson that is made, not recorded. Its bytes follow from its id, so
/// that whoever has it can tell whether they are right.
#[derive(Debug, Clone)]
pub struct Recording {
    /// What it is.
    pub lesson: LessonInfo,
    /// How many fragments of 2 s it has.
    pub fragments: u64,
    /// How many bytes each of them has.
    pub fragment_bytes: usize,
}

impl Recording {
    /// A lesson of so many minutes that began at a time (RFC 3339).
    ///
    /// # Panics
    /// When `since` is no time.
    #[must_use]
    pub fn of(id: &str, since: &str, minutes: u64, fragment_bytes: usize) -> Self {
        let since: jiff::Timestamp = since.parse().expect("a time");
        let length = jiff::SignedDuration::from_mins(i64::try_from(minutes).expect("minutes"));
        let lesson = LessonInfo {
            id: LessonId::new(id).expect("a lesson's id"),
            title: format!("补传 {id}"),
            date: since.to_zoned(jiff::tz::TimeZone::UTC).date(),
            since,
            until: Some(since.checked_add(length).expect("a time")),
            planned_until: None,
            trigger: Trigger::Hand,
            planned: None,
        };
        Self { lesson, fragments: minutes * 30, fragment_bytes }
    }

    /// Where it lies in a store.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("{DEVICE}/{}/{}", self.lesson.date, self.lesson.id)
    }

    /// The init segment.
    #[must_use]
    pub fn init(&self) -> Vec<u8> {
        noise(&format!("{} init", self.lesson.id), 900)
    }

    /// A fragment's bytes; numbers count from 1.
    #[must_use]
    pub fn payload(&self, seq: u64) -> Vec<u8> {
        noise(&format!("{} {seq}", self.lesson.id), self.fragment_bytes)
    }

    /// Asserts that a folder holds the lesson, every byte of it and nothing else.
    ///
    /// # Panics
    /// With the first file that is missing, altered or too many.
    #[track_caller]
    pub fn assert_is_in(&self, store: &Path) {
        let folder = store.join(self.folder());
        let track = track();
        let read = |path: &str| {
            std::fs::read(folder.join(path))
                .unwrap_or_else(|error| panic!("{}/{path}: {error}", self.folder()))
        };
        assert!(read(&layout::init(&track, 1)) == self.init(), "{}: another init segment", self.folder());
        for seq in 1..=self.fragments {
            let path = layout::fragment(&track, seq);
            assert!(read(&path) == self.payload(seq), "{}/{path} is altered", self.folder());
        }
        let there = std::fs::read_dir(folder.join(track.as_str())).expect("the track's folder").count();
        assert_eq!(there as u64, self.fragments + 1, "files in {}/{track}", self.folder());
    }

    /// Writes it into a spool.
    ///
    /// # Panics
    /// When the spool refuses it.
    pub fn record(&self, spool: &Spool) {
        let (id, track) = (&self.lesson.id, track());
        let open = LessonInfo { until: None, ..self.lesson.clone() };
        spool.begin_lesson(&open).expect("the lesson begins");
        let anchor =
            Anchor { pts_90k: Ticks(0), utc: self.lesson.since, synced: true, uncertainty_ms: Some(10) };
        let run = spool.begin_run(id, &track, &self.init(), "avc1.64001f,mp4a.40.2", anchor).expect("a run");
        for seq in 1..=self.fragments {
            let payload = self.payload(seq);
            let fragment = NewFragment {
                lesson: id,
                track: &track,
                run,
                pts_90k: Ticks(FRAGMENT.0 * (seq - 1)),
                duration_90k: FRAGMENT,
                payload: &payload,
            };
            spool.append(fragment).expect("the fragment is durable");
        }
        spool.end_lesson(id, self.lesson.until.expect("it has an end")).expect("the lesson ends");
    }
}

fn track() -> Name {
    Name::new("program").expect("a name")
}

/// The device key of a box whose lessons are made and not recorded.
const DEVICE_KEY: [u8; 32] = [0x4c; 32];

/// Opens the spool of a box that was never switched on, lets `write` have it,
/// and closes it; the box finds it with its key.
///
/// # Panics
/// When it cannot be opened or closed.
pub fn in_spool(lectern: &ClassroomBox, write: impl FnOnce(&Spool)) {
    let key = lectern.path("keys/device.key");
    std::fs::create_dir(lectern.path("keys")).expect("the folder of keys can be made");
    std::fs::write(&key, DEVICE_KEY).expect("the key can be written");
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("a mode of its own");
    let options = Options { quota_bytes: 8 << 30, ..Options::default() };
    let keyring = Keyring { device: DeviceKey::from_bytes(DEVICE_KEY), recovery: None };
    let opened = Spool::open(lectern.path("spool"), options, keyring, Arc::new(SystemClock::new()));
    let spool = Arc::new(opened.expect("the spool opens").0);
    write(&spool);
    spool.close(Duration::from_secs(60)).expect("the spool closes");
}

/// Bytes without a pattern that follow from a name (xorshift64*, seeded by FNV-1a).
fn noise(name: &str, bytes: usize) -> Vec<u8> {
    let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut state = seed | 1;
    let mut out = Vec::with_capacity(bytes + 8);
    while out.len() < bytes {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        out.extend(state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes());
    }
    out.truncate(bytes);
    out
}
