//! The robot at work: looks at what is wrong, writes what is due, sends it, and
//! remembers what is out.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lectern_api::fault::{Fault, Severity};
use lectern_api::messages::robot as words;
use lectern_api::status::RobotStatus;
use lectern_api::{Clock, Language, Text};
use tokio::sync::watch;

use super::plan::{self, Memory, Message, Watch};
use super::sender::Address;
use super::vendor::MOST_BYTES;
use crate::backoff::Backoff;
use crate::facts::{BOX, Facts, FactsError};
use crate::off_thread::OffThread as _;

/// Where it remembers.
const KEY: &str = "robot";
const LOOK: Duration = Duration::from_secs(10);
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(30), Duration::from_secs(1800));

/// The unit.
#[derive(Clone)]
pub(crate) struct Robot {
    pub(crate) address: Address,
    /// What is wrong; nothing before the first look.
    pub(crate) faults: watch::Receiver<Option<Vec<Fault>>>,
    /// What came of telling the group.
    pub(crate) state: watch::Sender<RobotStatus>,
    pub(crate) facts: Arc<Facts>,
    /// How the box is called in the group.
    pub(crate) named: String,
    pub(crate) language: Language,
    pub(crate) time_zone: TimeZone,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Robot {
    /// Runs until the daemon ends.
    pub(crate) async fn run(self) -> Result<(), FactsError> {
        let mut memory = self.recall().await?;
        let (mut watch, mut failures) = (Watch::default(), 0_u32);
        self.state.send_modify(|state| state.told_at = memory.last());
        loop {
            tokio::time::sleep(LOOK).await;
            // Without the time the group would be told of the wrong day.
            let Some(faults) = self.faults.borrow().clone().filter(|_| self.clock.trust().verdict.rings())
            else {
                continue;
            };
            let now = self.clock.utc();
            let today = now.to_zoned(self.time_zone.clone()).date();
            let Some(message) = plan::due(&memory, &mut watch, &faults, now, today) else { continue };
            let kind = self.address.kind.word();
            match self.address.send(&self.text(&message), now).await {
                Ok(()) => {
                    let (begun, over) = (message.begun.len(), message.over.len());
                    tracing::info!(kind, begun, over, "the group was told");
                    failures = 0;
                    memory = message.after;
                    self.state.send_modify(|state| {
                        (state.told_at, state.failures, state.cause) = (Some(now), 0, None);
                    });
                    self.remember(memory.clone()).await?;
                }
                Err(error) => {
                    tracing::warn!(kind, %error, failures, "the group cannot be told; it is tried again");
                    self.state.send_modify(|state| {
                        (state.failed_at, state.cause) = (Some(now), Some(error.to_string()));
                        state.failures = failures.saturating_add(1);
                    });
                    let chance = getrandom::u32().unwrap_or(u32::MAX / 2);
                    tokio::time::sleep(BACKOFF.pause_about(failures, chance)).await;
                    failures = failures.saturating_add(1);
                }
            }
        }
    }

    async fn recall(&self) -> Result<Memory, FactsError> {
        match self.facts.off_thread(|facts| facts.get(BOX, KEY)).await {
            Ok(memory) => Ok(memory.unwrap_or_default()),
            Err(error @ FactsError::Unreadable { .. }) => {
                tracing::warn!(%error, "what the group was told is forgotten");
                Ok(Memory::default())
            }
            Err(error) => Err(error),
        }
    }

    async fn remember(&self, memory: Memory) -> Result<(), FactsError> {
        self.facts.off_thread(move |facts| facts.put(BOX, KEY, &memory)).await
    }

    /// The message as the group reads it, as long as every vendor takes.
    fn text(&self, message: &Message) -> String {
        let time = |at: Timestamp| at.to_zoned(self.time_zone.clone()).strftime("%m-%d %H:%M").to_string();
        let mut lines = Vec::new();
        for fault in &message.begun {
            let Fault { since, text, hint, .. } = fault;
            lines.push(self.word(words::begun(severity(fault.severity, self.language), time(*since))));
            lines.push(self.word(text.clone()));
            lines.push(self.word(words::hint(hint.in_language(self.language))));
        }
        for (since, text) in &message.over {
            lines.push(self.word(words::over(time(*since), text.in_language(self.language))));
        }
        let last = message.is_last.then(|| self.word(words::last()));
        fitted(self.word(words::head(&self.named)), lines, last, &self.word(words::more()))
    }

    fn word(&self, text: Text) -> String {
        text.in_language(self.language).to_owned()
    }
}

fn severity(severity: Severity, language: Language) -> String {
    let word = match severity {
        Severity::Critical => words::critical(),
        Severity::Major => words::major(),
        Severity::Minor | Severity::Warning => words::minor(),
    };
    word.in_language(language).to_owned()
}

/// The head, as many lines as fit, what says that there is more, the end.
fn fitted(head: String, lines: Vec<String>, last: Option<String>, more: &str) -> String {
    let reserved = more.len() + last.as_ref().map_or(0, String::len) + 2;
    let mut text = head;
    let mut is_cut = false;
    for line in lines {
        if text.len() + 1 + line.len() + reserved > MOST_BYTES {
            is_cut = true;
            break;
        }
        text.push('\n');
        text.push_str(&line);
    }
    for line in is_cut.then(|| more.to_owned()).into_iter().chain(last) {
        text.push('\n');
        text.push_str(&line);
    }
    text
}

#[cfg(test)]
mod tests;
