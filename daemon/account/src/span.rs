//! Stretches of time, and sets of them.

use jiff::{SignedDuration, Timestamp};

/// From one moment to a later one, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

impl Span {
    /// `None` unless it has a length.
    #[must_use]
    pub fn new(from: Timestamp, until: Timestamp) -> Option<Self> {
        (from < until).then_some(Self { from, until })
    }

    /// What lies in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.until.min(other.until))
    }

    /// Whether all of the other lies in it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.from <= other.from && other.until <= self.until
    }

    /// Its length.
    #[must_use]
    pub fn length(&self) -> SignedDuration {
        self.until.duration_since(self.from)
    }
}

/// A set of moments: stretches in order, that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans(Vec<Span>);

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut all: Vec<Span> = spans.into_iter().filter(|span| span.from < span.until).collect();
        all.sort_unstable();
        let mut out: Vec<Span> = Vec::with_capacity(all.len());
        for span in all {
            match out.last_mut() {
                Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
                _ => out.push(span),
            }
        }
        Self(out)
    }
}

impl From<Span> for Spans {
    fn from(span: Span) -> Self {
        Self::from_iter([span])
    }
}

impl Spans {
    /// The stretches, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Span> {
        self.0.iter()
    }

    /// Whether no moment is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The moments that lie in both.
    #[must_use]
    pub fn within(&self, span: &Span) -> Self {
        Self(self.0.iter().filter_map(|own| own.and(span)).collect())
    }

    /// The moments that are not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut out = Vec::new();
        let mut cuts = other.0.iter().peekable();
        for span in &self.0 {
            let mut from = span.from;
            while cuts.next_if(|cut| cut.until <= from).is_some() {}
            // A cut may reach into the next stretch, so it is not taken off.
            for cut in cuts.clone().take_while(|cut| cut.from < span.until) {
                out.extend(Span::new(from, cut.from));
                from = from.max(cut.until);
            }
            out.extend(Span::new(from, span.until));
        }
        Self(out)
    }

    /// The moments that are in either.
    #[must_use]
    pub fn and_also(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect()
    }

    /// How long all of it is.
    #[must_use]
    pub fn length(&self) -> SignedDuration {
        self.0.iter().map(Span::length).sum()
    }

    /// Whether a stretch overlaps any of it.
    #[must_use]
    pub fn touches(&self, span: &Span) -> bool {
        self.0.iter().any(|own| own.and(span).is_some())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn spans() -> impl Strategy<Value = Spans> {
        let one = (0_i64..60, 1_i64..20);
        proptest::collection::vec(one, 0..8).prop_map(|all| {
            all.into_iter().filter_map(|(from, long)| Span::new(at(from), at(from + long))).collect()
        })
    }

    fn holds(spans: &Spans, moment: Timestamp) -> bool {
        spans.iter().any(|span| span.from <= moment && moment < span.until)
    }

    proptest! {
        #[test]
        fn sets_agree_with_their_moments(one in spans(), other in spans(), from in 0_i64..60, long in 1_i64..30) {
            let window = Span::new(at(from), at(from + long)).unwrap();
            let (minus, both, within) = (one.minus(&other), one.and_also(&other), one.within(&window));
            for second in 0..90 {
                let (a, b) = (holds(&one, at(second)), holds(&other, at(second)));
                prop_assert_eq!(holds(&minus, at(second)), a && !b);
                prop_assert_eq!(holds(&both, at(second)), a || b);
                prop_assert_eq!(holds(&within, at(second)), a && (from..from + long).contains(&second));
            }
            for set in [&minus, &both, &within] {
                let all: Vec<_> = set.iter().collect();
                prop_assert!(all.windows(2).all(|pair| pair[0].until < pair[1].from), "{set:?}");
            }
        }
    }
}
