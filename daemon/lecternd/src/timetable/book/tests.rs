//! The book under every order of events, and a crash between any two writes.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::civil::date;
use lectern_api::timetable::{DayLessons, MakeupAnswer};
use lectern_timetable::{Plan, RoomPlan};
use proptest::prelude::*;

use super::super::reading::understand;
use super::super::shelf::{Write, writes};
use super::*;

const VILLAGE: &str = include_str!("../../../../timetable/tests/data/village.toml");
const ROOM: &str = "三年级二班";
/// A Friday; 10 October is a make-up day whose lessons nobody has said.
const TODAY: Date = date(2026, 10, 9);

/// Files that a source may bring, and the versions of the book that they make.
static FILES: LazyLock<Vec<Candidate>> = LazyLock::new(|| {
    let thursday = "\n[[lesson]]\nweekday = 4\nperiod = 3\nclass = \"三(2)班\"\nsubject = \"体育\"\n";
    let today = "\n[[cancel]]\ndate = 2026-10-08\nperiod = 2\nclass = \"三(2)班\"\nreason = \"体检\"\n";
    let of_thursday = "\n[[cancel]]\ndate = 2026-10-15\nperiod = 3\nclass = \"三(2)班\"\n";
    let sunday = "\n[[lesson]]\nweekday = 7\nperiod = 1\nclass = \"三(2)班\"\nsubject = \"合唱\"\n";
    let answered = VILLAGE.replace("name = \"国庆节\"              #", "name = \"国庆节\"\nfollows = 5 #");
    let texts = [
        VILLAGE.to_owned(),
        format!("{VILLAGE}{today}"),
        format!("{VILLAGE}{thursday}"),
        format!("{VILLAGE}{thursday}{today}"),
        format!("{VILLAGE}{thursday}{of_thursday}"),
        format!("{VILLAGE}{sunday}"),
        answered,
    ];
    texts.iter().map(|text| candidate(text, OriginKind::Web)).collect()
});

const WHOLE: usize = 0;
const DATES_ONLY: usize = 1;
const WEEK: usize = 2;
const WEEK_AND_DATES: usize = 3;
const DATES_OF_THE_NEW_WEEK: usize = 4;
const DOUBTFUL: usize = 5;
const ANSWERED: usize = 6;

fn candidate(text: &str, kind: OriginKind) -> Candidate {
    let origin = Origin { kind, place: format!("{kind:?}") };
    understand(text.as_bytes(), origin, None).unwrap_or_else(|mistakes| panic!("{mistakes:#?}")).candidate
}

fn from(file: usize, kind: OriginKind) -> Candidate {
    Candidate { origin: Origin { kind, place: format!("{kind:?}") }, ..FILES[file].clone() }
}

fn on(today: Date) -> Now<'static> {
    let utc = today.at(8, 0, 0, 0).in_tz("Asia/Shanghai").unwrap().timestamp();
    Now { utc, today, room: Some(ROOM) }
}

fn offered(book: &mut Book, file: usize) -> Outcome {
    book.offer(&FILES[file], on(TODAY)).outcome
}

fn plan(book: &Book) -> RoomPlan {
    Plan::new(book.in_force().unwrap()).for_room(ROOM)
}

#[test]
fn the_first_timetable_is_in_force_at_once_and_the_same_again_changes_nothing() {
    let mut book = Book::default();
    assert_eq!(offered(&mut book, WHOLE), Outcome::InForce);
    let before = book.record().clone();
    assert_eq!(offered(&mut book, WHOLE), Outcome::Unchanged);
    assert_eq!(*book.record(), before);
}

#[test]
fn a_change_of_today_works_today() {
    let mut book = Book::default();
    offered(&mut book, WHOLE);
    assert_eq!(offered(&mut book, DATES_ONLY), Outcome::InForce);
    assert_eq!(plan(&book).occurrences(date(2026, 10, 8), date(2026, 10, 8)), []);
    assert_eq!(offered(&mut book, WHOLE), Outcome::InForce, "and so does taking it back");
    assert_eq!(plan(&book).occurrences(date(2026, 10, 8), date(2026, 10, 8)).len(), 1);
}

#[test]
fn a_new_week_comes_tomorrow_and_its_changes_of_today_come_today() {
    let mut book = Book::default();
    offered(&mut book, WHOLE);
    let verdict = book.offer(&FILES[WEEK_AND_DATES], on(TODAY));
    assert_eq!(verdict, Verdict { outcome: Outcome::FromLaterDay, number: 2, dates_now: true });
    let thursday = date(2026, 10, 8);
    assert_eq!(plan(&book).fallen(thursday).len(), 1, "it is cancelled already");
    assert_eq!(plan(&book).occurrences(thursday, thursday).len(), 0, "and the new lesson is not there yet");
    book.turn_day(on(TODAY));
    assert_eq!(book.record().week, Some(1), "the day has not turned");
    book.turn_day(on(date(2026, 10, 10)));
    assert_eq!(plan(&book).occurrences(thursday, thursday).len(), 1);
    assert_eq!((book.record().week, book.record().coming.clone()), (Some(2), None));
}

#[test]
fn changes_that_only_fit_the_new_week_come_with_it() {
    let mut book = Book::default();
    offered(&mut book, WHOLE);
    let verdict = book.offer(&FILES[DATES_OF_THE_NEW_WEEK], on(TODAY));
    assert_eq!(verdict, Verdict { outcome: Outcome::FromLaterDay, number: 2, dates_now: false });
    assert_eq!(book.record().dates, Some(1));
}

#[test]
fn a_doubtful_one_waits_for_ever_and_leaves_alone_what_comes_by_itself() {
    let mut book = Book::default();
    offered(&mut book, WHOLE);
    book.offer(&from(WEEK, OriginKind::Push), on(TODAY));
    assert_eq!(offered(&mut book, DOUBTFUL), Outcome::Waits);
    book.turn_day(on(date(2027, 1, 1)));
    assert_eq!(book.record().week, Some(2));
    assert_eq!(book.confirm(None, "王芳", on(TODAY).utc), Ok(3));
    assert_eq!((book.record().week, book.record().waiting.clone()), (Some(3), Vec::new()));
    assert_eq!(book.version(3).unwrap().confirmed_by.as_deref(), Some("王芳"));
}

#[test]
fn nobody_confirms_what_they_have_not_seen() {
    let mut book = Book::default();
    let at = on(TODAY).utc;
    assert!(book.confirm(None, "王芳", at).is_err());
    offered(&mut book, WHOLE);
    offered(&mut book, DOUBTFUL);
    assert!(book.confirm(Some(9), "王芳", at).unwrap_err().zh.contains("第 2 版"));
    book.offer(&from(WEEK, OriginKind::Push), on(TODAY));
    assert!(book.confirm(None, "王芳", at).is_err(), "two are to come");
    assert_eq!(book.confirm(Some(3), "王芳", at), Ok(3));
    assert_eq!(book.record().to_come(), [2]);
}

#[test]
fn nothing_of_a_stick_is_used_before_somebody_says_so() {
    let mut book = Book::default();
    for file in [WHOLE, DATES_ONLY] {
        assert_eq!(book.offer(&from(file, OriginKind::Stick), on(TODAY)).outcome, Outcome::Waits);
        assert_eq!(book.in_force(), None);
    }
    assert_eq!(book.confirm(None, "王芳", on(TODAY).utc), Ok(2));
    assert!(book.in_force().is_some());
}

#[test]
fn a_corrected_file_takes_the_place_of_the_doubtful_one_of_its_source() {
    let mut book = Book::default();
    offered(&mut book, WHOLE);
    offered(&mut book, DOUBTFUL);
    book.offer(&from(DATES_ONLY, OriginKind::Push), on(TODAY));
    assert!(!book.record().waiting.is_empty(), "that was somebody else");
    offered(&mut book, WEEK);
    assert_eq!(book.record().waiting, []);
}

#[test]
fn what_somebody_went_back_from_does_not_come_again_by_itself() {
    let mut book = Book::default();
    offered(&mut book, WHOLE);
    offered(&mut book, DATES_ONLY);
    book.roll_back(1, "王芳", on(TODAY).utc).unwrap();
    let before = book.record().clone();
    assert!(book.knows(&FILES[DATES_ONLY].origin, &FILES[DATES_ONLY].raw_sha256));
    // With another comment in it, too.
    let commented = Candidate { raw_sha256: "another".to_owned(), ..FILES[DATES_ONLY].clone() };
    book.offer(&commented, on(TODAY));
    assert_eq!((book.record().week, &book.record().coming), (before.week, &before.coming));
    assert!(book.roll_back(1, "王芳", on(TODAY).utc).is_err(), "it is in force");
    assert!(book.roll_back(7, "王芳", on(TODAY).utc).unwrap_err().zh.contains("1, 2"));
}

#[test]
fn an_answer_about_a_makeup_day_survives_a_reimport_until_the_file_says_something_else() {
    let (saturday, mut book) = (date(2026, 10, 10), Book::default());
    let said = |follows| MakeupAnswer { date: saturday, follows, by: "王芳".to_owned(), at: on(TODAY).utc };
    assert!(book.answer(said(DayLessons::Nothing)).is_err(), "there is no timetable");
    offered(&mut book, WHOLE);
    book.answer(said(DayLessons::Weekday(4))).unwrap();
    assert_eq!(plan(&book).occurrences(saturday, saturday).len(), 1, "a Thursday's");
    offered(&mut book, DATES_ONLY);
    assert_eq!(plan(&book).occurrences(saturday, saturday).len(), 1);
    offered(&mut book, ANSWERED);
    assert_eq!(plan(&book).occurrences(saturday, saturday).len(), 0, "the file says Friday now");
    book.answer(said(DayLessons::Weekday(4))).unwrap();
    assert_eq!(plan(&book).occurrences(saturday, saturday).len(), 1, "and was overruled");
    let wrong = MakeupAnswer { date: TODAY, ..said(DayLessons::Nothing) };
    assert!(book.answer(wrong).unwrap_err().zh.contains("2026-10-10"), "names the days that are");
}

#[test]
fn what_comes_tomorrow_is_dated_anew_when_the_clock_is_set() {
    let mut book = Book::default();
    offered(&mut book, WHOLE);
    book.offer(&FILES[WEEK], on(date(1970, 1, 1)));
    book.come_tomorrow(TODAY);
    book.turn_day(on(TODAY));
    assert_eq!(book.record().week, Some(1));
    book.turn_day(on(date(2026, 10, 10)));
    assert_eq!(book.record().week, Some(2));
}

/// What the disk has: the record and the timetables, by their SHA-256.
#[derive(Debug, Clone, Default)]
struct Disk {
    record: Record,
    texts: BTreeMap<String, Arc<str>>,
}

impl Disk {
    fn carry_out(&mut self, write: &Write) {
        match write {
            Write::Text(sha256, text) => drop(self.texts.insert(sha256.clone(), Arc::clone(text))),
            Write::Record(record) => self.record = (**record).clone(),
            Write::Forget(sha256) => drop(self.texts.remove(sha256)),
        }
    }

    fn read(&self) -> Book {
        // Reading each of them anew would take the test a minute.
        let kept = |(sha256, text): (&String, &Arc<str>)| {
            let written = FILES.iter().find(|file| file.sha256 == *sha256 && file.text == *text).unwrap();
            let timetable = Arc::clone(&written.timetable);
            (sha256.clone(), Kept { text: Arc::clone(text), timetable })
        };
        let kept = self.texts.iter().map(kept);
        Book::restored(self.record.clone(), kept.collect())
    }
}

#[derive(Debug, Clone)]
enum Step {
    Offer(usize, OriginKind),
    NextDay,
    Confirm,
    RollBack(u32),
    Answer(DayLessons),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        4 => Just(OriginKind::Web),
        2 => Just(OriginKind::Push),
        1 => Just(OriginKind::Stick)
    ];
    prop_oneof![
        6 => (0..FILES.len(), kind).prop_map(|(file, kind)| Step::Offer(file, kind)),
        2 => Just(Step::NextDay),
        1 => Just(Step::Confirm),
        1 => (0_u32..8).prop_map(Step::RollBack),
        1 => prop_oneof![Just(DayLessons::Weekday(1)), Just(DayLessons::Nothing)].prop_map(Step::Answer),
    ]
}

fn take(book: &mut Book, step: &Step, today: Date) {
    let now = on(today);
    match step {
        Step::Offer(file, kind) => drop(book.offer(&from(*file, *kind), now)),
        Step::NextDay => book.turn_day(now),
        Step::Confirm => drop(book.confirm(None, "a person", now.utc)),
        Step::RollBack(number) => drop(book.roll_back(*number, "a person", now.utc)),
        Step::Answer(follows) => {
            let said = MakeupAnswer {
                date: date(2026, 10, 10),
                follows: *follows,
                by: "a person".to_owned(),
                at: now.utc,
            };
            drop(book.answer(said));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_crash_between_any_two_writes_leaves_the_book_before_or_after(
        steps in proptest::collection::vec((step(), 0_usize..4), 1..30),
    ) {
        let (mut book, mut disk, mut today) = (Book::default(), Disk::default(), TODAY);
        for (step, crash_after) in steps {
            if matches!(step, Step::NextDay) {
                today = today.tomorrow().unwrap();
            }
            let before = book.clone();
            take(&mut book, &step, today);
            let writes = writes(&before, &book);
            for write in writes.iter().take(crash_after) {
                disk.carry_out(write);
            }
            let (found, is_there) = (disk.read(), |record: &Record| *record == disk.record);
            prop_assert!(is_there(before.record()) || is_there(book.record()));
            prop_assert_eq!(found.in_force().is_some(), disk.record.week.is_some());
            // What is in force has its text whenever the record names it.
            for version in &disk.record.versions {
                prop_assert!(disk.texts.contains_key(&version.sha256), "{}", version.number);
            }
            if crash_after < writes.len() {
                // Started again: what was asked is asked again, to the same end.
                let mut again = found.clone();
                take(&mut again, &step, today);
                for write in super::super::shelf::writes(&found, &again) {
                    disk.carry_out(&write);
                }
                if is_same_again(&step) {
                    prop_assert_eq!(again.in_force(), book.in_force());
                }
                book = again;
            }
            prop_assert!(book.record().versions.len() <= KEPT);
        }
    }

    #[test]
    fn the_week_of_the_running_day_changes_by_a_persons_hand_only(
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let (mut book, mut today) = (Book::default(), TODAY);
        for step in steps {
            if matches!(step, Step::NextDay) {
                today = today.tomorrow().unwrap();
            }
            let (before, former) = (book.record().week, book.in_force());
            take(&mut book, &step, today);
            let after = book.in_force();
            if let (Step::Offer(..), Some(former), Some(after)) = (&step, &former, &after) {
                prop_assert!(same_week(former, after), "{before:?} → {:?}", book.record().week);
            }
            if let (Step::Offer(_, OriginKind::Stick), Some(former), Some(after)) = (&step, former, after) {
                let was_known = book.record().week == before;
                prop_assert!(was_known && *former == *after);
            }
        }
    }

    #[test]
    fn the_same_file_again_changes_nothing(
        steps in proptest::collection::vec(step(), 0..20), file in 0..7_usize,
        kind in prop_oneof![Just(OriginKind::Web), Just(OriginKind::Push), Just(OriginKind::Stick)],
    ) {
        let mut book = Book::default();
        for step in steps {
            take(&mut book, &step, TODAY);
        }
        book.offer(&from(file, kind), on(TODAY));
        let (once, in_force) = (book.record().clone(), book.in_force());
        book.offer(&from(file, kind), on(TODAY));
        prop_assert_eq!(book.record(), &once);
        prop_assert_eq!(book.in_force(), in_force);
    }
}

/// Going back and confirming a second time is refused, which is no other end.
fn is_same_again(step: &Step) -> bool {
    !matches!(step, Step::Confirm | Step::RollBack(_))
}
