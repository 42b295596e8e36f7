//! Commands that take minutes and change nothing: whoever ends a lesson or
//! closes the shutter does not wait for them.

use std::collections::VecDeque;

use jiff::Timestamp;
use lectern_api::command::Refusal;
use lectern_api::mqtt::Topic;

use super::{Action, Carried, Outcome};

/// More of them are refused: a platform that asks for so much does not read it.
const MOST: usize = 4;

/// Those that were accepted, one after the other.
#[derive(Default)]
pub(super) struct Slow {
    accepted: VecDeque<(Topic, Timestamp, Carried)>,
}

impl Slow {
    /// Whether an action belongs here.
    pub(super) fn takes(action: &Action) -> bool {
        matches!(action, Action::Doctor | Action::Bundle(_))
    }

    pub(super) fn is_full(&self) -> bool {
        self.accepted.len() >= MOST
    }

    pub(super) fn is_empty(&self) -> bool {
        self.accepted.is_empty()
    }

    /// Whether a command waits here, or is under way.
    pub(super) fn has(&self, topic: &Topic) -> bool {
        self.accepted.iter().any(|(accepted, ..)| accepted == topic)
    }

    /// Takes one; it begins when those before it have ended.
    pub(super) fn push(&mut self, topic: Topic, valid_until: Timestamp, carried: Carried) {
        self.accepted.push_back((topic, valid_until, carried));
    }

    /// The next one that ends; never, while there is none. May be dropped and
    /// called again.
    pub(super) async fn ended(&mut self) -> (Topic, Timestamp, Result<Outcome, Refusal>) {
        let Some((_, _, carried)) = self.accepted.front_mut() else { return std::future::pending().await };
        let result = carried.await;
        match self.accepted.pop_front() {
            Some((topic, valid_until, _)) => (topic, valid_until, result),
            None => std::future::pending().await,
        }
    }
}
