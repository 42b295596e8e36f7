//! Any segments without an index: opening must end, keep the numbers without
//! holes, lose nothing on a second opening, and leave a spool that can be used.

#![no_main]

use std::path::Path;
use std::sync::Arc;

use lectern_api::{LessonId, SystemClock};
use lectern_fuzz::segments::Segments;
use lectern_spool::{DeviceKey, Keyring, OpenReport, Options, Spool, SpoolError};
use libfuzzer_sys::fuzz_target;

const OPTIONS: Options = Options { quota_bytes: 64 << 20, segment_bytes: 256 << 10, reserve_bytes: 0 };

fn open(folder: &Path) -> (Spool, OpenReport) {
    let keyring = Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None };
    Spool::open(folder, OPTIONS, keyring, Arc::new(SystemClock::new())).expect("any segments can be opened")
}

/// Every lesson with the number of each track's fragments.
fn look(spool: &Spool) -> Vec<(LessonId, Vec<u64>)> {
    let lessons = spool.lessons().into_iter().map(|record| {
        let id = record.info.id;
        let tracks = spool.tracks(&id).expect("its tracks");
        spool.gaps(&id).expect("its gaps");
        spool.runs(&id).expect("its runs");
        for track in &tracks {
            let stored = spool.fragments(&id, &track.name, 1, usize::MAX).expect("its fragments");
            assert_eq!(stored.len() as u64, track.last_seq);
            for (seq, fragment) in (1..).zip(&stored).take(64) {
                assert_eq!(fragment.seq, seq);
                match spool.read(&id, &track.name, seq) {
                    Ok(read) => assert_eq!(read.len() as u64, fragment.bytes),
                    Err(SpoolError::Damaged { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
        (id, tracks.iter().map(|track| track.last_seq).collect())
    });
    lessons.collect()
}

fuzz_target!(|segments: Segments| {
    let folder = lectern_fuzz::folder();
    segments.write(folder.path());
    let (spool, _) = open(folder.path());
    let found = look(&spool);
    drop(spool);
    let (spool, report) = open(folder.path());
    assert_eq!(look(&spool), found, "{report:?}");
    assert!(!report.rebuilt);
});
