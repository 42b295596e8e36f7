//! What a rebuild takes from footers, and what it does without.

use std::fs;
use std::os::unix::fs::FileExt;

use super::*;
use crate::disk::{Disk, SystemDisk};
use crate::footer;
use crate::frame::{ALIGN_BYTES, HEADER_BYTES, Header, Kind};

fn overwrite(path: &Path, offset: u64, bytes: &[u8]) {
    fs::OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, offset).unwrap();
}

/// A closed spool of one lesson with 7 fragments in 3 segments.
fn closed(dir: &Path) -> LessonId {
    let spool = Arc::new(open(dir).0);
    let lesson = recorded(&spool, 1, 7);
    spool.record_gap(&lesson, &gap(7 * TWO_SECONDS.0, 8 * TWO_SECONDS.0)).unwrap();
    spool.close(Duration::from_secs(10)).unwrap();
    lesson
}

fn lose_index(dir: &Path) -> (Spool, OpenReport) {
    fs::remove_dir_all(dir.join("index")).unwrap();
    open(dir)
}

/// The places of a segment's media headers, by its footer.
fn media_headers(path: &Path, epoch: u64) -> Vec<u64> {
    let scan = footer::read(SystemDisk.open(path).unwrap().as_ref(), epoch).unwrap().unwrap();
    scan.frames.iter().filter(|f| f.header.kind == Kind::Media).map(|f| f.offset).collect()
}

#[test]
fn a_rebuild_believes_the_footer_and_a_read_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = closed(dir.path());
    let paths = segments(dir.path());
    let headers = media_headers(&paths[1], 2);
    // A header that is gone from its place is still in the footer.
    overwrite(&paths[1], headers[0], &[0; HEADER_BYTES]);
    let (spool, report) = lose_index(dir.path());
    assert_eq!((report.recovered_fragments, report.lost_media()), (7, false));
    let verified = spool.verify(&lesson).unwrap();
    assert_eq!((verified.sound, verified.damaged), (6, 1));
    assert_eq!(spool.gaps(&lesson).unwrap().len(), 2);
}

#[test]
fn a_rebuild_without_footers_reads_the_headers() {
    for at_footer in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let lesson = closed(dir.path());
        for path in segments(dir.path()) {
            let bytes = fs::read(&path).unwrap();
            let trailer = bytes.len() - ALIGN_BYTES as usize;
            let footer_at = u64::from_le_bytes(bytes[trailer + 16..trailer + 24].try_into().unwrap());
            overwrite(&path, if at_footer { footer_at + 200 } else { trailer as u64 }, b"rot");
        }
        let (spool, report) = lose_index(dir.path());
        assert_eq!((report.recovered_fragments, report.lost_media()), (7, false), "{report:?}");
        assert_reads(&spool, &lesson, 1..=7);
        assert_eq!(spool.gaps(&lesson).unwrap().len(), 1);
        // It ended the files anew.
        for (path, epoch) in segments(dir.path()).iter().zip(1..) {
            assert!(!media_headers(path, epoch).is_empty());
        }
    }
}

#[test]
fn a_killed_segment_gets_its_footer_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = recorded(&open(dir.path()).0, 1, 2);
    let path = segments(dir.path())[0].clone();
    let system = SystemDisk.open(&path).unwrap();
    assert!(footer::read(system.as_ref(), 1).unwrap().is_none());
    drop(open(dir.path()));
    assert_eq!(media_headers(&path, 1).len(), 2);
    let (spool, report) = lose_index(dir.path());
    assert_eq!(report.recovered_fragments, 2);
    assert_reads(&spool, &lesson, 1..=2);
}

#[test]
fn the_last_frame_before_a_footer_was_acknowledged_and_is_never_called_torn() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = closed(dir.path());
    let path = segments(dir.path()).pop().unwrap();
    let last = *media_headers(&path, 3).last().unwrap();
    overwrite(&path, last + 1000, b"rot");
    // Without its trailer, so that every header is read.
    let length = fs::metadata(&path).unwrap().len();
    overwrite(&path, length - ALIGN_BYTES, b"rot");
    let (spool, report) = lose_index(dir.path());
    assert_eq!((report.torn_frames, report.lost_media()), (0, spool.gaps(&lesson).unwrap().len() == 2));
    assert_eq!(spool.lesson(&lesson).unwrap().fragments, 7);
    assert!(matches!(spool.read(&lesson, &program(), 7), Err(SpoolError::Damaged { .. })));
}

#[test]
fn a_footer_of_a_former_segment_in_the_same_file_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    closed(dir.path());
    let path = segments(dir.path())[0].clone();
    let file = SystemDisk.open(&path).unwrap();
    assert!(footer::read(file.as_ref(), 1).unwrap().is_some());
    assert!(footer::read(file.as_ref(), 2).unwrap().is_none());
    overwrite(&path, 0, &Header::released(1).encode());
    let (_, report) = lose_index(dir.path());
    assert!(!path.exists() && report.leftover_segments == 1, "wiped goes before footed");
}

#[test]
fn small_fragments_leave_room_for_their_footer() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Arc::new(open(dir.path()).0);
    let lesson = begin(&spool, 1);
    for seq in 1..=150 {
        append(&spool, &lesson, 1, &payload(seq, 100));
    }
    spool.end_lesson(&lesson, utc(9)).unwrap();
    for path in segments(dir.path()) {
        assert!(fs::metadata(path).unwrap().len() <= SMALL.segment_bytes);
    }
    drop(spool);
    let (spool, report) = lose_index(dir.path());
    assert_eq!(report.recovered_fragments, 150);
    assert_eq!(spool.lesson(&lesson).unwrap().info.until, Some(utc(9)));
}
