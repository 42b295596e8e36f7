//! What was wrong with the keys, in words.

use std::path::PathBuf;

use lectern_api::{Text, messages};

/// Something wrong with a key at this start. The box records all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyTrouble {
    /// The key that recordings were made with is gone; a new one was made.
    Missing { path: PathBuf },
    /// The file held no key; it was set aside and a new one was made.
    Damaged { path: PathBuf, cause: String, aside: PathBuf },
    /// Others could use the key; its file was closed to them.
    Exposed { path: PathBuf, mode: u32 },
    /// What systemd gave is no key; the one in the folder is used.
    Credential { path: PathBuf, cause: String },
    /// The recordings were made with other keys.
    Foreign { spool: PathBuf },
}

impl KeyTrouble {
    /// Whether recordings may have been made with a key that is not here now.
    pub(crate) fn changes_keys(&self) -> bool {
        !matches!(self, Self::Exposed { .. })
    }

    /// What happened, for people.
    pub(crate) fn text(&self) -> Text {
        match self {
            Self::Missing { path } => messages::key_file_missing(path.display()),
            Self::Damaged { path, aside, .. } => messages::key_file_damaged(path.display(), aside.display()),
            Self::Exposed { path, mode } => messages::key_file_exposed(path.display(), format!("{mode:03o}")),
            Self::Credential { path, .. } => messages::key_credential_damaged(path.display()),
            Self::Foreign { spool } => messages::keys_foreign(spool.display()),
        }
    }

    /// Tells the log; with the cause, which is not for people.
    pub(crate) fn log(&self) {
        let text = self.text().en;
        match self {
            Self::Exposed { .. } => tracing::warn!("{text}"),
            Self::Damaged { cause, .. } | Self::Credential { cause, .. } => tracing::error!(%cause, "{text}"),
            Self::Missing { .. } | Self::Foreign { .. } => tracing::error!("{text}"),
        }
    }
}
