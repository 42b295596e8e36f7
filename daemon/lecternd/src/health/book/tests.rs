//! Faults on a virtual clock: every row of the catalogue begins, does not
//! flicker, and ends as its row says.

use proptest::prelude::*;

use super::super::catalogue::CATALOGUE;
use super::*;

fn text(text: &str) -> Text {
    Text { en: text.to_owned(), zh: text.to_owned() }
}

fn finding(row: &Row) -> Finding {
    let (text, hint) = (text("what"), text("do"));
    Finding { code: row.code, severity: row.severity, unit: "unit".to_owned(), text, hint }
}

fn key(row: &Row) -> Key {
    (row.code, "unit".to_owned())
}

fn at(seconds: f64) -> Moment {
    let monotonic = Duration::from_secs_f64(seconds);
    Moment { utc: Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs_f64(seconds), monotonic }
}

fn wrong(row: &Row) -> Look {
    Look { wrong: vec![finding(row)], in_use: true, ..Look::default() }
}

fn fine(row: &Row) -> Look {
    Look { fine: [key(row)].into(), in_use: true, ..Look::default() }
}

/// Nobody looks at it.
fn unseen() -> Look {
    Look { in_use: true, ..Look::default() }
}

/// A book in which the fault is open since second 0.
fn open(row: &Row) -> Book {
    let mut book = Book::default();
    book.step(wrong(row), at(0.0));
    book.step(wrong(row), at(row.raise_after.as_secs_f64()));
    assert_eq!(book.open().len(), 1, "{}", row.code);
    book
}

#[test]
fn every_code_stands_once_in_the_catalogue() {
    let codes: BTreeSet<&str> = CATALOGUE.iter().map(|row| row.code).collect();
    assert_eq!(codes.len(), CATALOGUE.len());
    for row in &CATALOGUE {
        assert!(row.parent.is_none_or(|parent| codes.contains(parent) && parent != row.code), "{}", row.code);
    }
}

#[test]
fn a_fault_is_told_when_it_has_held_for_its_time_and_dates_from_its_begin() {
    for row in &CATALOGUE {
        let (mut book, after) = (Book::default(), row.raise_after.as_secs_f64());
        if after > 0.0 {
            assert_eq!(book.step(wrong(row), at(100.0)), [], "{}", row.code);
            assert_eq!(book.step(wrong(row), at(99.9 + after)), [], "{}", row.code);
        } else {
            assert_eq!(book.open(), []);
        }
        let changes = book.step(wrong(row), at(100.0 + after));
        let [Change::Raised(fault)] = changes.as_slice() else { panic!("{}: {changes:?}", row.code) };
        assert_eq!((fault.code.as_str(), fault.severity, fault.id), (row.code, row.severity, 1));
        assert_eq!(fault.since, at(100.0).utc, "{}", row.code);
        assert_eq!(book.step(wrong(row), at(1000.0)), [], "{} is told once", row.code);
    }
}

#[test]
fn what_does_not_last_is_never_told() {
    for row in CATALOGUE.iter().filter(|row| row.raise_after > Duration::ZERO) {
        let (mut book, after) = (Book::default(), row.raise_after.as_secs_f64());
        for round in 0..20 {
            let second = f64::from(round) * 60.0;
            assert_eq!(book.step(wrong(row), at(second)), [], "{}", row.code);
            assert_eq!(book.step(fine(row), at(second + after)), [], "{}", row.code);
        }
    }
}

#[test]
fn a_fault_that_comes_and_goes_is_one_fault_that_counts() {
    for row in CATALOGUE.iter().filter(|row| row.clear_after > Duration::from_secs(1)) {
        let mut book = open(row);
        for round in 1..=10_u32 {
            let second = 100.0 + f64::from(round) * 2.0;
            assert_eq!(book.step(fine(row), at(second)), [], "{}", row.code);
            let changes = book.step(wrong(row), at(second + 1.0));
            let [Change::Changed(fault)] = changes.as_slice() else { panic!("{}: {changes:?}", row.code) };
            assert_eq!((fault.id, fault.count), (1, round + 1), "{}", row.code);
        }
    }
}

#[test]
fn a_fault_is_over_when_evidence_has_held_for_its_time_and_dates_from_its_begin() {
    for row in &CATALOGUE {
        let (mut book, after) = (open(row), row.clear_after.as_secs_f64());
        if after > 0.0 {
            assert_eq!(book.step(fine(row), at(100.0)), [], "{}", row.code);
            assert_eq!(book.step(fine(row), at(99.9 + after)), [], "{}", row.code);
        }
        let changes = book.step(fine(row), at(100.0 + after));
        let [Change::Cleared(fault)] = changes.as_slice() else { panic!("{}: {changes:?}", row.code) };
        assert_eq!((fault.id, fault.until), (1, Some(at(100.0).utc)), "{}", row.code);
        assert_eq!(book.open(), []);
    }
}

#[test]
fn what_is_not_looked_at_stays_and_what_is_always_looked_at_goes() {
    for row in &CATALOGUE {
        let mut book = open(row);
        book.step(unseen(), at(100.0));
        book.step(unseen(), at(100_000.0));
        assert_eq!(book.open().is_empty(), row.silence == Silence::IsOver, "{}", row.code);
    }
}

#[test]
fn evidence_that_breaks_off_does_not_add_up() {
    let row = row_of("camera.lost").unwrap();
    let mut book = open(row);
    for second in 0..20 {
        let look = if second % 2 == 0 { fine(row) } else { unseen() };
        assert_eq!(book.step(look, at(100.0 + f64::from(second))), []);
    }
}

#[test]
fn what_an_idle_room_lacks_begins_nothing_and_ends_nothing() {
    for row in &CATALOGUE {
        let idle = || Look { in_use: false, ..wrong(row) };
        let mut book = Book::default();
        book.step(idle(), at(0.0));
        book.step(idle(), at(1000.0));
        assert_eq!(book.open().is_empty(), row.gate == Gate::InUse, "{}", row.code);
        let mut book = open(row);
        assert_eq!(book.step(idle(), at(1000.0)), [], "{}", row.code);
        assert_eq!(book.open().len(), 1, "{}", row.code);
    }
}

#[test]
fn what_another_fault_explains_is_no_fault_of_its_own() {
    for (child, parent) in families() {
        let mut book = open(parent);
        let both = || Look { wrong: vec![finding(child), finding(parent)], in_use: true, ..Look::default() };
        book.step(both(), at(100.0));
        assert_eq!(book.step(both(), at(200.0)), [], "{}", child.code);
        book.step(fine(parent), at(300.0));
        book.step(Look { wrong: vec![finding(child)], ..fine(parent) }, at(400.0));
        let mut changes = book.step(wrong(child), at(500.0));
        changes.extend(book.step(wrong(child), at(600.0)));
        assert!(matches!(changes.as_slice(), [Change::Raised(_)]), "{}: {changes:?}", child.code);
    }
}

/// Every pair of a fault and what may be behind it.
fn families() -> impl Iterator<Item = (&'static Row, &'static Row)> {
    CATALOGUE.iter().filter_map(|row| Some((row, row_of(row.parent?)?)))
}

#[test]
fn a_fault_is_over_half_a_minute_after_what_is_behind_it_was_told_and_begins_anew_if_it_is_left() {
    for (child, parent) in families() {
        let mut book = open(child);
        // A frozen camera is pulled out: nobody sees any more that it is frozen.
        let lost = || Look { in_use: true, ..wrong(parent) };
        let mut changes = Vec::new();
        for second in 100..140 {
            changes.extend(book.step(lost(), at(f64::from(second))));
        }
        let [Change::Raised(cause), Change::Cleared(over)] = changes.as_slice() else {
            panic!("{}: {changes:?}", child.code)
        };
        assert_eq!((cause.code.as_str(), over.code.as_str()), (parent.code, child.code));
        let told = at(100.0).utc + jiff::SignedDuration::try_from(parent.raise_after).unwrap();
        assert!(over.until.unwrap() >= told, "{}: not before it was told", child.code);
        assert!(over.until.unwrap() <= told + jiff::SignedDuration::from_secs(1), "{}", child.code);
        // It comes back as it went.
        let both = Look { wrong: vec![finding(child)], ..fine(parent) };
        for second in 200..230 {
            changes.extend(book.step(both.clone(), at(f64::from(second))));
        }
        let [.., Change::Cleared(cause), Change::Raised(anew)] = changes.as_slice() else {
            panic!("{}: {changes:?}", child.code)
        };
        assert_eq!((cause.code.as_str(), anew.code.as_str(), anew.id), (parent.code, child.code, 3));
    }
}

#[test]
fn a_plug_that_is_pulled_for_a_moment_ends_no_fault_and_no_ladder() {
    let (child, parent) = (row_of("picture.frozen").unwrap(), row_of("camera.lost").unwrap());
    let mut book = open(child);
    let tried = Tried { what: child.mends[1], at: at(90.0).utc, outcome: Outcome::Done };
    book.tries(1, tried.clone());
    for round in 0..20 {
        let begun = 100.0 + 60.0 * f64::from(round);
        for second in 0..29 {
            book.step(wrong(parent), at(begun + f64::from(second)));
        }
        for second in 30..40 {
            let both = Look { wrong: vec![finding(child)], ..fine(parent) };
            book.step(both, at(begun + f64::from(second)));
        }
    }
    let open = book.open();
    assert_eq!((open.len(), open[0].id, open[0].tried.as_slice()), (1, 1, [tried].as_slice()));
}

#[test]
fn what_was_tried_about_a_fault_that_another_one_explains_has_not_helped() {
    let (child, parent) = (row_of("picture.frozen").unwrap(), row_of("camera.lost").unwrap());
    for (outcome, in_the_end) in [
        (Outcome::Done, Outcome::NoHelp),
        (Outcome::Running, Outcome::Interrupted),
        (Outcome::Skipped, Outcome::Skipped),
    ] {
        let mut book = open(child);
        book.tries(1, Tried { what: child.mends[0], at: at(50.0).utc, outcome });
        let changes: Vec<_> =
            (100..140).flat_map(|second| book.step(wrong(parent), at(f64::from(second)))).collect();
        let [_, Change::Cleared(over)] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!(over.tried[0].outcome, in_the_end);
    }
}

#[test]
fn the_picture_of_another_camera_is_not_explained() {
    let (child, parent) = (row_of("picture.frozen").unwrap(), row_of("camera.lost").unwrap());
    let mut book = open(child);
    let other = Finding { unit: "other".to_owned(), ..finding(parent) };
    for second in 100..200 {
        let look = Look { wrong: vec![other.clone()], in_use: true, ..Look::default() };
        book.step(look, at(f64::from(second)));
    }
    let codes: Vec<_> = book.open().into_iter().map(|fault| (fault.code, fault.unit)).collect();
    assert!(codes.contains(&("picture.frozen".to_owned(), "unit".to_owned())), "{codes:?}");
}

#[test]
fn a_fault_that_becomes_worse_is_told_again_under_its_number() {
    let row = row_of("clock.unsynced").unwrap();
    let mut book = open(row);
    let worse = Finding { severity: Severity::Critical, ..finding(row) };
    let look = || Look { wrong: vec![worse.clone()], ..Look::default() };
    let changes = book.step(look(), at(10.0));
    let [Change::Changed(fault)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((fault.id, fault.severity, fault.count), (1, Severity::Critical, 1));
    assert_eq!(book.step(look(), at(11.0)), []);
}

#[test]
fn a_book_goes_on_after_a_restart_with_what_was_open() {
    let row = row_of("camera.lost").unwrap();
    let former = open(row).open();
    let retired = Fault { code: "no.such".to_owned(), ..former[0].clone() };
    let (mut book, unknown) = Book::reopened(vec![former[0].clone(), retired.clone()], 7);
    assert_eq!((book.open(), unknown), (former, vec![retired]));
    assert_eq!(book.step(wrong(row), at(1.0)), [], "it was told before");
    let other = Finding { unit: "other".to_owned(), ..finding(row) };
    book.step(Look { wrong: vec![other.clone()], ..wrong(row) }, at(2.0));
    let changes = book.step(Look { wrong: vec![other, finding(row)], ..wrong(row) }, at(60.0));
    let [Change::Raised(fault)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(fault.id, 8);
}

#[derive(Debug, Clone, Copy)]
enum Seen {
    Wrong,
    Fine,
    Unseen,
}

fn seen() -> impl Strategy<Value = Seen> {
    prop_oneof![Just(Seen::Wrong), Just(Seen::Fine), Just(Seen::Unseen)]
}

proptest! {
    /// Whatever is seen and whenever: raised and cleared come in turns, each
    /// change is of the newest number, nothing ends before it began, and who
    /// adds up the changes knows what is open.
    #[test]
    fn changes_tell_what_is_open(
        looks in prop::collection::vec((prop::array::uniform3(seen()), any::<bool>(), 0.0_f64..8.0), 0..80),
        rows in prop::sample::subsequence((0..CATALOGUE.len()).collect::<Vec<_>>(), 3),
    ) {
        let (mut book, mut told, mut now) = (Book::default(), BTreeMap::new(), 0.0);
        for (seen, in_use, pause) in looks {
            now += pause;
            let mut look = Look { in_use, ..Look::default() };
            for (row, seen) in rows.iter().map(|row| &CATALOGUE[*row]).zip(seen) {
                match seen {
                    Seen::Wrong => look.wrong.push(finding(row)),
                    Seen::Fine => { look.fine.insert(key(row)); }
                    Seen::Unseen => {}
                }
            }
            for change in book.step(look, at(now)) {
                let fault = change.fault().clone();
                let key = (fault.code.clone(), fault.unit.clone());
                let before = told.get(&key).map(|fault: &Fault| fault.id);
                match change {
                    Change::Raised(_) => prop_assert_eq!(before, None),
                    Change::Changed(_) | Change::Tried(_) | Change::Cleared(_) => prop_assert_eq!(before, Some(fault.id)),
                }
                match fault.until {
                    Some(until) => {
                        prop_assert!(until >= fault.since);
                        told.remove(&key);
                    }
                    None => { told.insert(key, fault); }
                }
            }
            let mut open: Vec<u64> = book.open().iter().map(|fault| fault.id).collect();
            let mut known: Vec<u64> = told.values().map(|fault| fault.id).collect();
            open.sort_unstable();
            known.sort_unstable();
            prop_assert_eq!(open, known);
        }
    }
}
