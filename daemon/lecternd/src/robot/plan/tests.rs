use super::*;

/// A box on a virtual clock, looked at every ten seconds.
struct Day {
    memory: Memory,
    watch: Watch,
    now: Timestamp,
    faults: Vec<Fault>,
    said: Vec<(i64, Vec<String>, usize)>,
}

const BEGIN: &str = "2026-03-02T00:00:00Z";

impl Day {
    fn new() -> Self {
        let now = BEGIN.parse().unwrap();
        Self { memory: Memory::default(), watch: Watch::default(), now, faults: Vec::new(), said: Vec::new() }
    }

    fn begins(&mut self, code: &str, severity: Severity) {
        let text = |text: &str| Text { en: text.to_owned(), zh: text.to_owned() };
        self.faults.push(Fault {
            id: 1,
            code: code.to_owned(),
            severity,
            unit: "camera".to_owned(),
            since: self.now,
            text: text(code),
            hint: text("hint"),
            count: 1,
            until: None,
            tried: Vec::new(),
            part: None,
        });
    }

    fn ends(&mut self, code: &str) {
        self.faults.retain(|fault| fault.code != code);
    }

    fn passes(&mut self, seconds: i64) {
        let end = self.now + SignedDuration::from_secs(seconds);
        while self.now < end {
            let today = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
            if let Some(message) = due(&self.memory, &mut self.watch, &self.faults, self.now, today) {
                let at = self.now.duration_since(BEGIN.parse().unwrap()).as_secs();
                let begun = message.begun.iter().map(|fault| fault.code.clone()).collect();
                self.said.push((at, begun, message.over.len()));
                self.memory = message.after;
            }
            self.now += SignedDuration::from_secs(10);
        }
    }

    fn restarts(&mut self) {
        let kept = serde_json::to_string(&self.memory).unwrap();
        (self.memory, self.watch) = (serde_json::from_str(&kept).unwrap(), Watch::default());
    }
}

#[test]
fn what_stays_is_told_after_a_minute_and_what_mends_itself_is_not() {
    let mut day = Day::new();
    day.begins("mic.lost", Severity::Major);
    day.passes(50);
    day.ends("mic.lost");
    day.begins("camera.lost", Severity::Major);
    day.begins("archive.unreachable", Severity::Minor);
    day.passes(600);
    assert_eq!(day.said, [(110, vec!["camera.lost".to_owned()], 0)]);
    day.ends("camera.lost");
    day.passes(600);
    assert_eq!(day.said[1], (710, vec![], 1), "its end is told after a minute too");
    day.passes(3600);
    assert_eq!(day.said.len(), 2);
}

#[test]
fn what_comes_and_goes_is_told_once_and_a_storm_is_one_message() {
    let mut day = Day::new();
    for _ in 0..60 {
        day.begins("camera.lost", Severity::Major);
        day.passes(90);
        day.ends("camera.lost");
        day.passes(30);
    }
    assert_eq!(day.said.len(), 1, "{:?}", day.said);
    let mut storm = Day::new();
    for number in 0..30 {
        storm.begins(&format!("major.{number:02}"), Severity::Major);
        storm.passes(10);
    }
    storm.begins("pipeline.restarting", Severity::Critical);
    storm.passes(3600);
    assert_eq!(storm.said.len(), 2);
    assert_eq!(storm.said[1].0 - storm.said[0].0, PAUSE.as_secs());
    assert_eq!(storm.said[1].1[0], "pipeline.restarting", "the worst first");
    assert_eq!(storm.said.iter().map(|(_, begun, _)| begun.len()).sum::<usize>(), 31);
}

#[test]
fn a_restart_tells_nothing_again_and_forgets_nothing() {
    let mut day = Day::new();
    day.begins("camera.lost", Severity::Major);
    day.passes(120);
    day.restarts();
    day.passes(3600);
    assert_eq!(day.said.len(), 1);
    day.ends("camera.lost");
    day.restarts();
    day.passes(120);
    assert_eq!(day.said.len(), 2, "what ended while it was away is over");
}

#[test]
fn a_day_has_a_last_message_and_the_next_day_goes_on() {
    let mut day = Day::new();
    for _ in 0..40 {
        day.begins("camera.lost", Severity::Major);
        day.passes(600);
        day.ends("camera.lost");
        day.passes(600);
    }
    assert_eq!(day.said.len(), DAILY as usize);
    day.begins("camera.lost", Severity::Major);
    day.passes(24 * 3600 - 40 * 1200);
    assert_eq!(day.said.len(), DAILY as usize);
    day.passes(600);
    assert_eq!(day.said.len(), DAILY as usize + 1);
    // Set back by a year: no silence until then.
    day.ends("camera.lost");
    day.now -= SignedDuration::from_hours(24 * 365);
    day.passes(600);
    assert_eq!(day.said.len(), DAILY as usize + 2);
}
