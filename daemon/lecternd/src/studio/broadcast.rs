//! The broadcast at the bell and behind the shutter.

use std::path::PathBuf;
use std::time::Duration;

use lectern_api::status::LiveState;
use lectern_tests::numbers::assert_none_missing;
use lectern_tests::readings::Container;
use lectern_tests::{Link, Platform, Readings, Weather};

use super::wire::Wire;
use super::{LIMIT, Studio, ahead, behind, until};

fn port_of(url: &str) -> u16 {
    url::Url::parse(url).unwrap().port().unwrap()
}

/// Looks until it is so.
async fn becomes(what: &str, is: impl Fn() -> bool) {
    let look = async {
        while !is() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(LIMIT, look).await.unwrap_or_else(|_| panic!("not so: {what}"));
}

/// The only publication of a stream, once it is over.
async fn publication(platform: &Platform, stream: &str) -> Readings {
    becomes("nobody publishes any more", || !platform.has_publisher(stream)).await;
    let files: Vec<PathBuf> = platform.recordings(stream);
    assert_eq!(files.len(), 1, "{files:?}");
    Readings::decode(&files[0], Container::Flv)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn a_connection_stands_before_the_bell_carries_nothing_and_then_all_at_once() {
    let platform = Platform::open();
    let wire = Wire::to(port_of(&platform.url("class")));
    let studio = Studio::open(&[format!("rtmp://127.0.0.1:{}/live/class", wire.port)]).await;
    let bell = ahead(4000);
    studio.put_on("maths", bell);
    becomes("the platform has a publisher", || platform.has_publisher("class")).await;
    let connected = ahead(0);
    assert!(connected < bell, "only {:?} after the bell", connected.since(bell));
    eprintln!("connected {:?} before the bell", bell.since(connected));
    until(behind(bell, 4000)).await;
    studio.take_off("maths", ahead(0));
    let readings = publication(&platform, "class").await;
    assert_none_missing(&readings.board());
    let early: usize = wire.sent().iter().filter(|(at, _)| *at < bell).map(|(_, bytes)| bytes).sum();
    assert!(early < 5000, "{early} bytes before the bell are more than a handshake");
    let first = wire.sent().into_iter().find(|(at, _)| *at >= bell).expect("something is sent").0;
    eprintln!("first bytes {} ms after the bell", first.since(bell).mseconds());
    assert!(first.since(bell).mseconds() < 1000, "{:?}", first.since(bell));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn lessons_back_to_back_are_one_broadcast_without_a_seam() {
    let platform = Platform::open();
    let studio = Studio::open(&[platform.url("class")]).await;
    let first = ahead(2500);
    let bell = behind(first, 4000);
    studio.put_on("maths", first);
    until(behind(first, 1500)).await;
    studio.take_off("maths", bell);
    studio.put_on("music", bell);
    studio.take_off("music", behind(bell, 4000));
    until(behind(bell, 4000)).await;
    let readings = publication(&platform, "class").await;
    assert_none_missing(&readings.board());
    readings.assert_continuous();
    assert!(readings.pictures.len().abs_diff(200) <= 2, "{} pictures", readings.pictures.len());
    assert_eq!(studio.targets[0].borrow().attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn a_lesson_taken_off_before_its_bell_says_goodbye_to_the_platform() {
    let platform = Platform::open();
    let studio = Studio::open(&[platform.url("class")]).await;
    let bell = ahead(5000);
    studio.put_on("maths", bell);
    becomes("the platform has a publisher", || platform.has_publisher("class")).await;
    studio.take_off("maths", ahead(0));
    becomes("nobody publishes any more", || !platform.has_publisher("class")).await;
    assert!(ahead(0) < bell, "the platform noticed only by itself");
    becomes("the target is idle", || studio.targets[0].borrow().state == LiveState::Idle).await;
    assert_eq!(studio.targets[0].borrow().last_error, None);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn a_platform_that_refuses_before_the_bell_is_a_fault_only_behind_it() {
    let nobody = lectern_tests::ports::tcp();
    let studio = Studio::open(&[format!("rtmp://127.0.0.1:{nobody}/live/class")]).await;
    let bell = ahead(3000);
    studio.put_on("maths", bell);
    let mut target = studio.targets[0].clone();
    let refused = target.wait_for(|target| target.state == LiveState::Waiting);
    tokio::time::timeout(LIMIT, refused).await.unwrap().unwrap();
    assert!(ahead(0) >= bell, "a fault {:?} before the bell", bell.since(ahead(0)));
    assert!(studio.targets[0].borrow().attempts >= 2, "it was tried before");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn behind_a_closed_shutter_viewers_see_a_slate_and_whoever_comes_sees_nothing_of_before() {
    let platform = Platform::open();
    let link = Link::to(port_of(&platform.url("late")));
    link.turn(Weather::Down);
    let late = format!("rtmp://127.0.0.1:{}/live/late", link.port());
    let studio = Studio::open(&[platform.url("class"), late]).await;
    let bell = ahead(2500);
    studio.put_on("maths", bell);
    until(behind(bell, 3300)).await;
    studio.desk.shutter(true);
    let closed = ahead(0).since(bell).nseconds();
    link.turn(Weather::Fair);
    becomes("the late platform has a publisher", || platform.has_publisher("late")).await;
    until(ahead(3000)).await;
    studio.take_off("maths", ahead(0));
    until(ahead(500)).await;
    let class = publication(&platform, "class").await;
    class.assert_continuous();
    // Between the first slate and the last picture nothing of the room.
    let first = class.pictures[0].pts_ns;
    let numbered = class.pictures.iter().filter(|picture| picture.board.is_some());
    let last = numbered.map(|picture| picture.pts_ns - first).max().unwrap();
    assert!(last <= closed, "a picture of the room {} ms behind", (last - closed) / 1_000_000);
    assert!(class.pictures.iter().any(|picture| picture.pts_ns - first > closed + 2_000_000_000));
    let beeps: Vec<_> = class.beeps_ns.iter().filter(|at| **at - first > closed + 50_000_000).collect();
    assert!(beeps.is_empty(), "{beeps:?} behind {closed}");
    let late = publication(&platform, "late").await;
    assert!(late.pictures.len() > 25 && late.board().is_empty() && late.camera().is_empty());
}
