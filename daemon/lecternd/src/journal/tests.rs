use super::*;

/// A clock that a test sets.
#[derive(Debug, Default)]
struct Hands(Mutex<(Timestamp, Duration, Verdict)>);

impl Hands {
    fn set(&self, at: &str, running_s: u64, verdict: Verdict) {
        *self.0.lock().unwrap() = (at.parse().unwrap(), Duration::from_secs(running_s), verdict);
    }
}

impl Clock for Hands {
    fn utc(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }
    fn monotonic(&self) -> Duration {
        self.0.lock().unwrap().1
    }
    fn trust(&self) -> lectern_api::Trust {
        let verdict = self.0.lock().unwrap().2;
        lectern_api::Trust { source: TimeSource::Person, verdict, uncertainty: None }
    }
}

fn journal() -> (tempfile::TempDir, Arc<Facts>, Arc<Hands>, Journal) {
    let folder = tempfile::tempdir().unwrap();
    let facts = Arc::new(Facts::open(folder.path()).unwrap().0);
    let hands = Arc::new(Hands::default());
    let clock: Arc<dyn Clock> = hands.clone();
    let journal = Journal::new(Arc::clone(&facts), clock);
    (folder, facts, hands, journal)
}

const STARTED: Entry = Entry::Started { boots: 1, same_boot: false, clean: true, last_alive: None };

fn times(journal: &Journal) -> Vec<String> {
    journal.records().unwrap().iter().map(|record| record.at.to_string()).collect()
}

#[test]
fn entries_stand_in_the_order_in_which_they_happened_whatever_the_clock_said() {
    let (_folder, facts, hands, journal) = journal();
    hands.set("2026-03-02T00:00:00Z", 0, Verdict::Believed);
    journal.append(STARTED).unwrap();
    hands.set("2025-03-02T00:00:00Z", 60, Verdict::Believed);
    journal.append(Entry::Stopped).unwrap();
    let clock: Arc<dyn Clock> = hands;
    let journal = Journal::new(facts, clock);
    journal.append(STARTED).unwrap();
    let entries: Vec<Entry> = journal.records().unwrap().into_iter().map(|record| record.entry).collect();
    assert_eq!(entries, [STARTED, Entry::Stopped, STARTED]);
}

#[test]
fn what_happened_before_the_time_was_known_is_dated_once_it_is() {
    let (_folder, _facts, hands, journal) = journal();
    hands.set("1970-01-01T00:00:00Z", 0, Verdict::Unknown);
    journal.append(STARTED).unwrap();
    // The power goes, and nobody ever learns when that start was.
    journal.append(STARTED).unwrap();
    hands.set("1970-01-01T00:01:30Z", 90, Verdict::Unknown);
    journal
        .append(Entry::SystemClockJumped { from: Timestamp::UNIX_EPOCH, to: Timestamp::UNIX_EPOCH })
        .unwrap();
    hands.set("2026-03-02T00:02:00Z", 120, Verdict::Believed);
    journal.append(Entry::ClockBelieved).unwrap();
    assert_eq!(
        times(&journal),
        ["1970-01-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-02T00:01:30Z", "2026-03-02T00:02:00Z"]
    );
    let verdicts: Vec<Verdict> = journal.records().unwrap().iter().map(|record| record.verdict).collect();
    assert_eq!(verdicts, [Verdict::Unknown, Verdict::Unsure, Verdict::Unsure, Verdict::Believed]);
}

#[test]
fn what_is_older_than_400_days_goes_and_only_by_a_clock_that_is_believed() {
    let (_folder, _facts, hands, journal) = journal();
    hands.set("1970-01-01T00:00:00Z", 0, Verdict::Unknown);
    journal.append(STARTED).unwrap();
    hands.set("2025-01-01T00:00:00Z", 10, Verdict::Believed);
    journal.append(Entry::ClockBelieved).unwrap();
    hands.set("2026-02-01T00:00:00Z", 20, Verdict::Believed);
    journal.append(Entry::Stopped).unwrap();
    hands.set("2099-01-01T00:00:00Z", 30, Verdict::Unsure);
    journal.thin_out().unwrap();
    assert_eq!(journal.records().unwrap().len(), 3);
    hands.set("2026-03-02T00:00:00Z", 30, Verdict::Believed);
    journal.thin_out().unwrap();
    assert_eq!(times(&journal), ["2026-02-01T00:00:00Z"]);
}

#[test]
fn an_entry_of_a_newer_version_is_no_error() {
    let (_folder, facts, hands, journal) = journal();
    hands.set("2026-03-02T00:00:00Z", 0, Verdict::Believed);
    journal.append(STARTED).unwrap();
    let newer = serde_json::json!({
        "at": "2026-03-02T00:00:00Z", "source": "pigeon", "verdict": "believed", "running_ms": 7,
        "what": "painted", "colour": "green",
    });
    facts.put(JOURNAL, "000000000001", &newer).unwrap();
    facts.put(JOURNAL, "000000000002", &"in another form").unwrap();
    let records = journal.records().unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!((&records[1].entry, records[1].source), (&Entry::Other, TimeSource::Unknown));
}
