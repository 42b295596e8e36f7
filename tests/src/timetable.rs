//! A timetable of lessons that are about to begin.

use std::fmt::Write as _;
use std::sync::OnceLock;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A day's lessons in the box's room, by the second.
#[derive(Debug, Clone)]
pub struct Day {
    midnight: Timestamp,
    lessons: Vec<(String, Timestamp, Timestamp)>,
}

/// The zone of a timetable that names none.
const USUAL: &str = "Asia/Shanghai";

/// The zone that days of this process are in: the usual one, or, near midnight,
/// one on the other side of the world. Lessons do not cross midnight.
fn zone_name() -> &'static str {
    static NAME: OnceLock<&str> = OnceLock::new();
    NAME.get_or_init(|| {
        let hour = Timestamp::now().to_zoned(named(USUAL)).hour();
        if (1..22).contains(&hour) { USUAL } else { "America/New_York" }
    })
}

fn named(name: &str) -> TimeZone {
    TimeZone::get(name).expect("the zone is known")
}

fn zone() -> TimeZone {
    named(zone_name())
}

impl Day {
    /// A day without lessons: today, by the box's hour.
    ///
    /// # Panics
    /// When no zone is known.
    #[must_use]
    pub fn today() -> Self {
        let begin = Timestamp::now().to_zoned(zone()).start_of_day().expect("a day begins");
        Self { midnight: begin.timestamp(), lessons: Vec::new() }
    }

    /// Adds a lesson: from a full second on, so many seconds long.
    #[must_use]
    pub fn lesson(mut self, subject: &str, begin: Timestamp, seconds: i64) -> Self {
        let end = begin + SignedDuration::from_secs(seconds);
        self.lessons.push((subject.to_owned(), begin, end));
        self
    }

    /// As a timetable in the form of our own.
    #[must_use]
    pub fn text(&self) -> String {
        let today = self.midnight.to_zoned(zone()).date();
        let monday =
            today.saturating_sub(jiff::Span::new().days(i64::from(today.weekday().to_monday_zero_offset())));
        let end = monday.saturating_add(jiff::Span::new().days(27));
        let here = zone_name();
        let mut out = format!(
            "time_zone = {here:?}\nroom = \"教室 Classroom\"\n[term]\nmonday = {monday}\nend = {end}\n"
        );
        let weekday = today.weekday().to_monday_one_offset();
        for (subject, begin, end) in &self.lessons {
            let hour = |at: &Timestamp| -> Time { at.to_zoned(zone()).time() };
            let (begin, end) = (hour(begin).strftime("%H:%M:%S"), hour(end).strftime("%H:%M:%S"));
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                "\n[[lesson]]\nweekday = {weekday}\ntime = \"{begin}-{end}\"\nsubject = {subject:?}\n"
            );
        }
        out
    }
}

/// The first full second at least so far ahead.
#[must_use]
pub fn soon(seconds: i64) -> Timestamp {
    let now = Timestamp::now().as_second() + 1 + seconds;
    Timestamp::from_second(now).expect("a time of today")
}
