//! Outages of the archive: whatever its length, in the end every byte is there,
//! and was sent once.

use std::time::Duration;

use lectern_api::status::ArchiveState;
use lectern_tests::numbers::assert_none_missing;
use lectern_tests::recordings::in_spool;
use lectern_tests::{ClassroomBox, Link, Recording, Setup, Weather, WebArchive, eventually};

/// Until something that the box does by itself has happened.
const SOON: Duration = Duration::from_secs(60);
/// Until a backlog is through on a busy machine: 65 000 files in the long form.
const THROUGH: Duration = Duration::from_secs(1_200);

fn long() -> bool {
    std::env::var_os("LECTERN_LONG").is_some()
}

/// A box that is switched off, with lessons that nobody could send.
fn box_with(lessons: &[Recording], stores: &[(&str, String)]) -> ClassroomBox {
    let mut setup = Setup::bare().source("board", "board", "test:board");
    for (name, url) in stores {
        setup = setup.archive(name, url);
    }
    let lectern = ClassroomBox::prepare(setup);
    in_spool(&lectern, |spool| lessons.iter().for_each(|lesson| lesson.record(spool)));
    lectern
}

fn url(link: &Link) -> String {
    format!("http://127.0.0.1:{}/lessons", link.port())
}

fn wait_archived(lectern: &ClassroomBox, lessons: &[Recording]) {
    let stores = lectern.status().archive.len();
    eventually("every store has every lesson", THROUGH, || {
        let there = lectern.lessons();
        let has_all = |lesson: &Recording| {
            there.iter().any(|entry| entry.lesson.id == lesson.lesson.id && entry.archived.len() == stores)
        };
        lessons.iter().all(has_all).then_some(())
    });
}

fn state(lectern: &ClassroomBox, store: &str) -> ArchiveState {
    let archives = lectern.status().archive;
    let found = archives.iter().find(|archive| archive.name.as_str() == store);
    found.unwrap_or_else(|| panic!("there is no store {store}")).state
}

/// Every media file was put once, whatever happened to the answers.
fn assert_put_once(web: &WebArchive) {
    let media = |path: &str| path.ends_with(".m4s") || path.ends_with(".mp4");
    let twice: Vec<_> = web.puts().into_iter().filter(|(path, count)| media(path) && *count > 1).collect();
    assert_eq!(twice, [], "media that was put more than once");
}

/// An hour and a half without a network; then a network that loses answers.
#[test]
fn ninety_minutes_that_could_not_be_sent_arrive_once_and_whole() {
    let web = WebArchive::open();
    let link = Link::to(web.port());
    link.turn(Weather::Down);
    let lessons = [
        Recording::of("LB-1", "2026-03-02T00:00:00Z", 45, 4000),
        Recording::of("LB-2", "2026-03-02T00:50:00Z", 45, 4000),
    ];
    let mut lectern = box_with(&lessons, &[("district", url(&link))]);
    lectern.launch();
    eventually("the outage is known", SOON, || {
        (state(&lectern, "district") == ArchiveState::Retrying).then_some(())
    });
    let spool = lectern.status().spool;
    assert!((spool.pending_s - 5400.0).abs() < 1.0, "90 min wait: {spool:?}");
    assert_eq!(spool.pending_bytes.0, 2700 * 4000);

    link.turn(Weather::Fair);
    eventually("something arrives", SOON, || (!web.puts().is_empty()).then_some(()));
    link.lose_answers("PUT", 3);
    eventually("answers were lost", SOON, || (link.answers_to_lose() == 0).then_some(()));

    wait_archived(&lectern, &lessons);
    for lesson in &lessons {
        lesson.assert_is_in(&web.folder());
        let date = lesson.lesson.date.to_string();
        web.lesson(&date, lesson.lesson.id.as_str()).assert_verified();
    }
    assert_put_once(&web);
    assert_eq!(lectern.status().spool.pending_bytes.0, 0);
}

/// Two stores whose outages overlap, and a box that is killed between them:
/// three days of lessons in the long form.
#[test]
fn two_outages_that_overlap_and_a_kill_leave_both_stores_whole() {
    let (near, far) = (WebArchive::open(), WebArchive::open());
    let (near_link, far_link) = (Link::to(near.port()), Link::to(far.port()));
    let (days, lessons_a_day, minutes) = if long() { (3, 8, 45) } else { (1, 3, 10) };
    let lessons: Vec<Recording> = (0..days)
        .flat_map(|day| (0..lessons_a_day).map(move |hour| (day, hour)))
        .map(|(day, hour)| {
            let since = format!("2026-03-{:02}T{hour:02}:00:00Z", day + 2);
            Recording::of(&format!("LB-{day}-{hour}"), &since, minutes, 2000)
        })
        .collect();
    near_link.turn(Weather::Silent);
    far_link.turn(Weather::Down);
    let mut lectern = box_with(&lessons, &[("near", url(&near_link)), ("far", url(&far_link))]);
    lectern.launch();
    eventually("the far store is known to be away", SOON, || {
        (state(&lectern, "far") == ArchiveState::Retrying).then_some(())
    });

    // The far one comes back while the near one still says nothing.
    far_link.turn(Weather::Fair);
    eventually("the far store fills", THROUGH, || (far.puts().len() > 200).then_some(()));
    assert!(near.puts().is_empty(), "nothing passes a silent link");
    far_link.turn(Weather::Down);
    near_link.turn(Weather::Fair);
    eventually("the near store fills", THROUGH, || (near.puts().len() > 100).then_some(()));

    lectern.kill();
    far_link.turn(Weather::Fair);
    lectern.launch();
    wait_archived(&lectern, &lessons);
    for web in [&near, &far] {
        for lesson in &lessons {
            lesson.assert_is_in(&web.folder());
            let date = lesson.lesson.date.to_string();
            web.lesson(&date, lesson.lesson.id.as_str()).assert_verified();
        }
    }
}

/// Blinks of the network during a lesson: shorter than anybody notices.
#[test]
fn half_a_second_without_network_costs_a_running_lesson_nothing() {
    let web = WebArchive::open();
    let link = Link::to(web.port());
    let lectern = ClassroomBox::switch_on(Setup::test_room().archive("district", &url(&link)));
    let lesson = lectern.start("chemistry");
    for blink in 1..=3 {
        lectern.wait_more(2.0);
        link.turn(Weather::Down);
        let begun = lectern_tests::Stopwatch::start();
        lectern_tests::wait::throughout("the lesson goes on", Duration::from_millis(500), || {
            lectern.status().lesson.is_some()
        });
        link.turn(Weather::Fair);
        assert!(begun.elapsed() < Duration::from_secs(5), "blink {blink} was long");
    }
    assert_eq!(lectern.stop(), lesson);
    let local = lectern.wait_complete(&lesson);
    let archive = web.lesson(&local.lesson.date.to_string(), lesson.as_str());
    archive.assert_verified();
    assert!(archive.manifest().gaps.is_empty());
    assert_none_missing(&archive.runs()[0].readings.board());
    assert_put_once(&web);
}
