//! Why there is no result.

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// A file or a process could not be had.
    #[error("{what}: {cause}")]
    Io {
        /// What was tried.
        what: String,
        /// The system's words.
        cause: std::io::Error,
    },
    /// A program did not do what it was asked for.
    #[error("{what}: {said}")]
    Refused {
        /// What was asked.
        what: String,
        /// What it answered.
        said: String,
    },
    /// What took too long.
    #[error("not within {seconds} s: {what}")]
    Late {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
    },
    /// A message could not be written or read.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A member's outbox.
    #[error(transparent)]
    Outbox(#[from] lectern_mqtt::outbox::OutboxError),
    /// What is no name.
    #[error(transparent)]
    Id(#[from] lectern_api::IdError),
}

impl FleetError {
    /// For `map_err`: says what was tried.
    pub fn io(what: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |cause| Self::Io { what: what.to_string(), cause }
    }
}
