//! Stores that fail, in every way that stores fail: an S3, a WebDAV and an FTP
//! server at once, the same fault on each. In the end every byte is in each of
//! them, and was put once.

use std::time::Duration;

use lectern_api::Kbps;
use lectern_tests::school::School;
use lectern_tests::{Kind, Recording, StoreServer, Weather, eventually};

const SOON: Duration = Duration::from_secs(60);

/// A link on which what is to be cut off is not through before it is.
const SLOW: Kbps = Kbps(500);

fn long() -> bool {
    std::env::var_os("LECTERN_LONG").is_some()
}

/// Two minutes of 20 kB each two seconds: 1.2 MB. In the long form two periods:
/// 54 MB.
fn lessons() -> Vec<Recording> {
    let minutes = if long() { 45 } else { 2 };
    let lesson =
        |hour| Recording::of(&format!("LB-{hour}"), &format!("2026-03-02T0{hour}:00:00Z"), minutes, 20_000);
    (1..=if long() { 2 } else { 1 }).map(lesson).collect()
}

fn school() -> School {
    School::prepare(Kind::ALL.map(StoreServer::open).into(), lessons())
}

#[test]
fn a_store_that_is_killed_in_the_middle_of_a_file_gets_that_file_once_more() {
    let mut school = school();
    for store in &school.stores {
        // Somewhere in the tenth fragment or so, on both connections.
        store.link.fall_silent_after(207_000);
    }
    school.lectern.launch();
    for store in &school.stores {
        let what = format!("{} is in the middle of a file", store.server.kind().name());
        eventually(&what, SOON, || (store.link.weather() == Weather::Silent).then_some(()));
    }
    for store in &mut school.stores {
        store.server.kill();
        store.link.turn(Weather::Fair);
    }
    for kind in Kind::ALL {
        school.wait_trouble(kind, "");
    }
    for store in &mut school.stores {
        store.server.restart();
    }
    school.assert_nothing_lost();
}

#[test]
fn a_slow_link_takes_its_time_and_loses_nothing() {
    let mut school = school();
    for store in &school.stores {
        // Five seconds; in the long form a minute.
        store.link.turn(Weather::Slow(Kbps(if long() { 8_000 } else { 2_000 })));
    }
    school.lectern.launch();
    school.assert_nothing_lost();
}

#[test]
fn a_store_that_is_broken_or_busy_is_told_and_gets_everything_later() {
    let mut school = school();
    school.stores.iter().for_each(|store| store.server.refuse(false));
    school.lectern.launch();
    for kind in Kind::ALL {
        school.wait_trouble(kind, "trouble of its own");
    }
    for store in &school.stores {
        // So that it is not done before it is busy.
        store.link.turn(Weather::Slow(SLOW));
        store.server.accept();
    }
    // Each is tried again at a time of its own, seconds before another.
    let mut accepting: Vec<_> = school.stores.iter().collect();
    eventually("each store has got some and is busy", 2 * SOON, || {
        accepting.retain(|store| {
            let has_some = store.server.puts().len() >= 10;
            if has_some {
                store.server.refuse(true);
            }
            !has_some
        });
        accepting.is_empty().then_some(())
    });
    for kind in Kind::ALL {
        school.wait_trouble(kind, "trouble of its own");
    }
    for store in &school.stores {
        store.link.turn(Weather::Fair);
        store.server.accept();
    }
    school.assert_nothing_lost();
}

#[test]
fn an_upload_whose_answer_is_lost_is_not_made_again() {
    let mut school = school();
    for store in &school.stores {
        store.link.lose_answers(store.server.kind().last_command(), 12);
    }
    school.lectern.launch();
    for store in &school.stores {
        let what = format!("answers of {} were lost", store.server.kind().name());
        eventually(&what, SOON, || (store.link.answers_to_lose() == 0).then_some(()));
    }
    school.assert_nothing_lost();
}

#[test]
fn a_store_that_is_really_full_gets_the_rest_once_it_has_room() {
    let servers = Kind::ALL.map(|kind| StoreServer::on_small_disk(kind, 512 << 10));
    let mut school = School::prepare(servers.into(), lessons());
    school.lectern.launch();
    for kind in Kind::ALL {
        school.wait_trouble(kind, "");
        assert!(school.store(kind).server.disk().free_bytes() < 64 << 10);
    }
    for store in &school.stores {
        store.server.disk().resize(128 << 20);
    }
    school.assert_nothing_lost();
}

#[test]
fn a_store_whose_clock_is_wrong_is_named_as_that_and_gets_everything_later() {
    let mut school = School::prepare(vec![StoreServer::open(Kind::S3)], lessons());
    let s3 = school.store(Kind::S3);
    s3.server.kill();
    s3.server.restart_with_clock("-2h");
    school.lectern.launch();
    school.wait_trouble(Kind::S3, "clock");
    let s3 = school.store(Kind::S3);
    s3.server.kill();
    s3.server.restart();
    school.assert_nothing_lost();
}

/// Silent, full and killed at overlapping times, and the box itself is killed
/// between them.
#[test]
fn overlapping_outages_of_three_stores_and_of_the_box_leave_all_of_them_whole() {
    let servers = vec![
        StoreServer::open(Kind::S3),
        StoreServer::on_small_disk(Kind::Web, 512 << 10),
        StoreServer::open(Kind::Ftp),
    ];
    let hours = ["00", "01", "02"];
    let lesson = |hour| Recording::of(&format!("LB-{hour}"), &format!("2026-03-02T{hour}:00:00Z"), 3, 10_000);
    let mut school = School::prepare(servers, hours.map(lesson).into());
    school.store(Kind::S3).link.turn(Weather::Silent);
    school.store(Kind::Ftp).link.turn(Weather::Slow(SLOW));
    school.lectern.launch();
    school.wait_puts(Kind::Ftp, 30);
    school.store(Kind::Ftp).server.kill();
    school.wait_trouble(Kind::Web, "");
    school.wait_trouble(Kind::Ftp, "");
    assert_eq!(school.store(Kind::S3).server.puts().len(), 0, "nothing passes a silent link");

    school.store(Kind::S3).link.turn(Weather::Slow(SLOW));
    school.wait_puts(Kind::S3, 30);
    school.lectern.kill();
    school.store(Kind::S3).link.turn(Weather::Down);
    school.store(Kind::Ftp).link.turn(Weather::Fair);
    school.store(Kind::Ftp).server.restart();
    school.lectern.launch();
    school.wait_trouble(Kind::S3, "");
    school.store(Kind::Web).server.disk().resize(16 << 20);
    school.store(Kind::S3).link.turn(Weather::Fair);
    school.assert_nothing_lost();
}
