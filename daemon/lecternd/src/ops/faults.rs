//! Faults, open and past.

use axum::Json;
use axum::extract::{Query, State};
use lectern_api::fault::Fault;
use lectern_api::{command::Refusal, messages};
use serde::Deserialize;

use super::api::{Refused, Shared};
use crate::health::PAST_KEPT;

/// How many are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// So many that are over, the newest of them.
    #[serde(default)]
    past: usize,
}

/// The open ones as of now, the worst first; then those that are over, the
/// newest first.
pub(super) async fn list(
    State(api): Shared,
    Query(asked): Query<Asked>,
) -> Result<Json<Vec<Fault>>, Refused> {
    let mut faults = api.status.faults.borrow().to_vec();
    if asked.past > 0 {
        let memory = api.faults.clone();
        let remembered = on_disk(move || memory.all()).await.map_err(unreadable)?;
        let over = remembered.into_iter().rev().filter(|fault| fault.until.is_some());
        faults.extend(over.take(asked.past.min(PAST_KEPT)));
    }
    Ok(Json(faults))
}

/// What is remembered cannot be read.
pub(super) fn unreadable(cause: String) -> Refused {
    tracing::error!(cause, "former faults cannot be read");
    let text = messages::faults_unreadable(cause);
    let refusal = Refusal::new("faults_unreadable", text);
    Refused(axum::http::StatusCode::INTERNAL_SERVER_ERROR, refusal)
}

/// Does what waits for the disk; an error or a panic in words.
pub(super) async fn on_disk<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(panicked) => Err(panicked.to_string()),
    }
}
