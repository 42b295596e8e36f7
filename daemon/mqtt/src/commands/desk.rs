//! The unit that takes commands, has them carried out and answers.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use lectern_api::Clock;
use lectern_api::command::Refusal;
use lectern_api::messages::mqtt as words;
use lectern_api::mqtt::{Answer, Channel, CommandState, Topic};
use tokio::sync::mpsc;

use super::judge::{Verdict, judge};
use super::slow::Slow;
use super::{Executor, LONGEST, Noted, Outcome};
use crate::client::Wanted;
use crate::outbox::{Outbox, OutboxError};

/// Takes commands one after the other; those that take minutes beside the others.
pub struct Desk {
    /// Commands, as they come.
    pub wanted: mpsc::Receiver<Wanted>,
    /// How far they are.
    pub answers: mpsc::Sender<(Topic, Answer)>,
    /// Kinds that are allowed.
    pub allowed: BTreeSet<String>,
    /// Where they are noted.
    pub outbox: Arc<Mutex<Outbox>>,
    /// Who carries them out.
    pub executor: Arc<dyn Executor>,
    /// What time it is, and whether anybody knows.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

impl Desk {
    /// Takes commands until none can come any more. First those are answered
    /// that the daemon's end cut off.
    pub async fn run(&mut self) {
        for (topic, noted) in self.ask(|outbox| Ok(outbox.unanswered())).await.unwrap_or_default() {
            let answer = self.after_restart(&topic);
            tracing::info!(%topic, status = ?answer.status, "a command of before the restart is answered");
            self.finish(topic, noted.valid_until, answer).await;
        }
        let (mut slow, mut may_come) = (Slow::default(), true);
        while may_come || !slow.is_empty() {
            tokio::select! {
                wanted = self.wanted.recv(), if may_come => match wanted {
                    Some(wanted) => self.take(wanted, &mut slow).await,
                    None => may_come = false,
                },
                (topic, until, result) = slow.ended() => self.end(topic, until, result).await,
            }
        }
    }

    async fn take(&mut self, wanted: Wanted, slow: &mut Slow) {
        if slow.has(&wanted.topic) {
            return;
        }
        let now = self.clock.trust().verdict.rings().then(|| self.clock.utc());
        let topic = wanted.topic.clone();
        let known = self.ask(move |outbox| Ok(outbox.noted(&topic).cloned())).await.flatten();
        match judge(&wanted, now, &self.allowed, known.as_ref()) {
            Verdict::Ignore => {}
            Verdict::Repeat(answer) => self.answer(wanted.topic, answer).await,
            Verdict::Refuse(refusal) => {
                tracing::warn!(topic = %wanted.topic, code = refusal.code, "a command is refused");
                let answer = self.failed(refusal);
                self.answer(wanted.topic, answer).await;
            }
            Verdict::Begun => {
                let until = known.map_or_else(|| self.clock.utc(), |noted| noted.valid_until);
                let answer = self.after_restart(&wanted.topic);
                self.finish(wanted.topic, until, answer).await;
            }
            Verdict::Accept { action, .. } if Slow::takes(&action) && slow.is_full() => {
                let answer = self.failed(Refusal::new("busy", words::command_busy()));
                self.answer(wanted.topic, answer).await;
            }
            Verdict::Accept { action, valid_until } => {
                // Noted first: after a crash in the middle it is not begun again.
                if !self.note(wanted.topic.clone(), Noted { valid_until, answer: None }).await {
                    let answer = self.failed(Refusal::new("disk", words::command_not_noted()));
                    return self.answer(wanted.topic, answer).await;
                }
                tracing::info!(topic = %wanted.topic, "a command is carried out");
                self.answer(wanted.topic.clone(), self.word(CommandState::Executing)).await;
                let is_slow = Slow::takes(&action);
                let carried = self.executor.carry_out(action);
                if is_slow {
                    slow.push(wanted.topic, valid_until, carried);
                } else {
                    self.end(wanted.topic, valid_until, carried.await).await;
                }
            }
        }
    }

    async fn end(&self, topic: Topic, valid_until: Timestamp, result: Result<Outcome, Refusal>) {
        let answer = match result {
            Ok(Outcome { lesson, result }) => {
                Answer { lesson, result, ..self.word(CommandState::Successful) }
            }
            Err(refusal) => self.failed(refusal),
        };
        self.finish(topic, valid_until, answer).await;
    }

    /// A restart that was asked for ends what carried it out; that it came back
    /// is its success.
    fn after_restart(&self, topic: &Topic) -> Answer {
        let restarts = ["restart", "reboot"];
        match &topic.channel {
            Channel::Command { kind, .. } if restarts.contains(&kind.as_str()) => {
                self.word(CommandState::Successful)
            }
            _ => self.failed(Refusal::new("interrupted", words::command_interrupted())),
        }
    }

    async fn finish(&self, topic: Topic, valid_until: Timestamp, answer: Answer) {
        let noted = Noted { valid_until, answer: Some(answer.clone()) };
        if !self.note(topic.clone(), noted).await {
            tracing::error!(%topic, "the end of a command is not on the disk");
        }
        self.answer(topic, answer).await;
    }

    fn word(&self, status: CommandState) -> Answer {
        Answer {
            status,
            time: self.clock.utc(),
            reason: None,
            reason_zh: None,
            code: None,
            lesson: None,
            result: Default::default(),
        }
    }

    fn failed(&self, refusal: Refusal) -> Answer {
        Answer {
            reason: Some(refusal.text.en),
            reason_zh: Some(refusal.text.zh),
            code: Some(refusal.code),
            ..self.word(CommandState::Failed)
        }
    }

    async fn answer(&self, topic: Topic, answer: Answer) {
        if self.answers.send((topic, answer)).await.is_err() {
            tracing::error!("nobody takes answers to commands");
        }
    }

    async fn note(&self, topic: Topic, noted: Noted) -> bool {
        let now = self.clock.utc();
        self.ask(move |outbox| outbox.note_command(&topic, noted, now - LONGEST)).await.is_some()
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Outbox) -> Result<T, OutboxError> + Send + 'static,
    ) -> Option<T> {
        let outbox = Arc::clone(&self.outbox);
        let work = move || work(&mut outbox.lock().unwrap_or_else(PoisonError::into_inner));
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(done)) => Some(done),
            Ok(Err(error)) => {
                tracing::error!(%error, "commands cannot be noted");
                None
            }
            Err(error) => {
                tracing::error!(%error, "the outbox broke down");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, Carried, KINDS};
    use super::*;
    use crate::outbox::Limits;
    use lectern_api::{Name, TimeSource, Trust, Verdict as Known};
    use std::sync::atomic::{AtomicU32, Ordering};

    #[derive(Debug)]
    struct Noon;

    impl Clock for Noon {
        fn utc(&self) -> Timestamp {
            "2026-03-02T12:00:00Z".parse().unwrap()
        }
        fn monotonic(&self) -> std::time::Duration {
            std::time::Duration::ZERO
        }
        fn trust(&self) -> Trust {
            Trust { source: TimeSource::Ntp, verdict: Known::Believed, uncertainty: None }
        }
    }

    /// Counts; an action that never ends is one that the power cut.
    struct Counting(AtomicU32, bool);

    impl Executor for Counting {
        fn carry_out(&self, _: Action) -> Carried {
            self.0.fetch_add(1, Ordering::SeqCst);
            let never_ends = self.1;
            Box::pin(async move {
                if never_ends {
                    std::future::pending::<()>().await;
                }
                Ok(Outcome::default())
            })
        }
    }

    struct Room {
        to: mpsc::Sender<Wanted>,
        said: mpsc::Receiver<(Topic, Answer)>,
        desk: Desk,
    }

    fn room(folder: &std::path::Path, executor: Arc<Counting>) -> Room {
        let (to, wanted) = mpsc::channel(8);
        let (answers, said) = mpsc::channel(8);
        let (outbox, _) = Outbox::open(folder, Limits::default()).unwrap();
        let allowed = KINDS.iter().map(ToString::to_string).collect();
        let outbox = Arc::new(Mutex::new(outbox));
        Room { to, said, desk: Desk { wanted, answers, allowed, outbox, executor, clock: Arc::new(Noon) } }
    }

    fn command(kind: &str) -> Wanted {
        let name = |text| Name::new(text).unwrap();
        let topic = Topic::device(Channel::Command { kind: name(kind), id: name("1") });
        Wanted { topic, payload: br#"{"status":"init","valid_until":"2026-03-02T12:05:00Z"}"#.to_vec() }
    }

    fn states(said: &mut mpsc::Receiver<(Topic, Answer)>) -> Vec<(CommandState, Option<String>)> {
        std::iter::from_fn(|| said.try_recv().ok()).map(|(_, answer)| (answer.status, answer.code)).collect()
    }

    #[tokio::test]
    async fn a_command_is_carried_out_once_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let executor = Arc::new(Counting(AtomicU32::new(0), false));
        for round in 0..2 {
            let Room { to, mut said, mut desk } = room(folder.path(), Arc::clone(&executor));
            to.send(command("stop")).await.unwrap();
            to.send(command("stop")).await.unwrap();
            drop(to);
            desk.run().await;
            let told: Vec<_> = states(&mut said).into_iter().map(|(state, _)| state).collect();
            let (done, again) = (CommandState::Successful, CommandState::Executing);
            assert_eq!(told, if round == 0 { vec![again, done, done] } else { vec![done, done] });
        }
        assert_eq!(executor.0.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_a_power_cut_interrupted_is_told_and_not_begun_again() {
        for (kind, expected) in [
            ("stop", (CommandState::Failed, Some("interrupted".to_owned()))),
            // That the box is back is what was wanted.
            ("reboot", (CommandState::Successful, None)),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let executor = Arc::new(Counting(AtomicU32::new(0), true));
            let Room { to, mut said, mut desk } = room(folder.path(), Arc::clone(&executor));
            to.send(command(kind)).await.unwrap();
            tokio::select! {
                () = desk.run() => panic!("it never ends"),
                first = said.recv() => assert_eq!(first.unwrap().1.status, CommandState::Executing),
            }
            drop(desk);
            // The broker has the box's own `executing` by now: nobody asks again.
            for round in 0..2 {
                let Room { to, mut said, mut desk } = room(folder.path(), Arc::clone(&executor));
                drop(to);
                desk.run().await;
                let told: Vec<_> = (round == 0).then(|| expected.clone()).into_iter().collect();
                assert_eq!(states(&mut said), told);
            }
            let Room { to, mut said, mut desk } = room(folder.path(), Arc::clone(&executor));
            to.send(command(kind)).await.unwrap();
            drop(to);
            desk.run().await;
            assert_eq!(states(&mut said), [expected]);
            assert!(executor.0.load(Ordering::SeqCst) <= 1);
        }
    }

    /// An examination takes for ever, everything else nothing.
    struct Examining;

    impl Executor for Examining {
        fn carry_out(&self, action: Action) -> Carried {
            Box::pin(async move {
                if action == Action::Doctor {
                    std::future::pending::<()>().await;
                }
                Ok(Outcome::default())
            })
        }
    }

    #[tokio::test]
    async fn whoever_ends_a_lesson_does_not_wait_for_an_examination() {
        let folder = tempfile::tempdir().unwrap();
        let Room { to, mut said, desk } = room(folder.path(), Arc::new(Counting(AtomicU32::new(0), false)));
        let mut desk = Desk { executor: Arc::new(Examining), ..desk };
        let wanted = |kind: &str, id: &str| {
            let id = Name::new(id).unwrap();
            let channel = Channel::Command { kind: Name::new(kind).unwrap(), id };
            Wanted { topic: Topic::device(channel), ..command(kind) }
        };
        let ask = async {
            let mut told = Vec::new();
            // The same one again is under way, and no news.
            for (kind, id) in [("doctor", "1"), ("doctor", "1"), ("stop", "1")] {
                to.send(wanted(kind, id)).await.unwrap();
            }
            for id in ["2", "3", "4", "5"] {
                to.send(wanted("doctor", id)).await.unwrap();
            }
            while told.len() < 7 {
                let (topic, Answer { status, code, .. }) = said.recv().await.unwrap();
                let topic = topic.to_string();
                let command = topic.split("cmd/").nth(1).unwrap_or_default().to_owned();
                told.push((command, status, code));
            }
            told
        };
        let told = tokio::select! {
            told = ask => told,
            () = desk.run() => panic!("it never ends"),
        };
        let told: Vec<_> =
            told.iter().map(|(command, status, code)| (&**command, *status, code.as_deref())).collect();
        use CommandState::{Executing, Failed, Successful};
        assert_eq!(
            told,
            [
                ("doctor/1", Executing, None),
                ("stop/1", Executing, None),
                ("stop/1", Successful, None),
                ("doctor/2", Executing, None),
                ("doctor/3", Executing, None),
                ("doctor/4", Executing, None),
                ("doctor/5", Failed, Some("busy")),
            ]
        );
    }
}
