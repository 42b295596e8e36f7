//! In which weeks of the term a lesson is.

use std::collections::BTreeSet;
use std::fmt;

use lectern_api::{Text, messages::timetable as words};

use crate::MAX_WEEKS;
use crate::hours::plain;

/// Weeks count from 1, the week of the term's first Monday.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Weeks {
    /// Every week.
    #[default]
    Every,
    /// 1, 3, 5 …
    Odd,
    /// 2, 4, 6 …
    Even,
    /// These, at least one.
    Listed(BTreeSet<u8>),
}

impl Weeks {
    /// Whether a week is one of them.
    #[must_use]
    pub fn contains(&self, week: u8) -> bool {
        match self {
            Self::Every => true,
            Self::Odd => !week.is_multiple_of(2),
            Self::Even => week.is_multiple_of(2),
            Self::Listed(weeks) => weeks.contains(&week),
        }
    }

    /// The shortest way to say which of `1..=last` are meant.
    #[must_use]
    pub fn of(weeks: &BTreeSet<u8>, last: u8) -> Self {
        let same = |named: Self| {
            (1..=last).all(|week| named.contains(week) == weeks.contains(&week)).then_some(named)
        };
        // In a term of one or two weeks the list says it best.
        let named = if last > 2 {
            [Self::Every, Self::Odd, Self::Even].into_iter().find_map(same)
        } else {
            same(Self::Every)
        };
        named.unwrap_or_else(|| Self::Listed(weeks.clone()))
    }

    /// Reads `every`, `odd`, `even`, `1-8,10`, and what schools write:
    /// `单周`, `1-16双`, `第1-8周,10-16周(单)`.
    ///
    /// 单 and 双 belong to the range they follow; behind a single week, which
    /// is odd or even by itself, they belong to the whole list: `1-8,10单` is
    /// 1, 3, 5, 7.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut plain = plain(text).to_lowercase();
        plain.retain(|c| !matches!(c, '第' | '周' | '(' | ')' | '[' | ']'));
        match plain.as_str() {
            "every" | "all" | "全" | "每" | "全部" => return Some(Self::Every),
            "odd" | "单" => return Some(Self::Odd),
            "even" | "双" => return Some(Self::Even),
            _ => {}
        }
        let segments: Vec<&str> = plain.split(',').filter(|segment| !segment.is_empty()).collect();
        let mut weeks = BTreeSet::new();
        let mut of_all = None;
        for (i, segment) in segments.iter().enumerate() {
            let parity = segment.chars().find_map(|c| match c {
                '单' => Some(Self::Odd),
                '双' => Some(Self::Even),
                _ => None,
            });
            let range = segment.trim_matches(['单', '双']);
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last): (u8, u8) = (first.parse().ok()?, last.parse().ok()?);
            if first == 0 || first > last || last > MAX_WEEKS {
                return None;
            }
            let single_at_end = first == last && i + 1 == segments.len();
            match parity {
                Some(parity) if single_at_end => {
                    weeks.insert(first);
                    of_all = Some(parity);
                }
                Some(parity) => weeks.extend((first..=last).filter(|week| parity.contains(*week))),
                None => weeks.extend(first..=last),
            }
        }
        weeks.retain(|week| of_all.as_ref().is_none_or(|parity| parity.contains(*week)));
        (!weeks.is_empty()).then_some(Self::Listed(weeks))
    }

    /// As a person says it.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Every => words::weeks_every(),
            Self::Odd => words::weeks_odd(),
            Self::Even => words::weeks_even(),
            Self::Listed(_) => words::weeks_listed(self),
        }
    }
}

impl fmt::Display for Weeks {
    /// As the own form writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Listed(weeks) = self else {
            return f.write_str(match self {
                Self::Odd => "odd",
                Self::Even => "even",
                _ => "every",
            });
        };
        let mut runs: Vec<(u8, u8)> = Vec::new();
        for &week in weeks {
            match runs.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(week) => *last = week,
                _ => runs.push((week, week)),
            }
        }
        for (i, (first, last)) in runs.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            if first == last { write!(f, "{comma}{first}")? } else { write!(f, "{comma}{first}-{last}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_read_as_schools_write_them() {
        let cases = [
            ("每周", "every"),
            ("单周", "odd"),
            ("双", "even"),
            ("1-16", "1-16"),
            ("1-8,10单", "1,3,5,7"),
            ("1-8、10双周", "2,4,6,8,10"),
            ("1-7单", "1,3,5,7"),
            ("第1-8周，10-16周（双）", "1-8,10,12,14,16"),
            ("１—３周", "1-3"),
            ("2,4, 5", "2,4-5"),
        ];
        for (text, written) in cases {
            assert_eq!(Weeks::parse(text).map(|w| w.to_string()).as_deref(), Some(written), "{text}");
        }
        for bad in ["", "0-3", "8-1", "1-300", "abc", "1-", "单,双", "2单"] {
            assert_eq!(Weeks::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_shortest_name_is_found() {
        let odd: BTreeSet<u8> = (1..=19).step_by(2).collect();
        assert_eq!(Weeks::of(&odd, 20), Weeks::Odd);
        assert_eq!(Weeks::of(&(1..=20).collect(), 20), Weeks::Every);
        assert_eq!(Weeks::of(&(1..=19).collect(), 20).to_string(), "1-19");
    }
}
