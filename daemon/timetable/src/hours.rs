//! Hours of a day, and the slot of a lesson: numbered periods or hours.

use std::fmt;

use jiff::civil::Time;
use lectern_api::{Text, messages::timetable as words};
use serde::{Deserialize, Serialize};

use crate::MAX_PERIOD;

/// From when to when on one day, local time, the end exclusive. Serialised as
/// it is shown: `08:20-09:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    begin: Time,
    end: Time,
}

impl Hours {
    /// `None` unless the end is after the beginning: no lesson crosses midnight.
    #[must_use]
    pub fn new(begin: Time, end: Time) -> Option<Self> {
        (begin < end).then_some(Self { begin, end })
    }

    /// Reads `08:20-09:00`; the dash may be any, full-width digits too.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = plain(text);
        let (begin, end) = plain.split_once('-')?;
        Self::new(parse_time(begin)?, parse_time(end)?)
    }

    /// When it begins.
    #[must_use]
    pub fn begin(&self) -> Time {
        self.begin
    }

    /// When it has ended.
    #[must_use]
    pub fn end(&self) -> Time {
        self.end
    }

    /// Whether some moment is in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.begin < other.end && other.begin < self.end
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { begin, end } = self;
        let seconds = begin.second() != 0 || end.second() != 0;
        let format = if seconds { "%H:%M:%S" } else { "%H:%M" };
        write!(f, "{}-{}", begin.strftime(format), end.strftime(format))
    }
}

/// Not the hours or the slot of a lesson.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither hours (08:20-09:00) nor a period (3, 3-4)")]
pub struct NotHours(String);

impl TryFrom<String> for Hours {
    type Error = NotHours;

    fn try_from(text: String) -> Result<Self, NotHours> {
        Self::parse(&text).ok_or(NotHours(text))
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> String {
        hours.to_string()
    }
}

/// Reads `8:20`, `08:20` or `08:20:00`.
#[must_use]
pub fn parse_time(text: &str) -> Option<Time> {
    let plain = plain(text);
    let mut parts = plain.split(':').map(|part| part.trim().parse::<i8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

/// Full-width digits, dashes, commas and brackets as ASCII, without white space.
pub(crate) fn plain(text: &str) -> String {
    let ascii = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '：' => ':',
        '，' | '、' | '；' | ';' => ',',
        '（' => '(',
        '）' => ')',
        '–' | '—' | '－' | '~' | '～' | '至' | '到' | '−' | '‐' => '-',
        other => other,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(ascii).collect()
}

/// When a lesson is, on its day. Serialised as the form writes it: `3`, `3-4`,
/// `08:20-09:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Slot {
    /// From the beginning of the first to the end of the last period.
    Periods {
        /// The first period.
        first: u8,
        /// The last period, not before the first.
        last: u8,
    },
    /// Hours that no bell rings for.
    Hours(Hours),
}

impl Slot {
    /// One period.
    #[must_use]
    pub fn period(number: u8) -> Self {
        Self::Periods { first: number, last: number }
    }

    /// Reads `3`, `3-4`, `第3节`, `第三、四节`, `5-6节`.
    #[must_use]
    pub fn parse_periods(text: &str) -> Option<Self> {
        let mut plain = plain(text);
        plain.retain(|c| !matches!(c, '第' | '节' | '課' | '课'));
        let (first, last) = plain.split_once(['-', ',']).unwrap_or((&plain, &plain));
        let last = last.rsplit([',', '-']).next().unwrap_or(last);
        let (first, last) = (period_number(first)?, period_number(last)?);
        (first <= last && last <= MAX_PERIOD).then_some(Self::Periods { first, last })
    }

    /// Whether the two can be the same lesson of a day: they share a period or
    /// are the same hours.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Periods { first: a, last: b }, Self::Periods { first: c, last: d }) => a <= d && c <= b,
            (Self::Hours(one), Self::Hours(other)) => one.overlaps(other),
            _ => false,
        }
    }

    /// How many periods it takes; 1 for hours.
    #[must_use]
    pub fn length(&self) -> u8 {
        match self {
            Self::Periods { first, last } => last - first + 1,
            Self::Hours(_) => 1,
        }
    }

    /// As it stands in an id: `p03`, `p03-04`, `t0820`, `t082030`.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Periods { first, last } if first == last => format!("p{first:02}"),
            Self::Periods { first, last } => format!("p{first:02}-{last:02}"),
            Self::Hours(hours) if hours.begin.second() != 0 => format!("t{}", hours.begin.strftime("%H%M%S")),
            Self::Hours(hours) => format!("t{}", hours.begin.strftime("%H%M")),
        }
    }

    /// As a person says it.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Periods { first, last } if first == last => words::period(first),
            Self::Periods { first, last } => words::periods(first, last),
            Self::Hours(hours) => Text { en: hours.to_string(), zh: hours.to_string() },
        }
    }
}

/// As the form writes it: `3`, `3-4`, `08:20-09:00`.
impl std::fmt::Display for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Periods { first, last } if first == last => write!(f, "{first}"),
            Self::Periods { first, last } => write!(f, "{first}-{last}"),
            Self::Hours(hours) => hours.fmt(f),
        }
    }
}

impl TryFrom<String> for Slot {
    type Error = NotHours;

    fn try_from(text: String) -> Result<Self, NotHours> {
        Self::parse_periods(&text).map_or_else(|| Hours::try_from(text).map(Self::Hours), Ok)
    }
}

impl From<Slot> for String {
    fn from(slot: Slot) -> String {
        slot.to_string()
    }
}

/// `3`, `三`, `十二`.
pub(crate) fn period_number(text: &str) -> Option<u8> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let digit =
        |c: char| "零一二三四五六七八九".chars().position(|d| d == c).and_then(|n| u8::try_from(n).ok());
    let mut chars = text.chars();
    match (chars.next()?, chars.next(), chars.next()) {
        ('十', None, _) => Some(10),
        ('十', Some(unit), None) => Some(10 + digit(unit)?),
        (single, None, _) => digit(single),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        for text in ["08:20-09:00", "8:20～9:00", "０８：２０—０９：００", "8:20 - 9:00"] {
            assert_eq!(Hours::parse(text).map(|h| h.to_string()).as_deref(), Some("08:20-09:00"), "{text}");
        }
        for bad in
            ["", "8:20", "9:00-8:20", "8:20-8:20", "25:00-26:00", "8:61-9:00", "a-b", "8:20:00:00-9:00"]
        {
            assert_eq!(Hours::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_kept_of_a_slot_is_read_back() {
        let hours = |text| Hours::parse(text).unwrap();
        for slot in [
            Slot::period(3),
            Slot::Periods { first: 3, last: 4 },
            Slot::Hours(hours("08:20-09:00")),
            Slot::Hours(hours("08:20:30-09:00:05")),
        ] {
            let kept = serde_json::to_string(&slot).unwrap();
            assert_eq!(serde_json::from_str::<Slot>(&kept).unwrap(), slot, "{kept}");
        }
        assert!(serde_json::from_str::<Slot>("\"午休\"").is_err());
        assert!(serde_json::from_str::<Hours>("\"3\"").is_err());
    }

    #[test]
    fn periods_are_read_as_people_write_them() {
        let cases = [
            ("3", 3, 3),
            ("第三节", 3, 3),
            ("3-4节", 3, 4),
            ("第五、六节", 5, 6),
            ("1,2,3", 1, 3),
            ("十二", 12, 12),
        ];
        for (text, first, last) in cases {
            assert_eq!(Slot::parse_periods(text), Some(Slot::Periods { first, last }), "{text}");
        }
        for bad in ["", "午休", "4-3", "99", "第节"] {
            assert_eq!(Slot::parse_periods(bad), None, "{bad}");
        }
    }
}
