//! When a store may be sent to: `"12:00-13:30"`, `"18:00-06:00"`, in the local
//! time of the box. Pure.

use jiff::civil::Time;
use jiff::tz::TimeZone;

/// One stretch of every day; the end is not part of it. One that ends before it
/// begins goes on over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    from: Time,
    to: Time,
}

impl Stretch {
    /// `HH:MM-HH:MM`; `24:00` and `00:00` both end a day. Nothing when it cannot
    /// be read or is empty.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (time(from.trim())?, time(to.trim())?);
        (from != to).then_some(Self { from, to })
    }

    fn holds(self, now: Time) -> bool {
        if self.from < self.to {
            self.from <= now && now < self.to
        } else {
            now >= self.from || now < self.to
        }
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
        digits.then(|| text.parse::<i8>().ok()).flatten()
    };
    match (number(hour)?, number(minute).filter(|_| minute.len() == 2)?) {
        (24, 0) => Some(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}

/// When which lane may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hours {
    /// Empty is always.
    pub(crate) stretches: Vec<Stretch>,
    /// Whether the newest lesson is sent at any hour.
    pub(crate) fresh_outside: bool,
}

impl Default for Hours {
    fn default() -> Self {
        Self { stretches: Vec::new(), fresh_outside: true }
    }
}

impl Hours {
    /// Whether the backlog may be sent at a moment. By what the clock on the wall
    /// shows: an hour that a change of time repeats counts twice, one that it
    /// leaves out does not come.
    pub(crate) fn backlog_at(&self, now: jiff::Timestamp, zone: &TimeZone) -> bool {
        let now = zone.to_datetime(now).time();
        self.stretches.is_empty() || self.stretches.iter().any(|stretch| stretch.holds(now))
    }

    /// Whether the newest lesson may be sent at a moment.
    pub(crate) fn fresh_at(&self, now: jiff::Timestamp, zone: &TimeZone) -> bool {
        self.fresh_outside || self.backlog_at(now, zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(stretches: &[&str]) -> Hours {
        let stretches = stretches.iter().map(|text| Stretch::parse(text).unwrap()).collect();
        Hours { stretches, fresh_outside: true }
    }

    fn open(hours: &Hours, zone: &str, utc: &str) -> bool {
        hours.backlog_at(utc.parse().unwrap(), &TimeZone::get(zone).unwrap())
    }

    #[test]
    fn noon_and_night_are_open_and_lessons_are_not() {
        let hours = hours(&["12:00-13:30", "18:00-06:00"]);
        let at = |local: &str| {
            let zone = TimeZone::get("Asia/Shanghai").unwrap();
            let when: jiff::civil::DateTime = format!("2026-03-02T{local}").parse().unwrap();
            hours.backlog_at(zone.to_timestamp(when).unwrap(), &zone)
        };
        for inside in ["12:00", "13:29:59", "18:00", "23:59:59", "00:00", "05:59:59"] {
            assert!(at(inside), "{inside}");
        }
        for outside in ["06:00", "08:30", "11:59:59", "13:30", "17:59:59"] {
            assert!(!at(outside), "{outside}");
        }
    }

    #[test]
    fn the_hours_follow_the_clock_on_the_wall_when_it_changes() {
        // Berlin, 2026-03-29: at 01:00 UTC the wall goes from 02:00 to 03:00.
        let spring = hours(&["02:00-03:30"]);
        assert!(!open(&spring, "Europe/Berlin", "2026-03-29T00:59:59Z"));
        assert!(open(&spring, "Europe/Berlin", "2026-03-29T01:00:00Z"), "03:00 on the wall");
        assert!(!open(&spring, "Europe/Berlin", "2026-03-29T01:30:00Z"));
        // 2026-10-25: 02:30 comes twice.
        let autumn = hours(&["02:15-02:45"]);
        for utc in ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"] {
            assert!(open(&autumn, "Europe/Berlin", utc), "{utc}");
        }
        assert!(!open(&autumn, "Europe/Berlin", "2026-10-25T01:00:00Z"));
    }

    #[test]
    fn without_hours_every_hour_is_one() {
        assert!(open(&Hours::default(), "Asia/Shanghai", "2026-03-02T02:00:00Z"));
        let bound = Hours { fresh_outside: false, ..hours(&["18:00-06:00"]) };
        let (zone, noon) = (TimeZone::get("Asia/Shanghai").unwrap(), "2026-03-02T04:00:00Z".parse().unwrap());
        assert!(!bound.fresh_at(noon, &zone));
        assert!(hours(&["18:00-06:00"]).fresh_at(noon, &zone));
    }

    #[test]
    fn only_real_times_make_a_stretch() {
        for bad in
            ["", "12:00", "12:00-12:00", "25:00-26:00", "12:5-13:00", "a-b", "12:60-13:00", "-1:00-2:00"]
        {
            assert_eq!(Stretch::parse(bad), None, "{bad}");
        }
        assert!(Stretch::parse("18:00 - 24:00").unwrap().holds(jiff::civil::time(23, 59, 0, 0)));
        assert!(!Stretch::parse("18:00-24:00").unwrap().holds(Time::midnight()));
        assert!(Stretch::parse("6:00-7:00").is_some());
    }
}
