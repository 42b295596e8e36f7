//! Live targets that are not there, refuse, or wedge.

use std::time::Duration;

use lectern_api::status::LiveState;
use lectern_tests::numbers::{assert_goes_on, assert_none_missing};
use lectern_tests::readings::Container;
use lectern_tests::wait::throughout;
use lectern_tests::{ClassroomBox, Platform, Readings, Receiver, Setup, Stopwatch, eventually, ports};

const LIMIT: Duration = Duration::from_secs(40);

/// A frozen server is the worst that a target can be: connections stay open and
/// take nothing. The kernel takes some 5 MB in its place, 40 s of a broadcast
/// like this one, so only the full minute of `LECTERN_LONG=1` is sure to outlast
/// it; how a target that has run full is noticed and given up is proven with
/// more bytes per second below.
fn frozen_for() -> Duration {
    let long = std::env::var_os("LECTERN_LONG").is_some();
    Duration::from_secs(if long { 60 } else { 15 })
}

/// Proves promise 2: a platform that freezes, one where nobody listens, one
/// that refuses and an SRT receiver that is away cost neither the record nor the
/// healthy target a single picture; and the frozen one is sent to again, by
/// itself, when it thaws.
#[test]
fn targets_that_freeze_refuse_or_are_away_cost_record_and_healthy_target_nothing() {
    let (platform, healthy) = (Platform::open(), Receiver::listening());
    let mut late = Receiver::absent();
    let setup = Setup::test_room()
        .live("frozen", &platform.url("class"))
        .live("refusing", &platform.closed_url())
        .live("nobody", &format!("rtmp://127.0.0.1:{}/live/x", ports::tcp()))
        .live("late", &late.url())
        .live("healthy", &healthy.url());
    let lectern = ClassroomBox::switch_on(setup);
    lectern.start("geography");
    for target in ["frozen", "healthy"] {
        eventually(&format!("{target} is sent to"), LIMIT, || {
            (lectern.target(target).state == LiveState::Sending).then_some(())
        });
    }
    eventually("the platform has a publisher", LIMIT, || platform.has_publisher("class").then_some(()));
    lectern.wait_recorded(4.0);

    platform.freeze();
    let received = healthy.received();
    throughout("the healthy target is sent to", frozen_for(), || {
        lectern.target("healthy").state == LiveState::Sending
    });
    assert!(healthy.received() > received);
    for target in ["refusing", "nobody", "late"] {
        let status = lectern.target(target);
        assert_ne!(status.state, LiveState::Sending, "{status:?}");
        assert!(status.attempts >= 3, "{status:?}");
    }
    platform.thaw();
    eventually("the platform is sent to again", LIMIT, || {
        (lectern.target("frozen").state == LiveState::Sending && platform.has_publisher("class"))
            .then_some(())
    });
    late.listen();
    eventually("the late receiver is sent to", LIMIT, || {
        (lectern.target("late").state == LiveState::Sending && late.received() > 100_000).then_some(())
    });
    lectern.wait_more(4.0);

    let status = lectern.status();
    eprintln!("{:?}", status.live);
    let restarted: Vec<_> = status.units.into_iter().filter(|unit| unit.restarts > 0).collect();
    assert!(restarted.is_empty(), "{restarted:?}");
    let archive = lectern.stop_and_archive();
    archive.assert_verified();
    assert!(archive.manifest().gaps.is_empty(), "{:?}", archive.manifest().gaps);
    let runs = archive.runs();
    assert_eq!(runs.len(), 1);
    assert_none_missing(&runs[0].readings.board());
    assert_none_missing(&runs[0].readings.camera());

    let received = healthy.readings();
    assert_none_missing(&received.board());
    received.assert_continuous();
    let (recorded, received) = (runs[0].readings.board(), received.board());
    let (first, last) = (recorded[0], recorded[recorded.len() - 1]);
    eprintln!("recorded {first}–{last}, received {:?}–{:?}", received.first(), received.last());
    assert!(received[0] <= first + 75, "the healthy target lacks the first pictures: {}", received[0]);
    assert!(received[received.len() - 1] + 25 >= last, "the healthy target lacks the last pictures");
    // Record and broadcast begin each as soon as it can; neither may wait.
    assert!(first <= received[0] + 25, "{first} is recorded first, {} was broadcast before", received[0]);

    let mut published_last = 0;
    for recording in platform.recordings("class") {
        let published = Readings::decode(&recording, Container::Flv).board();
        // What did not fit into its queue while it was frozen is not made up
        // for: live goes on. But nothing comes twice or out of order.
        assert_goes_on(&published);
        published_last = published[published.len() - 1];
    }
    assert!(
        published_last + 25 >= last,
        "the thawed platform lacks pictures from {published_last} to {last}"
    );
    // The late one begins with what was on its way when it came, and goes on
    // with what is live then.
    let seen = late.readings().board();
    assert_goes_on(&seen);
    assert_none_missing(&seen[seen.len().saturating_sub(100)..]);
}

/// Proves that a target which takes nothing is shown as such and given up, and
/// that the box goes on trying and comes back, all without a gap in the record.
#[test]
fn a_target_that_takes_nothing_is_noticed_given_up_and_tried_again() {
    let platform = Platform::open();
    let setup = Setup::bare()
        .source("board", "board", "test:noise")
        .source("mic", "mic", "test:mic")
        .live_rate(8_000)
        .live("frozen", &platform.url("class"));
    let lectern = ClassroomBox::switch_on(setup);
    lectern.start("music");
    let state = || lectern.target("frozen").state;
    eventually("the platform has a publisher", LIMIT, || platform.has_publisher("class").then_some(()));
    lectern.wait_recorded(2.0);
    platform.freeze();
    let stopwatch = Stopwatch::start();
    eventually("the target is stalled", LIMIT, || (state() == LiveState::Stalled).then_some(()));
    eprintln!("a frozen platform is noticed after {:?} at 8 Mbit/s", stopwatch.elapsed());
    // The transport's own time-out may give it up before it has stood still for long.
    let code = lectern.wait_fault_of("frozen").code;
    assert!(["live.stalled", "live.refused"].contains(&code.as_str()), "{code}");
    let attempts = lectern.target("frozen").attempts;
    eventually("the target is given up and tried again", LIMIT, || {
        (lectern.target("frozen").attempts > attempts).then_some(())
    });
    platform.thaw();
    eventually("the platform is sent to again", LIMIT, || {
        (state() == LiveState::Sending && platform.has_publisher("class")).then_some(())
    });
    lectern.wait_no_fault("live.stalled");
    lectern.wait_no_fault("live.refused");
    let archive = lectern.stop_and_archive();
    archive.assert_verified();
    assert!(archive.manifest().gaps.is_empty(), "{:?}", archive.manifest().gaps);
}
