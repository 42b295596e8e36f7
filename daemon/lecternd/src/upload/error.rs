//! Why something did not reach a store.

use lectern_api::{LessonId, Text, messages};
use lectern_archive::StoreError;
use lectern_spool::SpoolError;

#[derive(Debug, thiserror::Error)]
pub(super) enum UploadError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error("the manifest of {0} cannot be written as JSON: {1}")]
    Json(LessonId, serde_json::Error),
}

impl UploadError {
    /// Whether the next lesson would fail in the same way.
    pub(super) fn is_of_the_store(&self) -> bool {
        use StoreError::{Path, Rejected, TooLarge};
        matches!(self, Self::Store(error) if !matches!(error, Path { .. } | Rejected { .. } | TooLarge { .. }))
    }

    /// Whether nothing at all can be asked of the store now.
    pub(super) fn is_of_the_link(&self) -> bool {
        use StoreError::{Interrupted, NotMounted, Portal, TimedOut, Tls, Unreachable};
        matches!(
            self,
            Self::Store(
                Interrupted { .. }
                    | NotMounted { .. }
                    | Portal { .. }
                    | TimedOut { .. }
                    | Tls { .. }
                    | Unreachable { .. }
            )
        )
    }

    /// For people.
    pub(super) fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Spool(error) => messages::spool_unreadable(error),
            Self::Json(lesson, error) => messages::manifest_unwritable(lesson, error),
        }
    }
}
