//! The accounts on the disk. A key is the begin and the id of the lesson, so
//! that they lie by time and settling one twice changes nothing.

use std::sync::Arc;

use jiff::Timestamp;
use lectern_account::Span;
use lectern_api::account::{Account, PlannedLesson};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::facts::{ACCOUNTS, Facts, FactsError};

/// How far the accounts go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reach {
    /// When the box first had a timetable and knew the time: it owes no lesson
    /// that began before.
    pub(crate) since: Timestamp,
    /// Every lesson that ended until then has its account.
    pub(crate) settled_until: Timestamp,
    /// Power cuts until then were taken note of.
    #[serde(default)]
    pub(crate) noted_until: Option<Timestamp>,
}

impl Reach {
    /// Nothing is owed from before.
    pub(super) fn begun(now: Timestamp) -> Self {
        Self { since: now, settled_until: now, noted_until: None }
    }
}

/// The accounts on the disk. Every call blocks.
#[derive(Debug)]
pub(super) struct Ledger {
    facts: Arc<Facts>,
}

const REACH: &str = "reach";
const LIVE: &str = "live";
const LESSON: &str = "lesson/";

impl Ledger {
    pub(super) fn new(facts: Arc<Facts>) -> Self {
        Self { facts }
    }

    pub(super) fn reach(&self) -> Result<Option<Reach>, FactsError> {
        self.facts.get(ACCOUNTS, REACH)
    }

    pub(super) fn put_reach(&self, reach: &Reach) -> Result<(), FactsError> {
        self.facts.put(ACCOUNTS, REACH, reach)
    }

    pub(super) fn live(&self) -> Result<Vec<(Timestamp, Timestamp)>, FactsError> {
        Ok(self.facts.get(ACCOUNTS, LIVE)?.unwrap_or_default())
    }

    pub(super) fn put_live(&self, live: &[(Timestamp, Timestamp)]) -> Result<(), FactsError> {
        self.facts.put(ACCOUNTS, LIVE, &live)
    }

    pub(super) fn get(&self, lesson: &PlannedLesson) -> Result<Option<Account>, FactsError> {
        self.facts.get(ACCOUNTS, &key(lesson))
    }

    pub(super) fn put(&self, account: &Account) -> Result<(), FactsError> {
        self.facts.put(ACCOUNTS, &key(&account.lesson), account)
    }

    /// Those of lessons that begin in a stretch, by time.
    pub(super) fn scan(&self, during: Option<Span>) -> Result<Vec<Account>, FactsError> {
        let from = during.map_or_else(String::new, |during| moment(during.from));
        let found = self.facts.scan::<Value>(ACCOUNTS, LESSON, &format!("{LESSON}{from}"), usize::MAX)?;
        let accounts = found.into_iter().filter_map(|(key, account)| {
            let read = serde_json::from_value::<Account>(account);
            read.inspect_err(|error| tracing::warn!(key, %error, "an account cannot be read")).ok()
        });
        Ok(accounts.take_while(|account| during.is_none_or(|d| account.lesson.begin < d.until)).collect())
    }
}

fn key(lesson: &PlannedLesson) -> String {
    format!("{LESSON}{}/{}", moment(lesson.begin), lesson.id)
}

/// Sorts by time.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
