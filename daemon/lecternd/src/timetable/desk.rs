//! What people and programs ask of the timetable: one way in for the API, the
//! command line behind it, and the broker.

use lectern_api::command::Refusal;
use lectern_api::timetable::{Pushed, SetMakeup};
use lectern_api::{Text, messages};
use tokio::sync::{mpsc, oneshot};

/// A request with the place for its answer.
#[derive(Debug)]
pub(crate) enum Request {
    /// Take this file; at once, when the sender says that it is confirmed.
    Push { bytes: Vec<u8>, by: String, confirmed: bool, answer: Answer<Pushed> },
    /// Use what is to come at once.
    Confirm { version: Option<u32>, by: String, answer: Answer<u32> },
    /// Go back to a version that is kept.
    RollBack { version: u32, by: String, answer: Answer<u32> },
    /// Whose lessons a make-up day has.
    Makeup { makeup: SetMakeup, by: String, answer: Answer<SetMakeup> },
}

/// Where an answer goes.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, Refusal>>;

/// The way to the one who keeps the timetable.
#[derive(Debug, Clone)]
pub(crate) struct Desk(pub(crate) mpsc::Sender<Request>);

impl Desk {
    /// Sends a timetable of any form.
    pub(crate) async fn push(&self, bytes: Vec<u8>, by: String, confirmed: bool) -> Result<Pushed, Refusal> {
        self.ask(|answer| Request::Push { bytes, by, confirmed, answer }).await
    }

    /// Confirms the version that is to come.
    pub(crate) async fn confirm(&self, version: Option<u32>, by: String) -> Result<u32, Refusal> {
        self.ask(|answer| Request::Confirm { version, by, answer }).await
    }

    /// Goes back to a version that is kept.
    pub(crate) async fn roll_back(&self, version: u32, by: String) -> Result<u32, Refusal> {
        self.ask(|answer| Request::RollBack { version, by, answer }).await
    }

    /// Says whose lessons a make-up day has.
    pub(crate) async fn makeup(&self, makeup: SetMakeup, by: String) -> Result<SetMakeup, Refusal> {
        self.ask(|answer| Request::Makeup { makeup, by, answer }).await
    }

    async fn ask<T>(&self, request: impl FnOnce(Answer<T>) -> Request) -> Result<T, Refusal> {
        let (answer, answered) = oneshot::channel();
        let gone = || Refusal::new("stopping", messages::stopping());
        self.0.send(request(answer)).await.map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// A refusal of what does not fit the book.
pub(super) fn refused(text: Text) -> Refusal {
    Refusal::new("timetable_refused", text)
}

/// A refusal of a file with mistakes.
pub(super) fn mistaken(text: Text) -> Refusal {
    Refusal::new(MISTAKEN, text)
}

/// The code of a refused file.
pub(crate) const MISTAKEN: &str = "timetable_mistaken";
