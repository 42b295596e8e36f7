//! One source of the test room, opened and watched for real.

use lectern_api::source::PictureStatus;

use super::*;
use crate::capture::layout::Rect;
use crate::capture::shutter::Shutter;
use crate::capture::time::ClockPoint;

const LIMIT: Duration = Duration::from_secs(60);

/// Looks until `look` answers.
async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let seen = async {
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LIMIT, seen).await.unwrap_or_else(|_| panic!("not within {LIMIT:?}: {what}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_seen_is_known_while_the_source_delivers_and_nobody_looks_behind_the_shutter() {
    crate::capture::init().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("camera");
    let uri = SourceUri::parse(&format!("test:camera?faults={}", file.display())).unwrap();
    let (shutter, closed) = watch::channel(Shutter::default());
    let (gauge, input) = (Arc::new(Gauge::default()), Arc::new(MixerInput::new(closed)));
    let shape = Shape::Picture { rect: Rect { x: 0, y: 0, width: 320, height: 180 }, fps: 25 };
    let (wish, wanted) = watch::channel(true);
    let (state, is) = watch::channel(GuardState::default());
    let of = Arc::clone(&gauge);
    let guard = Guard {
        name: "camera".to_owned(),
        role: Role::Camera,
        uri,
        trial: false,
        shape,
        gauge: of,
        input,
        reopen: watch::channel(0).1,
    };
    let runs = run(guard, Wanted::new(wanted, None), state);
    let watched = async {
        let picture = |is: fn(&PictureStatus) -> bool| gauge.picture_status().filter(is);
        until("a living picture", || picture(|picture| picture.is_seen() && picture.is_lively())).await;
        std::fs::write(&file, "black").unwrap();
        until("a black one", || picture(|picture| picture.black)).await;
        shutter.send_if_modified(|shutter| shutter.turn(true, ClockPoint::now()));
        until("nothing behind the shutter", || gauge.picture_status().is_none().then_some(())).await;
        until("nor is anything measured", || gauge.seen().is_none().then_some(())).await;
        assert_eq!(is.borrow().state, SourceState::Running, "the source is open all the while");
        shutter.send_if_modified(|shutter| shutter.turn(false, ClockPoint::now()));
        until("black still", || picture(|picture| picture.black)).await;
        std::fs::write(&file, "unplug").unwrap();
        until("lost", || (is.borrow().state == SourceState::Lost).then_some(())).await;
        assert_eq!(gauge.picture_status(), None, "a lost source says nothing");
        std::fs::remove_file(&file).unwrap();
        let again = until("a picture again", || picture(|picture| picture.is_seen())).await;
        assert!(again.shown_ms_ago.is_some());
        wish.send_replace(false);
        until("closed", || (is.borrow().state == SourceState::Idle).then_some(())).await;
        assert_eq!(gauge.picture_status(), None, "nor does one that is closed");
    };
    tokio::select! {
        () = runs => panic!("a guard runs for ever"),
        () = watched => {}
    }
}
