//! On a real spool, a real journal and a real database of facts.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{date, time};
use jiff::tz::TimeZone;
use lectern_account::{Power, Span};
use lectern_api::account::{Account, Cause, Outcome};
use lectern_api::manifest::{Anchor, Gap, GapReason, LessonInfo, Trigger};
use lectern_api::{Clock, LessonId, Name, Ticks, TimeSource, Trust, Verdict};
use lectern_spool::{DeviceKey, Keyring, NewFragment, Options, Spool};
use lectern_timetable::{Bell, Hours, Lesson, Plan, Slot, Term, Timetable, Weeks};

use super::accounts::PlanInForce;
use super::live::LiveLog;
use super::*;
use crate::facts::Facts;
use crate::journal::{Entry, Journal};

/// A clock that a test sets.
#[derive(Debug)]
struct Hands(Mutex<(Timestamp, Verdict)>);

impl Clock for Hands {
    fn utc(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }
    fn monotonic(&self) -> Duration {
        Duration::try_from(self.utc().duration_since(at(0, 0, 0))).unwrap()
    }
    fn trust(&self) -> Trust {
        let verdict = self.0.lock().unwrap().1;
        Trust { source: TimeSource::Person, verdict, uncertainty: None }
    }
}

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

/// A time of Monday, 7 September 2026.
fn at(hour: i8, minute: i8, second: i8) -> Timestamp {
    date(2026, 9, 7).to_datetime(time(hour, minute, second, 0)).to_zoned(zone()).unwrap().timestamp()
}

/// Four lessons of 40 minutes on every weekday: at 8, 9, 10 and 11 o'clock.
fn plan() -> Plan {
    let mut school =
        Timetable::new(Term { name: String::new(), monday: date(2026, 9, 7), end: date(2027, 1, 22) });
    school.room = Some("301".to_owned());
    let hours = |number: u8| {
        let hour = i8::try_from(number).unwrap() + 7;
        (number, Hours::new(time(hour, 0, 0, 0), time(hour, 40, 0, 0)).unwrap())
    };
    school.bells.push(Bell { periods: (1..=4).map(hours).collect(), ..Bell::default() });
    for (weekday, number) in (1..=5).flat_map(|weekday| (1..=4).map(move |number| (weekday, number))) {
        school.lessons.push(Lesson {
            weekday,
            slot: Slot::period(number),
            weeks: Weeks::Every,
            class: Some("三(2)班".to_owned()),
            subject: format!("科目{number}"),
            teacher: None,
            room: None,
        });
    }
    Plan::new(school)
}

struct Bench {
    hands: Arc<Hands>,
    spool: Arc<Spool>,
    journal: Arc<Journal>,
    accounts: Accounts,
}

impl Bench {
    fn open(folder: &Path, now: Timestamp) -> Self {
        let hands = Arc::new(Hands(Mutex::new((now, Verdict::Believed))));
        let clock: Arc<dyn Clock> = Arc::clone(&hands) as _;
        let facts = Arc::new(Facts::open(&folder.join("facts")).unwrap().0);
        let journal = Arc::new(Journal::new(Arc::clone(&facts), Arc::clone(&clock)));
        let keyring = Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None };
        let (spool, _) =
            Spool::open(folder.join("spool"), Options::default(), keyring, Arc::clone(&clock)).unwrap();
        let spool = Arc::new(spool);
        let room = plan().for_room("301");
        let in_force: PlanInForce = Box::new(move || Some(room.clone()));
        let accounts = Accounts::new(Sources {
            facts,
            journal: Arc::clone(&journal),
            spool: Arc::clone(&spool),
            track: Name::new("program").unwrap(),
            plan: in_force,
            power: Power::Learned,
            clock,
            time_zone: zone(),
        });
        Self { hands, spool, journal, accounts }
    }

    fn set(&self, now: Timestamp) {
        self.hands.0.lock().unwrap().0 = now;
    }

    fn trust(&self, verdict: Verdict) {
        self.hands.0.lock().unwrap().1 = verdict;
    }

    fn settle_at(&self, now: Timestamp) -> usize {
        self.set(now);
        self.accounts.settle().unwrap()
    }

    fn started(&self, now: Timestamp, clean: bool, last_alive: Option<Timestamp>) {
        self.set(now);
        self.journal.append(Entry::Started { boots: 1, same_boot: false, clean, last_alive }).unwrap();
    }

    /// A recording with media from one moment to another.
    fn record(&self, id: &str, since: Timestamp, spans: &[(Timestamp, Timestamp)]) {
        let lesson = LessonId::new(id).unwrap();
        let track = Name::new("program").unwrap();
        let info = LessonInfo {
            id: lesson.clone(),
            title: "语文".to_owned(),
            date: date(2026, 9, 7),
            since,
            until: None,
            planned_until: None,
            trigger: Trigger::Timetable,
            planned: None,
        };
        self.spool.begin_lesson(&info).unwrap();
        let ticks = |at: Timestamp| {
            Ticks(u64::try_from(at.duration_since(since).as_secs()).unwrap() * Ticks::PER_SECOND)
        };
        let mut end = Ticks(0);
        for (from, until) in spans {
            let (pts_90k, utc) = (ticks(*from), *from);
            if pts_90k > end {
                let gap = Gap {
                    track: track.clone(),
                    from_90k: end,
                    to_90k: pts_90k,
                    reason: GapReason::NotRunning,
                };
                self.spool.record_gap(&lesson, &gap).unwrap();
            }
            let anchor = Anchor { pts_90k, utc, synced: true, uncertainty_ms: None };
            let run = self.spool.begin_run(&lesson, &track, &[1], "avc1", anchor).unwrap();
            end = ticks(*until);
            let fragment = NewFragment {
                lesson: &lesson,
                track: &track,
                run,
                pts_90k,
                duration_90k: end - pts_90k,
                payload: &[7; 100],
            };
            self.spool.append(fragment).unwrap();
        }
        self.spool.commit().unwrap();
    }

    fn today(&self) -> Vec<Account> {
        self.accounts.of_days(date(2026, 9, 7), date(2026, 9, 7)).unwrap()
    }
}

fn outcomes(accounts: &[Account]) -> Vec<Outcome> {
    accounts.iter().map(|account| account.outcome).collect()
}

#[test]
fn a_box_without_accounts_tells_what_is_to_come_and_nothing_from_before() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::open(folder.path(), at(8, 20, 0));
    assert!(!bench.accounts.has_begun().unwrap());
    assert_eq!(outcomes(&bench.today()), [Outcome::Planned; 3]);
    assert_eq!(bench.settle_at(at(8, 20, 0)), 0);
    assert!(bench.accounts.has_begun().unwrap());
    assert_eq!(bench.settle_at(at(9, 30, 0)), 0);
}

#[test]
fn a_lesson_is_settled_a_minute_after_its_bell_and_told_before() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::open(folder.path(), at(7, 0, 0));
    bench.started(at(7, 0, 0), true, None);
    assert_eq!(bench.settle_at(at(7, 0, 0)), 0);
    bench.record("a", at(8, 0, 0), &[(at(8, 0, 0), at(8, 40, 0))]);
    bench.set(at(9, 10, 0));
    let today = bench.today();
    use Outcome::{Complete, Planned, Running};
    assert_eq!(outcomes(&today), [Complete, Running, Planned, Planned]);
    assert_eq!(today[0].settled, None, "not settled by being looked at");
    assert_eq!(bench.settle_at(at(8, 40, 30)), 0);
    assert_eq!(bench.settle_at(at(8, 41, 0)), 1);
    let account = &bench.today()[0];
    assert_eq!((account.recorded_s, account.missing_s(), account.late_s), (2400.0, 0.0, Some(0.0)));
    assert_eq!(account.recordings[0].as_str(), "a");
    assert_eq!(account.settled, Some(at(8, 41, 0)));
}

#[test]
fn what_passed_while_the_box_was_off_is_settled_at_the_next_start_and_cleared_by_a_person() {
    let folder = tempfile::tempdir().unwrap();
    {
        let bench = Bench::open(folder.path(), at(7, 0, 0));
        bench.started(at(7, 0, 0), true, None);
        bench.settle_at(at(7, 0, 0));
        bench.record("a", at(8, 0, 0), &[(at(8, 0, 0), at(8, 31, 10))]);
    }
    let bench = Bench::open(folder.path(), at(11, 10, 0));
    bench.started(at(11, 10, 0), false, Some(at(8, 30, 0)));
    assert_eq!(bench.settle_at(at(11, 11, 0)), 3);
    let today = bench.today();
    use Outcome::{Complete, Missed, Running};
    assert_eq!(outcomes(&today), [Complete, Missed, Missed, Running]);
    assert_eq!(today[0].reason.zh, "缺 8 分 50 秒：8:31:10–8:40:00 断电或被强行重启");
    assert_eq!(today[1].reason.zh, "未录：9:00–9:40 断电或被强行重启");
    // The rest of this lesson is nobody's power cut, and nothing is invented.
    assert_eq!(today[3].missing.last().unwrap().cause, Cause::Unknown);
    let status = bench.accounts.status().unwrap();
    assert_eq!(status.missed_total, 2);
    let reboot = status.reboot.unwrap();
    assert!(reboot.text.zh.contains("从〔8:31:10〕到〔8:40:00〕缺录"), "{}", reboot.text.zh);
    let noted = bench.accounts.acknowledge(Some(&today[1].lesson.id), "teacher (uid 1000)").unwrap();
    assert_eq!(noted, [today[1].lesson.id.clone()]);
    assert_eq!(bench.accounts.status().unwrap().missed_total, 1);
    bench.accounts.acknowledge(None, "administrator (uid 0)").unwrap();
    let status = bench.accounts.status().unwrap();
    assert_eq!((status.missed_total, status.reboot), (0, None));
    let by = bench.today()[1].acknowledged.clone().unwrap().by;
    assert_eq!(by, "teacher (uid 1000)", "the first one to take note is kept");
    let none = LessonId::new("no-such-lesson").unwrap();
    assert!(bench.accounts.acknowledge(Some(&none), "x").unwrap().is_empty());
}

#[test]
fn a_power_cut_between_any_two_steps_of_settling_changes_nothing() {
    let prepare = |folder: &Path| {
        let bench = Bench::open(folder, at(7, 0, 0));
        bench.started(at(7, 0, 0), true, None);
        bench.settle_at(at(7, 0, 0));
        bench.record("a", at(8, 0, 0), &[(at(8, 0, 0), at(8, 40, 0))]);
        bench.record("b", at(9, 0, 0), &[(at(9, 5, 0), at(9, 40, 0))]);
        bench.set(at(12, 0, 0));
        bench
    };
    let whole = tempfile::tempdir().unwrap();
    let reference = prepare(whole.path());
    assert_eq!(reference.accounts.settle().unwrap(), 4);
    for written in 0..=4 {
        let folder = tempfile::tempdir().unwrap();
        let bench = prepare(folder.path());
        bench.accounts.settle_some(written).unwrap();
        drop(bench);
        let bench = Bench::open(folder.path(), at(12, 0, 0));
        assert_eq!(bench.accounts.settle().unwrap(), 4, "after {written} of 4 accounts");
        assert_eq!(bench.today(), reference.today(), "after {written} of 4 accounts");
        assert_eq!(bench.accounts.settle().unwrap(), 0);
    }
}

#[test]
fn nothing_is_settled_while_nobody_knows_the_time_and_all_of_it_once_somebody_does() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::open(folder.path(), at(7, 0, 0));
    bench.started(at(7, 0, 0), true, None);
    bench.settle_at(at(7, 0, 0));
    bench.trust(Verdict::Unknown);
    bench.started(at(8, 30, 0), true, Some(at(7, 10, 0)));
    assert_eq!(bench.settle_at(at(8, 50, 0)), 0);
    bench.trust(Verdict::Believed);
    bench.set(at(8, 50, 0));
    bench.journal.append(Entry::ClockBelieved).unwrap();
    assert_eq!(bench.settle_at(at(8, 50, 0)), 1);
    let missing: Vec<_> = bench.today()[0].missing.iter().map(|m| (m.from, m.until, m.cause)).collect();
    let off = (at(8, 0, 0), at(8, 30, 0), Cause::SwitchedOff);
    assert_eq!(missing, [off, (at(8, 30, 0), at(8, 40, 0), Cause::ClockUnknown)]);
    // A clock that was set back settles nothing again.
    assert_eq!(bench.settle_at(at(8, 41, 30)), 0);
}

#[test]
fn media_that_turn_up_later_fill_a_settled_account() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::open(folder.path(), at(7, 0, 0));
    bench.started(at(7, 0, 0), true, None);
    bench.settle_at(at(7, 0, 0));
    bench.settle_at(at(8, 50, 0));
    assert_eq!(bench.today()[0].outcome, Outcome::Missed);
    assert_eq!(bench.accounts.correct().unwrap(), 0);
    bench.record("found", at(8, 0, 0), &[(at(8, 0, 0), at(8, 20, 0)), (at(8, 25, 0), at(8, 40, 0))]);
    assert_eq!(bench.accounts.correct().unwrap(), 1);
    let account = &bench.today()[0];
    assert_eq!(
        (account.outcome, account.recorded_s, account.missing_s()),
        (Outcome::Complete, 2100.0, 300.0)
    );
    assert_eq!(account.settled, Some(at(8, 50, 0)));
    assert_eq!(bench.accounts.correct().unwrap(), 0, "not again");
}

#[test]
fn the_rest_of_a_lesson_that_did_not_go_on_is_missing_because_the_box_was_not_running() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::open(folder.path(), at(7, 0, 0));
    bench.started(at(7, 0, 0), true, None);
    bench.settle_at(at(7, 0, 0));
    bench.record("a", at(8, 0, 0), &[(at(8, 0, 0), at(8, 10, 0))]);
    let (from_90k, to_90k) = (Ticks(600 * Ticks::PER_SECOND), Ticks(2400 * Ticks::PER_SECOND));
    let track = Name::new("program").unwrap();
    let gap = Gap { track, from_90k, to_90k, reason: GapReason::NotRunning };
    let lesson = LessonId::new("a").unwrap();
    bench.spool.record_gap(&lesson, &gap).unwrap();
    bench.spool.end_lesson(&lesson, at(8, 40, 0)).unwrap();
    bench.settle_at(at(8, 45, 0));
    let missing: Vec<_> = bench.today()[0].missing.iter().map(|m| (m.from, m.until, m.cause)).collect();
    assert_eq!(missing, [(at(8, 10, 0), at(8, 40, 0), Cause::NotRunning)]);
}

#[test]
fn a_lesson_behind_the_shutter_is_missed_for_that_reason_and_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::open(folder.path(), at(7, 0, 0));
    bench.started(at(7, 0, 0), true, None);
    bench.settle_at(at(7, 0, 0));
    bench.set(at(7, 59, 0));
    bench.journal.append(Entry::Began { cause: Cause::Shutter, until: None }).unwrap();
    bench.set(at(8, 41, 0));
    bench.journal.append(Entry::Ended { cause: Cause::Shutter }).unwrap();
    bench.settle_at(at(8, 45, 0));
    let account = &bench.today()[0];
    assert_eq!((account.outcome, account.missing[0].cause), (Outcome::Missed, Cause::Shutter));
    assert_eq!(bench.accounts.status().unwrap().missed_total, 0);
}

#[test]
fn seconds_are_live_only_while_they_are_looked_at() {
    let mut live = LiveLog::default();
    for second in 0..20 {
        live.look(at(8, 0, second), (5..15).contains(&second));
    }
    // Nobody looked for a minute, although it was live before and after.
    live.look(at(8, 2, 0), true);
    live.look(at(8, 3, 0), true);
    live.look(at(8, 3, 1), true);
    live.look(at(8, 2, 30), true);
    let lesson = Span { from: at(8, 0, 0), until: at(8, 40, 0) };
    assert_eq!(live.spans().within(&lesson).length().as_secs(), 11);
    let restored = LiveLog::restored(live.stretches().to_vec());
    assert_eq!(restored.spans(), live.spans());
}
