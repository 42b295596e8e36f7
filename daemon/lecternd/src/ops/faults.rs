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
        let remembered = tokio::task::spawn_blocking(move || memory.all()).await;
        let unreadable = |cause: &dyn std::fmt::Display| {
            tracing::error!(%cause, "former faults cannot be read");
            let text = messages::faults_unreadable(cause);
            let refusal = Refusal { code: "faults_unreadable".to_owned(), text };
            Refused(axum::http::StatusCode::INTERNAL_SERVER_ERROR, refusal)
        };
        let remembered = match remembered {
            Ok(remembered) => remembered.map_err(|error| unreadable(&error))?,
            Err(panicked) => return Err(unreadable(&panicked)),
        };
        let over = remembered.into_iter().rev().filter(|fault| fault.until.is_some());
        faults.extend(over.take(asked.past.min(PAST_KEPT)));
    }
    Ok(Json(faults))
}
