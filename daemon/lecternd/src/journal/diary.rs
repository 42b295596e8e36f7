//! The journal as the account of lessons reads it.

use lectern_account::{Entry as Line, Happening};

use super::{Entry, Journal, Record, date, read};
use crate::facts::FactsError;

impl Journal {
    /// What has to do with lessons, the oldest first. What nobody ever dated
    /// has no time.
    pub(crate) fn diary(&self) -> Result<Vec<Line>, FactsError> {
        let written: Vec<Record> = read(&self.facts)?.into_iter().map(|(_, record)| record).collect();
        let mut dated = written.clone();
        date(&mut dated);
        let line = |(written, dated): (Record, Record)| {
            let at = dated.verdict.rings().then_some(dated.at);
            Some(Line { at, knew: written.verdict.rings(), what: happening(dated.entry)? })
        };
        Ok(written.into_iter().zip(dated).filter_map(line).collect())
    }
}

fn happening(entry: Entry) -> Option<Happening> {
    Some(match entry {
        Entry::Started { same_boot, clean, last_alive, boots: _ } => {
            Happening::Started { same_boot, clean, last_alive }
        }
        Entry::Stopped => Happening::Stopped,
        Entry::ClockJumped { from, to } => Happening::ClockJumped { from, to },
        Entry::ClockBelieved => Happening::ClockKnown,
        Entry::ClockDoubted { verdict } if verdict.rings() => Happening::ClockKnown,
        Entry::ClockDoubted { .. } => Happening::ClockUnknown,
        Entry::Began { cause, until } => Happening::Began { cause, until },
        Entry::Ended { cause } => Happening::Ended { cause },
        Entry::SystemClockJumped { .. } | Entry::Other => return None,
    })
}
