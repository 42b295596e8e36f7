//! Any sequence of operations, restarts, power cuts, disk faults and losses of
//! the index, against a model that only remembers what was acknowledged.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use super::disk::{Fault, TestDisk};
use super::*;
use crate::FragmentState;
use crate::frame::{HEADER_BYTES, Header};

const LESSONS: usize = 3;

#[derive(Debug, Clone)]
enum Op {
    Begin(usize),
    BeginRun(usize, usize),
    Append(usize, usize),
    Gap(usize, u64),
    Acknowledge(usize),
    End(usize),
    Delete(usize),
    Hold(usize),
    EndHold(usize),
    /// Two days pass; one is what the retention allows.
    Retire,
    Tidy,
    Commit,
    /// The next operations of the disk, from `at` on, fail.
    Fault {
        at: u64,
        length: u64,
        errno: i32,
    },
    /// The process ends; what it wrote is in the kernel's hands.
    Kill,
    /// The power goes; the bits choose which unsynced writes stay.
    PowerCut(u64),
    /// The power goes, and the index with it.
    LoseIndex(u64),
}

fn op() -> impl Strategy<Value = Op> {
    let lesson = 0..LESSONS;
    prop_oneof![
        3 => lesson.clone().prop_map(Op::Begin),
        3 => (lesson.clone(), 1..30_000_usize).prop_map(|(l, n)| Op::BeginRun(l, n)),
        12 => (lesson.clone(), 1..90_000_usize).prop_map(|(l, n)| Op::Append(l, n)),
        2 => (lesson.clone(), 1..500_000_u64).prop_map(|(l, n)| Op::Gap(l, n)),
        4 => lesson.clone().prop_map(Op::Acknowledge),
        2 => lesson.clone().prop_map(Op::End),
        1 => lesson.clone().prop_map(Op::Delete),
        1 => lesson.clone().prop_map(Op::Hold),
        1 => lesson.prop_map(Op::EndHold),
        1 => Just(Op::Retire),
        1 => Just(Op::Tidy),
        1 => Just(Op::Commit),
        2 => (0..8_u64, 1..4_u64, prop_oneof![Just(5), Just(28)])
            .prop_map(|(at, length, errno)| Op::Fault { at, length, errno }),
        1 => Just(Op::Kill),
        1 => any::<u64>().prop_map(Op::PowerCut),
        1 => any::<u64>().prop_map(Op::LoseIndex),
    ]
}

#[derive(Debug, Default, Clone)]
struct Lesson {
    begun: bool,
    closed: bool,
    /// Its media went on purpose…
    gone: bool,
    /// …or may have, should the decision that failed be found at the next start.
    maybe_gone: bool,
    held: bool,
    /// A hold or its end failed: either may be found.
    maybe_held: bool,
    /// The size of each run's init segment.
    inits: Vec<usize>,
    /// Begin, seed and size of each fragment.
    fragments: Vec<(Ticks, u64, usize)>,
    /// Appends that failed since the last success: one may turn out to be there.
    failed: Vec<(Ticks, u64, usize)>,
    failed_inits: Vec<usize>,
    gaps: BTreeSet<(u64, u64)>,
    acknowledged: u64,
    /// What of the two above was committed.
    committed: (BTreeSet<(u64, u64)>, u64),
}

struct World {
    dir: tempfile::TempDir,
    disk: TestDisk,
    spool: Option<Spool>,
    clock: Arc<StandingClock>,
    lessons: Vec<Lesson>,
    seed: u64,
    generation: u64,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let lessons = vec![Lesson::default(); LESSONS];
        let (disk, clock) = (TestDisk::default(), Arc::default());
        let mut world = Self { dir, disk, spool: None, clock, lessons, seed: 0, generation: 0 };
        world.fill_pool();
        world.open();
        world.note_commit();
        world
    }

    /// The first segments are written over files that were let go, full of
    /// other bytes.
    fn fill_pool(&self) {
        let pool = self.folder().join("pool");
        fs::create_dir_all(&pool).unwrap();
        for epoch in 1..=4 {
            let mut bytes = payload(epoch, SMALL.segment_bytes as usize);
            bytes[..HEADER_BYTES].copy_from_slice(&Header::released(epoch).encode());
            fs::write(pool.join(crate::segment::file_name(epoch)), bytes).unwrap();
        }
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("spool")
    }

    fn spool(&self) -> &Spool {
        self.spool.as_ref().unwrap()
    }

    fn open(&mut self) -> OpenReport {
        self.disk.fail(None);
        let clock: Arc<dyn Clock> = Arc::<StandingClock>::clone(&self.clock);
        let (spool, report) =
            Spool::open_on(Arc::new(self.disk.clone()), self.folder(), SMALL, keyring(), clock).unwrap();
        self.spool = Some(spool);
        report
    }

    /// After a commit: what a power cut leaves of the index is kept aside.
    fn note_commit(&mut self) {
        let generation = self.spool().index.generation();
        if generation == self.generation {
            return;
        }
        self.generation = generation;
        let image = self.dir.path().join("image");
        let _ = fs::remove_dir_all(&image);
        copy_folder(&self.folder().join("index"), &image);
        for lesson in &mut self.lessons {
            lesson.committed = (lesson.gaps.clone(), lesson.acknowledged);
        }
    }

    fn apply(&mut self, op: &Op) {
        match *op {
            Op::Begin(l) => {
                let begun = self.spool().begin_lesson(&info(l));
                assert_eq!(begun.is_ok(), !self.lessons[l].closed, "{begun:?}");
                self.lessons[l].begun = true;
            }
            Op::BeginRun(l, bytes) => {
                let init = payload(bytes as u64, bytes);
                let begun = self.spool().begin_run(&id(l), &program(), &init, "avc1", anchor(Ticks(0)));
                let lesson = &mut self.lessons[l];
                match begun {
                    Ok(run) => {
                        lesson.inits.push(bytes);
                        lesson.failed_inits.clear();
                        assert_eq!(run as usize, lesson.inits.len());
                    }
                    Err(SpoolError::Io { .. } | SpoolError::Full { .. }) => lesson.failed_inits.push(bytes),
                    Err(_) => assert!(!lesson.begun || lesson.closed),
                }
            }
            Op::Append(l, bytes) => self.append(l, bytes),
            Op::Gap(l, length) => {
                let from = self.spool().timeline_end(&id(l), &program()).unwrap_or_default().0;
                let recorded = self.spool().record_gap(&id(l), &gap(from, from + length));
                let lesson = &mut self.lessons[l];
                assert_eq!(recorded.is_ok(), lesson.begun && !lesson.closed, "{recorded:?}");
                if recorded.is_ok() {
                    lesson.gaps.insert((from, from + length));
                }
            }
            Op::Acknowledge(l) => {
                let next = self.lessons[l].acknowledged + 1;
                let done = self.spool().acknowledge(&name("district"), &id(l), &program(), next);
                let lesson = &mut self.lessons[l];
                if lesson.gone {
                    done.unwrap();
                } else {
                    assert_eq!(done.is_ok(), next <= lesson.fragments.len() as u64, "{done:?}");
                    lesson.acknowledged += u64::from(done.is_ok());
                }
            }
            Op::End(l) => {
                let ended = self.spool().end_lesson(&id(l), utc(1));
                assert_eq!(ended.is_ok(), self.lessons[l].begun, "{ended:?}");
                self.lessons[l].closed = self.lessons[l].begun;
            }
            Op::Delete(l) => self.delete(l),
            Op::Hold(l) => {
                let outcome = self.spool().hold(&id(l), "administrator", "x");
                let lesson = &mut self.lessons[l];
                match outcome {
                    Ok(()) => (lesson.held, lesson.maybe_held) = (true, false),
                    Err(SpoolError::Io { .. }) => lesson.maybe_held = true,
                    Err(_) => assert!(!lesson.begun || lesson.gone),
                }
            }
            Op::EndHold(l) => {
                let outcome = self.spool().end_hold(&id(l), "administrator");
                let lesson = &mut self.lessons[l];
                match outcome {
                    Ok(()) => {
                        assert!(lesson.held);
                        (lesson.held, lesson.maybe_held) = (false, false);
                    }
                    Err(SpoolError::Io { .. }) => lesson.maybe_held = true,
                    Err(_) => assert!(!lesson.held || !lesson.begun),
                }
            }
            Op::Retire => self.retire(),
            Op::Tidy => drop((0..3).find(|_| !self.spool().tidy().unwrap())),
            Op::Commit => self.spool().commit().unwrap(),
            Op::Fault { at, length, errno } => self.disk.fail(Some(Fault { at, length, errno })),
            Op::Kill => self.kill(),
            Op::PowerCut(bits) => self.cut_power(bits, false),
            Op::LoseIndex(bits) => self.cut_power(bits, true),
        }
        self.note_commit();
    }

    fn delete(&mut self, l: usize) {
        let outcome = self.spool().delete(&id(l), "administrator", "x", true, &[name("district")]);
        let lesson = &mut self.lessons[l];
        let may_go = lesson.closed && !lesson.held;
        match outcome {
            Ok(()) => {
                assert!(may_go);
                (lesson.gone, lesson.maybe_gone) = (true, false);
            }
            Err(SpoolError::Io { .. }) => lesson.maybe_gone = may_go,
            Err(SpoolError::Deleted(_)) => assert!(lesson.gone),
            Err(error) => assert!(!may_go, "{error:?}"),
        }
    }

    fn retire(&mut self) {
        self.clock.advance(Duration::from_secs(2 * 24 * 3600));
        let retention = Retention { keep_days: Some(1), ..Retention::default() };
        let outcome = self.spool().make_room(&retention);
        for (l, lesson) in self.lessons.iter_mut().enumerate().filter(|(_, lesson)| lesson.begun) {
            let went = self.spool.as_ref().unwrap().lesson(&id(l)).unwrap().removed;
            let may_go = lesson.gone || (lesson.closed && !lesson.held);
            assert!(may_go || !went);
            assert!(went || !may_go || outcome.is_err(), "{outcome:?}");
            lesson.maybe_gone |= may_go && !went;
            lesson.gone = went;
        }
    }

    fn append(&mut self, l: usize, bytes: usize) {
        self.seed += 1;
        let run = self.lessons[l].inits.len() as u32;
        let pts = self.spool().timeline_end(&id(l), &program()).unwrap_or_default();
        let outcome = try_append(self.spool(), &id(l), run, &payload(self.seed, bytes));
        let lesson = &mut self.lessons[l];
        match outcome {
            Ok(stored) => {
                lesson.fragments.push((pts, self.seed, bytes));
                lesson.failed.clear();
                assert_eq!(stored.seq, lesson.fragments.len() as u64);
            }
            Err(SpoolError::Io { .. } | SpoolError::Full { .. }) => {
                lesson.failed.push((pts, self.seed, bytes));
            }
            Err(_) => assert!(!lesson.begun || lesson.closed || lesson.inits.is_empty()),
        }
    }

    fn kill(&mut self) {
        self.spool = None;
        let report = self.open();
        assert!(!report.lost_something(), "{report:?}");
        self.settle();
    }

    fn cut_power(&mut self, bits: u64, loses_index: bool) {
        self.spool = None;
        let mut state = bits | 1;
        self.disk.cut_power(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 63 == 1
        });
        let index = self.folder().join("index");
        fs::remove_dir_all(&index).unwrap();
        if !loses_index {
            copy_folder(&self.dir.path().join("image"), &index);
        }
        let report = self.open();
        assert!(report.missing_segments.is_empty() && report.unreadable_segments.is_empty(), "{report:?}");
        // Without the index, a gap that was only there shows as damage.
        assert!(report.damaged.is_empty() || loses_index, "{report:?}");
        if loses_index {
            for (l, lesson) in self.lessons.iter_mut().enumerate() {
                if lesson.gone {
                    assert!(self.spool.as_ref().unwrap().lesson(&id(l)).unwrap().removed);
                    continue;
                }
                lesson.committed = Default::default();
                let found = self.spool.as_ref().unwrap().lesson(&id(l));
                // A lesson without a run is in the index alone.
                assert!(found.is_some() || lesson.inits.is_empty());
                if found.is_none() {
                    // What was decided about it outlives it.
                    let (held, maybe_held) = (lesson.held, lesson.maybe_held);
                    *lesson = Lesson { held, maybe_held, ..Lesson::default() };
                    continue;
                }
                lesson.closed =
                    found.is_some_and(|f| f.state == lectern_api::manifest::ManifestState::Closed);
            }
        }
        self.settle();
    }

    /// After a restart: takes over what may be there or not.
    fn settle(&mut self) {
        let spool = self.spool.as_ref().unwrap();
        for (l, lesson) in self.lessons.iter_mut().enumerate().filter(|(_, lesson)| lesson.begun) {
            let record = spool.lesson(&id(l)).unwrap();
            assert!(record.removed == lesson.gone || (record.removed && lesson.maybe_gone), "{record:?}");
            assert!(record.hold.is_some() == lesson.held || lesson.maybe_held);
            (lesson.gone, lesson.held) = (record.removed, record.hold.is_some());
            (lesson.maybe_gone, lesson.maybe_held) = (false, false);
            if lesson.gone {
                continue;
            }
            let found = spool.fragments(&id(l), &program(), 1, usize::MAX).unwrap();
            if found.len() == lesson.fragments.len() + 1 {
                let bytes = found[found.len() - 1].bytes as usize;
                let read = spool.read(&id(l), &program(), found.len() as u64).unwrap();
                let it = |f: &&(Ticks, u64, usize)| f.2 == bytes && payload(f.1, bytes) == read;
                lesson.fragments.push(*lesson.failed.iter().find(it).unwrap());
            }
            lesson.failed.clear();
            let runs = spool.runs(&id(l)).unwrap();
            if runs.len() == lesson.inits.len() + 1 {
                let bytes = runs[runs.len() - 1].init_bytes as usize;
                assert!(lesson.failed_inits.contains(&bytes));
                lesson.inits.push(bytes);
            }
            lesson.failed_inits.clear();
            let gaps: BTreeSet<_> =
                spool.gaps(&id(l)).unwrap().iter().map(|g| (g.from_90k.0, g.to_90k.0)).collect();
            assert!(gaps.is_superset(&lesson.committed.0), "a committed gap is gone");
            lesson.gaps = gaps;
            let acknowledged = spool.acknowledged(&name("district"), &id(l), &program()).unwrap();
            assert!((lesson.committed.1..=lesson.acknowledged).contains(&acknowledged));
            lesson.acknowledged = acknowledged;
        }
        // Opening has committed what it found.
        self.generation = 0;
        self.note_commit();
    }

    fn check(&self) {
        let spool = self.spool();
        let mut pending = 0;
        for (l, lesson) in self.lessons.iter().enumerate() {
            let Some(record) = spool.lesson(&id(l)) else {
                assert!(!lesson.begun);
                continue;
            };
            if lesson.gone {
                assert!(record.removed && record.state == lectern_api::manifest::ManifestState::Deleted);
                assert!(matches!(spool.read(&id(l), &program(), 1), Err(SpoolError::Removed(_))));
                continue;
            }
            assert_eq!(record.state == lectern_api::manifest::ManifestState::Closed, lesson.closed);
            let fragments = spool.fragments(&id(l), &program(), 1, usize::MAX).unwrap();
            assert_eq!(fragments.len(), lesson.fragments.len(), "lesson {l}");
            for (nth, (stored, (pts, seed, bytes))) in fragments.iter().zip(&lesson.fragments).enumerate() {
                assert_eq!((stored.seq, stored.pts_90k), (nth as u64 + 1, *pts));
                assert_eq!(stored.state, FragmentState::Held);
                let read = spool.read(&id(l), &program(), stored.seq).unwrap();
                assert!(read == payload(*seed, *bytes), "fragment {} of lesson {l} differs", stored.seq);
            }
            for (run, bytes) in (1..).zip(&lesson.inits) {
                assert!(spool.read_init(&id(l), run).unwrap() == payload(*bytes as u64, *bytes));
            }
            let gaps = spool.gaps(&id(l)).unwrap();
            assert_eq!(gaps.len(), lesson.gaps.len());
            assert_eq!(record.gap_90k.0, gaps.iter().map(|g| (g.to_90k - g.from_90k).0).sum::<u64>());
            assert_eq!(record.fragments, lesson.fragments.len() as u64);
            assert_eq!(record.recorded_90k.0, record.fragments * TWO_SECONDS.0);
            assert_eq!(record.bytes.0, lesson.fragments.iter().map(|f| f.2 as u64).sum::<u64>());
            pending += lesson.fragments.len() as u64 - lesson.acknowledged;
        }
        assert_eq!(spool.pending(&name("district")).fragments, pending);
    }
}

/// Few by default: each case syncs many files. `PROPTEST_CASES` asks for more.
fn cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").is_ok();
    let default = ProptestConfig::default();
    ProptestConfig { cases: if asked { default.cases } else { 32 }, ..default }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn whatever_happens_every_acknowledged_fragment_is_there(ops in prop::collection::vec(op(), 1..48)) {
        let mut world = World::new();
        for op in &ops {
            world.apply(op);
        }
        world.check();
        world.kill();
        world.check();
    }
}
