//! What lies on the disk is closed, and opens with the right key alone.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::*;
use crate::frame::{ALIGN_BYTES, HEADER_BYTES, Header, KEY_AT, Kind, Sealed, SealedHash, frame_bytes};
use crate::{FragmentState, Verified};

fn open_with(dir: &Path, key: u8) -> (Spool, OpenReport) {
    let keyring = Keyring { device: DeviceKey::from_bytes([key; 32]), recovery: None };
    Spool::open(dir, SMALL, keyring, Arc::new(StandingClock::default())).unwrap()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// The files below a folder that hold these bytes.
fn holding(dir: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = files(dir);
    found.retain(|path| fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes));
    found
}

fn overwrite(path: &Path, offset: u64, bytes: &[u8]) {
    fs::OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, offset).unwrap();
}

/// What is wrapped of the first segment's key.
fn key_page(dir: &Path) -> Vec<u8> {
    let bytes = fs::read(&segments(dir)[0]).unwrap();
    let at = KEY_AT as usize + HEADER_BYTES;
    bytes[at..at + 78].to_vec()
}

#[test]
fn no_picture_and_no_init_segment_lies_on_the_disk_in_the_clear() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    spool.begin_lesson(&info(1)).unwrap();
    let init = payload(99, 900);
    spool.begin_run(&id(1), &program(), &init, "avc1", anchor(Ticks(0))).unwrap();
    append(&spool, &id(1), 1, &payload(1, 60_000));
    spool.commit().unwrap();
    assert_eq!(holding(dir.path(), &payload(1, 60_000)[..32]), [] as [PathBuf; 0]);
    assert_eq!(holding(dir.path(), &init[..32]), [] as [PathBuf; 0]);
    assert_eq!(holding(dir.path(), &[7; 32]), [] as [PathBuf; 0]);
    assert_reads(&spool, &id(1), [1]);
    assert_eq!(spool.read_init(&id(1), 1).unwrap(), init);
}

#[test]
fn another_device_key_damages_nothing_and_the_right_one_reads_again() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = recorded(&open_with(dir.path(), 1).0, 1, 6);
    let (spool, report) = open_with(dir.path(), 2);
    assert_eq!(report.locked_lessons, std::slice::from_ref(&lesson));
    assert!(!report.lost_something(), "{report:?}");
    assert!(matches!(spool.read(&lesson, &program(), 3), Err(SpoolError::KeyMissing(_))));
    assert!(matches!(spool.read_init(&lesson, 1), Err(SpoolError::KeyMissing(_))));
    assert_eq!(spool.verify(&lesson).unwrap(), Verified { locked: 6, ..Verified::default() });
    let fragments = spool.fragments(&lesson, &program(), 1, 9).unwrap();
    assert!(fragments.iter().all(|f| f.state == FragmentState::Held));
    // The lesson goes on, under a key of its own.
    let run = spool.begin_run(&lesson, &program(), b"init 2", "avc1", anchor(Ticks(0))).unwrap();
    assert_eq!(append(&spool, &lesson, run, &payload(7, 60_000)).seq, 7);
    assert_reads(&spool, &lesson, [7]);
    spool.commit().unwrap();
    drop(spool);

    let (spool, report) = open_with(dir.path(), 1);
    assert_eq!(report.locked_lessons, std::slice::from_ref(&lesson));
    assert_reads(&spool, &lesson, 1..=6);
    assert!(matches!(spool.read(&lesson, &program(), 7), Err(SpoolError::KeyMissing(_))));
    drop(spool);
    // A rebuild needs no key.
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (spool, report) = open_with(dir.path(), 3);
    assert_eq!((report.recovered_fragments, report.lost_media()), (7, false));
    assert_eq!(spool.verify(&lesson).unwrap().locked, 7);
}

#[test]
fn a_lesson_keeps_its_key_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = recorded(&open(dir.path()).0, 1, 1);
    let id_of = |path: &PathBuf| fs::read(path).unwrap()[KEY_AT as usize + HEADER_BYTES..][2..10].to_vec();
    let (spool, _) = open(dir.path());
    append(&spool, &lesson, 1, &payload(2, 60_000));
    let paths = segments(dir.path());
    assert_eq!(id_of(&paths[0]), id_of(&paths[1]));
    recorded(&spool, 2, 1);
    assert_ne!(id_of(&paths[0]), id_of(&segments(dir.path())[2]), "every lesson has its own");
}

#[test]
fn a_damaged_key_page_costs_nothing_while_another_segment_has_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = recorded(&open(dir.path()).0, 1, 6);
    let paths = segments(dir.path());
    assert_eq!(paths.len(), 2);
    overwrite(&paths[0], KEY_AT + 100, b"rot");
    let (spool, report) = open(dir.path());
    assert!(!report.lost_something() && report.locked_lessons.is_empty(), "{report:?}");
    assert_reads(&spool, &lesson, 1..=6);
    drop(spool);
    overwrite(&paths[1], KEY_AT, &[0; ALIGN_BYTES as usize]);
    let (spool, _) = open(dir.path());
    assert_eq!(spool.verify(&lesson).unwrap(), Verified { damaged: 6, ..Verified::default() });
    assert_eq!(
        spool.gaps(&lesson).unwrap().iter().map(|g| (g.to_90k - g.from_90k).0).sum::<u64>(),
        6 * 180_000
    );
    // A fresh key, since none is left; nobody knows the init segment any more.
    let run = spool.begin_run(&lesson, &program(), b"init 2", "avc1", anchor(Ticks(0))).unwrap();
    append(&spool, &lesson, run, &payload(7, 60_000));
    assert_reads(&spool, &lesson, [7]);
}

#[test]
fn the_key_of_a_lesson_that_was_let_go_is_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { quota_bytes: 8 << 20, ..SMALL };
    let clock = Arc::new(StandingClock::default());
    let (spool, _) = Spool::open(dir.path(), options, keyring(), clock.clone()).unwrap();
    let lesson = recorded(&spool, 1, 20);
    spool.end_lesson(&lesson, utc(9)).unwrap();
    for seq in 1..=20 {
        spool.acknowledge(&name("district"), &lesson, &program(), seq).unwrap();
    }
    spool.finish_archive(&name("district"), &lesson).unwrap();
    let wrapped = key_page(dir.path());
    let held = segments(dir.path()).len();
    assert_eq!(holding(dir.path(), &wrapped).len(), held, "in the segments and nowhere else");
    drop(spool);
    let options = Options { quota_bytes: 4 << 20, ..SMALL };
    let (spool, _) = Spool::open(dir.path(), options, keyring(), clock.clone()).unwrap();
    recorded(&spool, 2, 20);
    assert_eq!(spool.make_room(&archived_in(&[name("district")])).unwrap().lessons, [lesson]);
    assert!(fs::read_dir(dir.path().join("pool")).unwrap().count() > 0);
    assert_eq!(holding(dir.path(), &wrapped), [] as [PathBuf; 0]);
}

#[test]
fn a_segment_that_was_wiped_and_not_yet_removed_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 2);
    spool.commit().unwrap();
    drop(spool);
    // Of a lesson that the index has forgotten; its media are still there.
    let stray = dir.path().join("segments/00000000000000ff.seg");
    fs::copy(&segments(dir.path())[0], &stray).unwrap();
    overwrite(&stray, 0, &Header::released(0xff).encode());
    let (spool, report) = open(dir.path());
    assert_eq!((report.leftover_segments, report.lost_something()), (1, false));
    assert!(!stray.exists());
    assert_reads(&spool, &lesson, 1..=2);
}

/// A frame as version 1 wrote it: plain, and with its number in the header.
fn version_1(header: &Header, payload: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let header = Header {
        payload_bytes: payload.len() as u32,
        payload_crc: crc32c::crc32c(payload),
        sha256: Sha256::digest(payload).into(),
        ..header.clone()
    };
    let mut frame = header.encode().to_vec();
    frame[4] = 1;
    let crc = crc32c::crc32c(&frame[..188]);
    frame[188..].copy_from_slice(&crc.to_le_bytes());
    frame.extend(payload);
    frame.resize(frame_bytes(payload.len()) as usize, 0);
    frame
}

#[test]
fn segments_of_version_1_are_read_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("segments")).unwrap();
    let blank = Header { kind: Kind::Lesson, ..Header::released(1) };
    let of_run = |kind| Header { kind, run: 1, track: Some(program()), ..blank.clone() };
    let mut bytes = version_1(&blank, &crate::keys::to_json(&info(1)));
    bytes.extend(version_1(&of_run(Kind::Run), br#"{"codecs":"avc1"}"#));
    bytes.extend(version_1(&of_run(Kind::Init), b"init"));
    for seq in 1..=3 {
        let (pts_90k, duration_90k) = (Ticks(TWO_SECONDS.0 * (seq - 1)), TWO_SECONDS);
        let media = Header { seq, pts_90k, duration_90k, ..of_run(Kind::Media) };
        bytes.extend(version_1(&media, &payload(seq, 60_000)));
    }
    let old = dir.path().join("segments/0000000000000001.seg");
    fs::write(&old, &bytes).unwrap();
    let (spool, report) = open(dir.path());
    assert_eq!((report.recovered_fragments, report.lost_media()), (3, false), "{report:?}");
    assert_reads(&spool, &id(1), 1..=3);
    assert_eq!(spool.read_init(&id(1), 1).unwrap(), b"init");
    // The lesson goes on in the present version, under a key.
    append(&spool, &id(1), 1, &payload(4, 60_000));
    assert_reads(&spool, &id(1), 1..=4);
    assert!(fs::read(&old).unwrap()[..bytes.len()] == bytes, "what is there stays as it is");
    assert!(holding(dir.path(), &payload(4, 60_000)[..32]).is_empty());
}

/// Rewrites a media frame as version 2 wrote it.
fn version_2(frame: &mut [u8], key: &crate::cipher::Secret, payload: &[u8]) {
    let header = Header::decode(frame.first_chunk().unwrap(), 1).unwrap();
    let sealed = header.sealed.clone().unwrap();
    let mut header = Header { sealed: Some(Sealed { hash: SealedHash::Before, ..sealed.clone() }), ..header };
    let (stored, tag) = key.seal(sealed.sealing.nonce, &header.aad(), payload).unwrap();
    let sealing = crate::cipher::Sealing { tag, ..sealed.sealing };
    header.sealed = Some(Sealed { key: sealed.key, sealing, hash: SealedHash::Before });
    header.payload_crc = crc32c::crc32c(&stored);
    frame[..HEADER_BYTES].copy_from_slice(&header.encode());
    frame[HEADER_BYTES..HEADER_BYTES + stored.len()].copy_from_slice(&stored);
}

#[test]
fn fragments_of_version_2_are_read_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = recorded(&open(dir.path()).0, 1, 2);
    let path = &segments(dir.path())[0];
    let mut bytes = fs::read(path).unwrap();
    let wrapped = crate::wrapped::WrappedKey::decode(&key_payload(&bytes)).unwrap();
    let key = wrapped.open(&keyring().device).unwrap();
    // Behind the lesson, its key, the run, the init segment and the anchor.
    let at = 5 * ALIGN_BYTES as usize;
    version_2(&mut bytes[at..], &key, &payload(1, 60_000));
    assert_eq!((bytes[at + 4], bytes[at + 7]), (2, 1));
    fs::write(path, &bytes).unwrap();
    for loses_index in [false, true] {
        if loses_index {
            fs::remove_dir_all(dir.path().join("index")).unwrap();
        }
        let (spool, report) = open(dir.path());
        assert!(!report.lost_media(), "{report:?}");
        assert_reads(&spool, &lesson, 1..=2);
        spool.commit().unwrap();
    }
    // Its hash is as closely bound to it as ever.
    bytes[at + 60] ^= 1;
    let crc = crc32c::crc32c(&bytes[at..at + 188]);
    bytes[at + 188..at + 192].copy_from_slice(&crc.to_le_bytes());
    fs::write(path, &bytes).unwrap();
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (spool, _) = open(dir.path());
    assert!(matches!(spool.read(&lesson, &program(), 1), Err(SpoolError::Damaged { .. })));
}

/// The payload of a segment's `key` frame.
fn key_payload(segment: &[u8]) -> Vec<u8> {
    let at = KEY_AT as usize;
    let header = Header::decode(segment[at..].first_chunk().unwrap(), 1).unwrap();
    segment[at + HEADER_BYTES..][..header.payload_bytes as usize].to_vec()
}

#[test]
fn a_header_that_was_forged_without_the_key_is_damage() {
    let kept = tempfile::tempdir().unwrap();
    let lesson = recorded(&open(kept.path()).0, 1, 2);
    let at = 5 * ALIGN_BYTES as usize;
    // Number, begin, length on the time line, run, hash, track, nonce, tag, key, encrypted hash.
    for field in [16, 24, 32, 44, 52, 83, 84, 148, 160, 176, 192, 223] {
        let dir = tempfile::tempdir().unwrap();
        copy_folder(kept.path(), dir.path());
        let path = &segments(dir.path())[0];
        let mut bytes = fs::read(path).unwrap();
        bytes[at + field] ^= 1;
        // Every checksum is right; the index, which has the hash too, is gone.
        let mut header = Header::decode(bytes[at..].first_chunk().unwrap(), 1);
        if field < HEADER_BYTES {
            let crc = crc32c::crc32c(&bytes[at..at + 188]);
            bytes[at + 188..at + 192].copy_from_slice(&crc.to_le_bytes());
            header = Header::decode(bytes[at..].first_chunk().unwrap(), 1);
        }
        let mut header = header.unwrap_or_else(|| panic!("{field}"));
        let stored = &bytes[at + HEADER_BYTES..][..header.stored_bytes()];
        header.payload_crc = header.crc_of(stored);
        bytes[at..at + HEADER_BYTES].copy_from_slice(&header.encode());
        fs::write(path, &bytes).unwrap();
        fs::remove_dir_all(dir.path().join("index")).unwrap();
        let (spool, report) = open(dir.path());
        assert!(report.rebuilt);
        for track in spool.tracks(&lesson).unwrap() {
            for fragment in spool.fragments(&lesson, &track.name, 1, 9).unwrap() {
                let read = spool.read(&lesson, &track.name, fragment.seq);
                if let Ok(read) = read {
                    assert!(fragment.seq == 2 && read == payload(2, 60_000), "{field}: {fragment:?}");
                }
            }
        }
        assert_reads(&spool, &lesson, [2]);
    }
}

#[test]
fn fragments_of_every_size_about_a_page_and_a_piece_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { segment_bytes: 8 << 20, quota_bytes: 64 << 20, ..SMALL };
    let open = || Spool::open(dir.path(), options, keyring(), Arc::new(StandingClock::default())).unwrap();
    let (spool, _) = open();
    let lesson = begin(&spool, 1);
    let page = ALIGN_BYTES as usize;
    let in_first = page - HEADER_BYTES - 32;
    let bounds = [1, in_first, in_first + page, 128 << 10, in_first + (1 << 20), (2 << 20) + in_first];
    let sizes: Vec<usize> =
        bounds.into_iter().flat_map(|at| [at - usize::from(at > 1), at, at + 1]).collect();
    for (seed, size) in (0..).zip(&sizes) {
        append(&spool, &lesson, 1, &payload(seed, *size));
    }
    drop(spool);
    // All of them are found by scanning; the checksums of pieces fit together.
    let (spool, report) = open();
    assert_eq!((report.recovered_fragments, report.torn_frames), (sizes.len() as u64, 0), "{report:?}");
    for (seed, size) in (0..).zip(&sizes) {
        let read = spool.read(&lesson, &program(), seed + 1).unwrap();
        assert!(read == payload(seed, *size), "{size} bytes");
    }
}

#[test]
fn a_folder_of_a_newer_version_is_refused_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    recorded(&open(dir.path()).0, 1, 6);
    let newest = segments(dir.path()).pop().unwrap();
    let mut head = fs::read(&newest).unwrap()[..HEADER_BYTES].to_vec();
    head[4] = 4;
    let crc = crc32c::crc32c(&head[..188]);
    head[188..].copy_from_slice(&crc.to_le_bytes());
    overwrite(&newest, 0, &head);
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    let before: Vec<_> = segments(dir.path()).iter().map(|path| fs::read(path).unwrap()).collect();
    let refused = Spool::open(dir.path(), SMALL, keyring(), Arc::new(StandingClock::default()));
    let Err(SpoolError::Newer { path, version: 4 }) = refused else { panic!("{refused:?}") };
    assert_eq!(path, newest);
    let after: Vec<_> = segments(dir.path()).iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(before == after && !dir.path().join("index").exists());
}

#[test]
fn any_damaged_page_is_told_truly_and_nothing_panics() {
    let kept = tempfile::tempdir().unwrap();
    let spool = Arc::new(open(kept.path()).0);
    let lesson = recorded(&spool, 1, 5);
    spool.close(Duration::from_secs(10)).unwrap();
    drop(spool);
    let paths = segments(kept.path());
    let length = fs::metadata(&paths[0]).unwrap().len();
    // Of the payloads, every fifth page will do.
    let pages = length / ALIGN_BYTES;
    for page in (0..pages).filter(|page| *page < 8 || *page + 5 > pages || page % 5 == 0) {
        let at = page * ALIGN_BYTES;
        for loses_index in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            copy_folder(kept.path(), dir.path());
            let path = dir.path().join("segments").join(paths[0].file_name().unwrap());
            overwrite(&path, at + at / 64 % 150, &[0xa5; 9]);
            if loses_index {
                fs::remove_dir_all(dir.path().join("index")).unwrap();
            }
            let (spool, report) = open(dir.path());
            let Some(record) = spool.lesson(&lesson) else { panic!("at {at}: {report:?}") };
            assert_eq!(record.fragments, 5, "at {at}");
            let before = spool.fragments(&lesson, &program(), 1, 9).unwrap();
            for fragment in before {
                match spool.read(&lesson, &program(), fragment.seq) {
                    Ok(read) => assert!(read == payload(fragment.seq, 60_000)),
                    Err(SpoolError::Damaged { .. }) => {
                        let gaps = spool.gaps(&lesson).unwrap();
                        let covers = |g: &Gap| g.from_90k <= fragment.pts_90k && fragment.pts_90k < g.to_90k;
                        assert!(gaps.iter().any(covers), "at {at}: {gaps:?}");
                    }
                    Err(other) => panic!("at {at}: {other:?}"),
                }
            }
            assert_eq!(spool.read_init(&lesson, 1).unwrap(), b"init");
            let verified = spool.verify(&lesson).unwrap();
            assert!(verified.damaged <= if at == 0 && loses_index { 4 } else { 1 }, "at {at}: {verified:?}");
        }
    }
}
