use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lectern_api::{TimeSource, Verdict};
use lectern_hal::clock::Sync;

use super::keeper::{Happened, Keeper, Look, Refused};
use super::memory::{Kept, Machine};
use super::reading::{PERSON_BOUND, Reading, verdict};

const UNSYNCED: Sync = Sync { synced: false, error: Duration::MAX };
const SYNCED: Sync = Sync { synced: true, error: Duration::from_millis(40) };
const FLOOR: &str = "2026-01-01T00:00:00Z";
const MONDAY: &str = "2026-03-02T00:00:00Z";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn look(at: u64, system: &str) -> Look {
    Look { at: s(at), system: time(system), kernel: UNSYNCED, rtc: None, on_air: false }
}

/// What was left an hour before `MONDAY`, by NTP, on another start of the machine.
fn kept() -> Kept {
    let trust = lectern_api::Trust {
        source: TimeSource::Ntp,
        verdict: Verdict::Believed,
        uncertainty: Some(Duration::from_millis(40)),
    };
    let machine = Machine { boot_id: Some("before".into()), uptime: s(500), boots: 7 };
    Kept::new(time("2026-03-01T23:00:00Z"), trust, SignedDuration::ZERO, &machine)
}

fn wake(kept: Option<&Kept>, look: Look) -> Keeper {
    Keeper::wake(kept, Some("now"), s(30), look, time(FLOOR)).0
}

fn judged(keeper: &Keeper, at: u64) -> (TimeSource, Verdict) {
    let trust = keeper.trust(s(at));
    (trust.source, trust.verdict)
}

fn person(utc: &str, at: u64) -> Reading {
    Reading { source: TimeSource::Person, utc: time(utc), at: s(at), bound: Some(PERSON_BOUND) }
}

fn server(utc: &str, at: u64) -> Reading {
    Reading { source: TimeSource::Server, bound: Some(s(3)), ..person(utc, at) }
}

/// The table of decision 21, line by line.
#[test]
fn the_bell_rings_by_this_table() {
    use TimeSource::{LastKnown, None as Nobody, Ntp, Person, Rtc, Server, ServerHint, System};
    use Verdict::{Believed, Unknown, Unsure};
    let table = [
        // source, may be off by, contradicted by, verdict
        (Ntp, Some(0), None, Believed),
        (Ntp, Some(60), None, Believed),
        (Ntp, Some(61), None, Unsure),
        (Server, Some(3), None, Believed),
        (Server, Some(61), None, Unsure),
        (Person, Some(30), None, Believed),
        (Person, Some(61), None, Unsure),
        (Person, None, None, Unsure),
        (Rtc, None, None, Unsure),
        (ServerHint, Some(3), None, Unsure),
        (System, None, None, Unsure),
        (LastKnown, None, None, Unknown),
        (Nobody, None, None, Unknown),
        (TimeSource::Unknown, Some(0), None, Unknown),
        (Person, Some(30), Some(3), Unsure),
        (Rtc, None, Some(300), Unsure),
        (Person, Some(30), Some(301), Unknown),
        (LastKnown, None, Some(3), Unknown),
    ];
    for (source, off, contradiction, expected) in table {
        let said = verdict(source, off.map(s), contradiction.map(s));
        assert_eq!(said, expected, "{source:?}, off by {off:?}, contradicted by {contradiction:?}");
    }
}

/// The second table of decision 21: what is believed at a start.
#[test]
fn a_start_is_judged_by_what_the_machine_shows_and_what_was_known() {
    use TimeSource::{LastKnown, None as Nobody, Ntp, Rtc, System};
    use Verdict::{Believed, Unknown, Unsure};
    let known = kept();
    let synced = |system| Look { kernel: SYNCED, ..look(0, system) };
    let chip = |system, rtc| Look { rtc: Some(time(rtc)), ..look(0, system) };
    let epoch = "1970-01-01T00:00:30Z";
    let table = [
        ("a first start in 1970", None, look(0, epoch), (Nobody, Unknown)),
        ("1970", Some(&known), look(0, epoch), (LastKnown, Unknown)),
        ("1970 that claims to be synchronised", Some(&known), synced(epoch), (LastKnown, Unknown)),
        ("NTP", Some(&known), synced(MONDAY), (Ntp, Believed)),
        ("NTP before the last known time", Some(&known), synced("2026-02-01T00:00:00Z"), (Ntp, Believed)),
        ("NTP after two years", Some(&known), synced("2028-03-02T00:00:00Z"), (Ntp, Believed)),
        ("the chip", Some(&known), chip(MONDAY, MONDAY), (Rtc, Unsure)),
        ("the chip of a first start", None, chip(epoch, MONDAY), (Rtc, Unsure)),
        ("an empty battery", Some(&known), chip(epoch, "2000-01-01T00:00:00Z"), (LastKnown, Unknown)),
        ("a chip that ran back", Some(&known), chip(epoch, "2026-02-28T00:00:00Z"), (LastKnown, Unknown)),
        ("a chip two years ahead", Some(&known), chip(epoch, "2028-03-02T00:00:00Z"), (LastKnown, Unknown)),
        ("a system that somebody set", Some(&known), look(0, MONDAY), (System, Unsure)),
        ("a system set back", Some(&known), look(0, "2026-03-01T22:00:00Z"), (LastKnown, Unknown)),
        ("a system two years ahead", Some(&known), look(0, "2028-03-02T00:00:00Z"), (LastKnown, Unknown)),
        ("a clock that stood still", Some(&known), look(0, "2026-03-01T23:00:30Z"), (LastKnown, Unknown)),
    ];
    for (what, kept, look, expected) in table {
        let keeper = wake(kept, look);
        assert_eq!(judged(&keeper, 0), expected, "{what}");
    }
}

#[test]
fn while_nobody_knows_the_time_it_goes_on_from_the_last_known_one() {
    let keeper = wake(Some(&kept()), look(0, "1970-01-01T00:00:30Z"));
    assert_eq!(keeper.utc(s(60)), time("2026-03-01T23:01:30Z"), "30 s of the machine, 60 s of the daemon");
}

#[test]
fn a_persons_word_survives_a_restart_of_the_daemon_and_not_one_of_the_machine() {
    let mut keeper = wake(None, look(0, "1970-01-01T00:00:30Z"));
    let happened = keeper.hear(person(MONDAY, 100), false).unwrap();
    assert!(happened.contains(&Happened::Judged(Verdict::Believed)), "{happened:?}");
    assert_eq!(judged(&keeper, 100), (TimeSource::Person, Verdict::Believed));
    let machine = Machine { boot_id: Some("now".into()), uptime: s(130), boots: 1 };
    let kept = Kept::new(keeper.utc(s(100)), keeper.trust(s(100)), SignedDuration::ZERO, &machine);
    let system = look(0, "1970-01-01T00:10:00Z");
    let (again, happened) = Keeper::wake(Some(&kept), Some("now"), s(730), system, time(FLOOR));
    assert_eq!((judged(&again, 0), happened), ((TimeSource::Person, Verdict::Believed), vec![]));
    assert_eq!(again.utc(s(0)), time("2026-03-02T00:10:00Z"));
    let (other, _) = Keeper::wake(Some(&kept), Some("next"), s(30), system, time(FLOOR));
    assert_eq!(judged(&other, 0), (TimeSource::LastKnown, Verdict::Unknown));
}

#[test]
fn sources_that_agree_within_two_seconds_cause_no_jump() {
    let mut keeper = wake(None, look(0, "1970-01-01T00:00:30Z"));
    keeper.hear(person(MONDAY, 0), false).unwrap();
    let happened = keeper.hear(server("2026-03-02T00:00:11.9Z", 10), false).unwrap();
    assert_eq!(happened, []);
    assert_eq!(keeper.utc(s(10)), time("2026-03-02T00:00:10Z"));
    let trust = keeper.trust(s(10));
    assert_eq!((trust.source, trust.uncertainty), (TimeSource::Server, Some(Duration::from_millis(4_900))));
    let happened = keeper.hear(server("2026-03-02T00:00:12.1Z", 10), false).unwrap();
    assert!(matches!(happened[..], [Happened::Jumped { .. }]), "{happened:?}");
}

#[test]
fn ntp_draws_the_time_to_it_in_small_steps_and_jumps_only_beyond_the_tolerance() {
    let mut keeper = wake(None, look(0, "1970-01-01T00:00:30Z"));
    keeper.hear(person(MONDAY, 0), false).unwrap();
    let mut before = keeper.utc(s(0));
    // The first look sees the system's clock leap to where NTP set it.
    for second in 1..=300 {
        let system = time("2026-03-01T23:59:59Z") + SignedDuration::from_secs(second);
        let at = s(u64::try_from(second).unwrap());
        let look = Look { at, system, kernel: SYNCED, rtc: None, on_air: true };
        let happened = keeper.look(look);
        assert!(!happened.iter().any(|what| matches!(what, Happened::Jumped { .. })), "{happened:?}");
        let now = keeper.utc(at);
        assert!(now > before, "time runs on");
        before = now;
    }
    assert_eq!(keeper.utc(s(300)), time("2026-03-02T00:04:59Z"));
    assert_eq!(keeper.trust(s(300)).uncertainty, Some(SYNCED.error));
}

#[test]
fn a_step_back_waits_for_the_end_of_the_lesson_and_a_step_ahead_does_not() {
    let mut keeper = wake(None, look(0, "1970-01-01T00:00:30Z"));
    keeper.hear(person("2026-03-02T09:00:00Z", 0), false).unwrap();
    let ntp = |at: u64, on_air| {
        let system = time("2026-03-02T08:00:00Z") + SignedDuration::from_secs(i64::try_from(at).unwrap());
        Look { at: s(at), system, kernel: SYNCED, rtc: None, on_air }
    };
    keeper.look(ntp(1, true));
    assert_eq!(keeper.utc(s(1)), time("2026-03-02T09:00:01Z"));
    assert_eq!(judged(&keeper, 1), (TimeSource::Person, Verdict::Unknown), "no bell rings an hour early");
    assert_eq!(keeper.contradiction(s(1)).map(|off| off.as_secs()), Some(3600));
    let happened = keeper.look(ntp(2, false));
    let (from, to) = (time("2026-03-02T09:00:02Z"), time("2026-03-02T08:00:02Z"));
    assert!(happened.contains(&Happened::Jumped { from, to }), "{happened:?}");
    assert_eq!(judged(&keeper, 2), (TimeSource::Ntp, Verdict::Believed));
    let mut ahead = wake(None, look(0, "1970-01-01T00:00:30Z"));
    ahead.hear(person("2026-03-02T07:00:00Z", 0), false).unwrap();
    ahead.look(ntp(1, true));
    assert_eq!(ahead.utc(s(1)), time("2026-03-02T08:00:01Z"));
}

#[test]
fn a_system_clock_that_leaps_is_noticed_and_does_not_move_the_boxs_time() {
    let mut keeper = wake(None, look(0, "1970-01-01T00:00:30Z"));
    keeper.hear(person(MONDAY, 0), false).unwrap();
    let (from, to) = (time("1970-01-01T00:00:31Z"), time("2027-03-02T00:00:00Z"));
    let happened = keeper.look(look(1, "2027-03-02T00:00:00Z"));
    assert_eq!(happened, [Happened::SystemJumped { from, to }]);
    assert_eq!(keeper.utc(s(1)), time("2026-03-02T00:00:01Z"));
    assert_eq!(keeper.look(look(2, "2027-03-02T00:00:01.4Z")), [], "slewed fast, and no leap");
    let happened = keeper.look(look(3, "2027-03-02T00:00:03.3Z"));
    assert!(matches!(happened[..], [Happened::SystemJumped { .. }]), "{happened:?}");
    assert_eq!(keeper.look(look(63, "2027-03-02T00:01:08.3Z")), [], "5 s in a late look of 60 s are slewed");
}

#[test]
fn a_clock_that_stood_still_is_believed_a_little_once_somebody_sets_it() {
    let mut keeper = wake(Some(&kept()), look(0, "2026-03-01T23:00:30Z"));
    assert_eq!(judged(&keeper, 0), (TimeSource::LastKnown, Verdict::Unknown));
    keeper.look(look(5, "2026-03-02T07:00:00Z"));
    assert_eq!(judged(&keeper, 5), (TimeSource::System, Verdict::Unsure));
    assert_eq!(keeper.utc(s(5)), time("2026-03-02T07:00:00Z"));
}

#[test]
fn a_person_does_not_overrule_ntp_or_a_server_and_corrects_everything_else() {
    let mut ntp = wake(None, Look { kernel: SYNCED, ..look(0, MONDAY) });
    let refused = ntp.hear(person("2026-03-02T03:00:00Z", 0), false).unwrap_err();
    assert!(matches!(refused, Refused::KnownBetter { by: TimeSource::Ntp, .. }), "{refused:?}");
    let stale = Sync { synced: true, error: s(10) };
    let mut heard = wake(None, Look { kernel: stale, ..look(0, MONDAY) });
    assert!(
        heard.hear(server("2026-03-02T00:00:05Z", 0), false).is_err(),
        "while NTP is heard nobody else is"
    );
    let mut chip = wake(None, Look { rtc: Some(time("2026-03-02T08:00:00Z")), ..look(0, MONDAY) });
    chip.hear(person(MONDAY, 0), false).unwrap();
    assert_eq!((judged(&chip, 0), chip.utc(s(0))), ((TimeSource::Person, Verdict::Believed), time(MONDAY)));
    chip.hear(server("2026-03-02T00:01:00Z", 0), false).unwrap();
    assert_eq!(judged(&chip, 0).0, TimeSource::Server);
    assert!(chip.hear(person("2026-03-02T00:30:00Z", 1), false).is_err());
    // Four days later a person knows better than a server that was heard once.
    let days = 4 * 86_400;
    chip.hear(person("2026-03-06T00:00:30Z", days), false).unwrap();
    assert_eq!(judged(&chip, days).0, TimeSource::Person);
    let early = chip.hear(person("2025-12-31T00:00:00Z", days), false).unwrap_err();
    assert!(matches!(early, Refused::Impossible(_)), "{early:?}");
}

#[test]
fn what_the_chip_is_off_by_is_remembered_for_the_next_start() {
    // Set to local time, as another system on the same board likes to do.
    let rtc = |at: u64| {
        let rtc = time("2026-03-02T08:00:00Z") + SignedDuration::from_secs(i64::try_from(at).unwrap());
        Look { rtc: Some(rtc), ..look(at, "1970-01-01T00:00:30Z") }
    };
    let mut keeper = wake(None, rtc(0));
    keeper.hear(person(MONDAY, 0), false).unwrap();
    let happened = keeper.look(rtc(1));
    assert!(happened.contains(&Happened::Measured), "{happened:?}");
    let machine = Machine { boot_id: Some("now".into()), uptime: s(31), boots: 1 };
    let kept = Kept::new(keeper.utc(s(1)), keeper.trust(s(1)), keeper.rtc_offset(), &machine);
    let (next, _) = Keeper::wake(Some(&kept), Some("next"), s(9), rtc(86_400), time(FLOOR));
    assert_eq!(judged(&next, 86_400), (TimeSource::Rtc, Verdict::Unsure));
    assert_eq!(next.utc(s(86_400)), time("2026-03-03T00:00:00Z"));
}

#[test]
fn a_word_that_nobody_repeats_is_believed_for_days_and_doubted_after_that() {
    let mut keeper = wake(None, look(0, "1970-01-01T00:00:30Z"));
    keeper.hear(person(MONDAY, 0), false).unwrap();
    assert_eq!(judged(&keeper, 3 * 86_400).1, Verdict::Believed);
    assert_eq!(judged(&keeper, 4 * 86_400).1, Verdict::Unsure);
    assert_eq!(judged(&keeper, 400 * 86_400).1, Verdict::Unsure, "bells ring on");
}

#[test]
fn a_hint_tells_the_time_and_is_not_believed() {
    let mut keeper = wake(Some(&kept()), look(0, "1970-01-01T00:00:30Z"));
    let hint = |utc| Reading { source: TimeSource::ServerHint, ..server(utc, 0) };
    assert!(keeper.hear(hint("2028-03-02T00:00:00Z"), false).is_err(), "two years ahead");
    assert!(keeper.hear(hint("2026-03-01T00:00:00Z"), false).is_err(), "it was later than that already");
    keeper.hear(hint(MONDAY), false).unwrap();
    assert_eq!(judged(&keeper, 0), (TimeSource::ServerHint, Verdict::Unsure));
}
