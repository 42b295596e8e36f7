//! When numbers are told: once something has left its dead band, but not more
//! often than its pace allows, and once an hour whatever happens. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

/// Who comes to the broker has numbers within an hour.
const AT_LEAST_EACH: Duration = Duration::from_secs(3600);

/// How far a number may go before it is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Band {
    /// In the number's own unit.
    pub(super) by: f64,
    /// Of what was told last, in percent; the wider of the two counts.
    pub(super) percent: f64,
}

impl Band {
    pub(super) const fn by(by: f64) -> Self {
        Self { by, percent: 0.0 }
    }

    pub(super) const fn or_percent(self, percent: f64) -> Self {
        Self { percent, ..self }
    }

    fn left(self, told: f64, now: f64) -> bool {
        (now - told).abs() >= self.by.max(told.abs() * self.percent / 100.0)
    }
}

/// One number of a series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    /// The group it stands in, if any.
    pub(super) group: Option<&'static str>,
    /// Its name, or within its group.
    pub(super) name: String,
    pub(super) value: f64,
}

/// What was told last of one series.
#[derive(Debug)]
pub(super) struct Told {
    at: Duration,
    numbers: Vec<Number>,
}

impl Told {
    pub(super) fn new(at: Duration, numbers: Vec<Number>) -> Self {
        Self { at, numbers }
    }

    /// Whether `numbers` are worth telling now.
    pub(super) fn is_outdated(
        &self,
        numbers: &[Number],
        bands: impl Fn(&Number) -> Band,
        pace: Duration,
        now: Duration,
    ) -> bool {
        let passed = now.saturating_sub(self.at);
        if passed < pace {
            return false;
        }
        if passed >= AT_LEAST_EACH || numbers.len() != self.numbers.len() {
            return true;
        }
        let told: BTreeMap<_, _> =
            self.numbers.iter().map(|number| ((number.group, &number.name), number.value)).collect();
        numbers.iter().any(|number| {
            told.get(&(number.group, &number.name)).is_none_or(|told| bands(number).left(*told, number.value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Duration = Duration::from_secs(60);

    fn numbers(value: f64) -> Vec<Number> {
        vec![Number { group: None, name: "x".to_owned(), value }]
    }

    fn is_outdated(band: Band, told: f64, now: f64, second: u64) -> bool {
        let told = Told::new(Duration::ZERO, numbers(told));
        told.is_outdated(&numbers(now), |_| band, PACE, Duration::from_secs(second))
    }

    #[test]
    fn what_stays_in_its_band_is_told_once_an_hour() {
        assert!(!is_outdated(Band::by(2.0), 50.0, 51.9, 3599));
        assert!(is_outdated(Band::by(2.0), 50.0, 50.0, 3600));
    }

    #[test]
    fn what_leaves_its_band_is_told_but_not_faster_than_its_pace() {
        assert!(!is_outdated(Band::by(2.0), 50.0, 90.0, 59));
        assert!(is_outdated(Band::by(2.0), 50.0, 52.0, 60));
        assert!(is_outdated(Band::by(2.0), 50.0, 48.0, 60));
    }

    #[test]
    fn a_band_of_percent_is_as_wide_as_the_number_is_high() {
        let band = Band::by(50.0).or_percent(10.0);
        assert!(!is_outdated(band, 2000.0, 2199.0, 60) && is_outdated(band, 2000.0, 2200.0, 60));
        assert!(!is_outdated(band, 0.0, 49.0, 60) && is_outdated(band, 0.0, 50.0, 60));
    }

    #[test]
    fn a_number_that_comes_or_goes_is_worth_telling() {
        let told = Told::new(Duration::ZERO, numbers(1.0));
        let other = vec![Number { group: Some("x"), name: "x".to_owned(), value: 1.0 }];
        for numbers in [vec![], other] {
            assert!(told.is_outdated(&numbers, |_| Band::by(9.0), PACE, PACE));
        }
    }
}
