//! The built-in test room, from the sources to the archive.

use std::time::Duration;

use lectern_api::manifest::ManifestState;
use lectern_tests::numbers::assert_none_missing;
use lectern_tests::{ClassroomBox, Setup, eventually};

/// Proves promise 1 where nothing disturbs: every picture that the board and
/// the camera made is in the archive, once; picture and sound belong together;
/// the archive alone proves that it is complete. And while the lesson still runs,
/// viewers who come late can watch it from the archive alone: the playlist lists
/// only what is there.
#[test]
fn every_picture_of_the_test_room_reaches_the_archive_once_and_is_played_while_it_grows() {
    let lectern = ClassroomBox::switch_on(Setup::test_room());
    let lesson = lectern.start("语文 Chinese");
    lectern.wait_recorded(2.0);
    let archive = eventually("a playlist in the archive", Duration::from_secs(30), || {
        let archive = lectern.archive(&lesson);
        archive.path().join("index.m3u8").is_file().then_some(archive)
    });
    // A playlist is written anew every ten seconds at most.
    eventually("a playlist of several fragments", Duration::from_secs(30), || {
        (archive.playlist().segments.len() >= 3).then_some(())
    });
    let playlist = archive.playlist();
    assert!(!playlist.end_list, "the lesson goes on");
    let readings = archive.play_listed();
    assert_none_missing(&readings.board());
    assert!(readings.pictures.len() >= 100, "{} pictures", readings.pictures.len());
    assert_eq!(archive.manifest().state, ManifestState::Open);

    lectern.wait_recorded(14.0);
    let archive = lectern.stop_and_archive();
    let report = archive.assert_verified();
    assert_eq!(archive.manifest().state, ManifestState::Closed);
    assert!(archive.manifest().gaps.is_empty(), "{:?}", archive.manifest().gaps);
    assert!(archive.playlist().end_list, "players must not wait for more");
    let runs = archive.runs();
    assert_eq!(runs.len(), 1);
    let readings = &runs[0].readings;
    assert_none_missing(&readings.board());
    assert_none_missing(&readings.camera());
    assert_eq!(readings.board().len(), readings.pictures.len(), "pictures without the board's number");
    readings.assert_continuous();
    readings.assert_sounds_throughout();
    let seconds = readings.pictures.len() as f64 / 25.0;
    assert!((report.recorded.as_secs_f64() - seconds).abs() < 0.05, "{report:?} but {seconds} s of pictures");
    let sync = readings.lip_sync(10);
    eprintln!("lip sync of the test room: {sync:?}");
    assert!(sync.min_ns > -80_000_000 && sync.max_ns < 80_000_000, "{sync:?}");
}
