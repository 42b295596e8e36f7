//! Real devices and real peers: a browser on an X server, a camera that asks
//! for a password, a sound server; nginx and an SRT receiver at the other end.

use std::time::Duration;

use lectern_api::status::{LiveState, SourceState};
use lectern_tests::numbers::{assert_every, assert_no_hole};
use lectern_tests::readings::Container;
use lectern_tests::room::{self, Camera, Screen, Sound};
use lectern_tests::{ClassroomBox, Platform, Readings, Receiver, Setup, eventually};

const START: Duration = Duration::from_secs(30);

fn setup(screen: &Screen, camera: &Camera, sound: &Sound) -> Setup {
    Setup::bare()
        .source("board", "board", &screen.uri())
        .source("camera", "camera", &camera.uri())
        .source("mic", "mic", &sound.uri())
        .variable("PULSE_SERVER", &sound.address())
}

/// Asserts that a stream is whole: every page of the board, pictures and sound
/// without a hole, lips with the voice.
#[track_caller]
fn assert_whole(what: &str, readings: &Readings, seconds: usize) {
    let pages = readings.board();
    let sync = readings.lip_sync(seconds * 2 / 3);
    eprintln!("{what}: {} pictures, {} pages, lip sync {sync:?}", readings.pictures.len(), {
        let mut distinct = pages.clone();
        distinct.dedup();
        distinct.len()
    });
    assert_every(&pages);
    assert_eq!(pages.len(), readings.pictures.len(), "{what}: pictures without a page number");
    assert_no_hole(&readings.camera());
    readings.assert_continuous();
    assert!(readings.pictures.len() >= seconds * 25, "{what}: {} pictures", readings.pictures.len());
    assert!(sync.min_ns > -80_000_000 && sync.max_ns < 80_000_000, "{what}: {sync:?}");
}

/// Proves the product's main walk with nothing simulated between the page and
/// the receivers: an RTMP platform, an SRT receiver and the archive each get
/// every page of the board, with lips and voice within 80 ms.
#[test]
fn a_browser_a_camera_and_a_voice_reach_platform_receiver_and_archive_whole() {
    let (screen, camera, sound) = room::switch_on();
    let (platform, receiver) = (Platform::open(), Receiver::listening());
    let setup = setup(&screen, &camera, &sound)
        .live("platform", &platform.url("class"))
        .live("receiver", &receiver.url());
    let lectern = ClassroomBox::switch_on(setup);
    // The first lesson only proves that everything is up.
    lectern.start("warm up");
    for source in ["board", "camera", "mic"] {
        lectern.wait_source(source, SourceState::Running, START);
    }
    eventually("both targets are sent to", START, || {
        let live = lectern.status().live;
        live.iter().all(|target| target.state == LiveState::Sending).then_some(())
    });
    lectern.wait_recorded(16.0);
    let archive = lectern.stop_and_archive();

    archive.assert_verified();
    assert!(archive.manifest().gaps.is_empty(), "{:?}", archive.manifest().gaps);
    let runs = archive.runs();
    assert_eq!(runs.len(), 1);
    assert_whole("archive", &runs[0].readings, 14);
    let recordings = platform.recordings("class");
    assert_eq!(recordings.len(), 1, "the platform was connected to once: {recordings:?}");
    assert_whole("platform", &Readings::decode(&recordings[0], Container::Flv), 12);
    assert_whole("receiver", &receiver.readings(), 12);
}
