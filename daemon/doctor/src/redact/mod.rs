//! Takes secrets out of a text, before it is written anywhere.
//!
//! Two nets, one behind the other. What this box holds secret is known
//! (`secrets`): it is found wherever it stands, plain, percent-encoded in any
//! way, in base64 at any offset, in hex, escaped. And what looks like a secret
//! (`rules`) is hidden too: users, passwords, queries and stream keys of URLs,
//! values behind `password =`, headers, private keys.

mod known;
mod rules;
mod secrets;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use known::Known;
use rules::Rules;
pub(crate) use secrets::Secrets;

use crate::gather::Places;
use crate::plan::Plan;

/// What stands in the place of a secret.
pub const HIDDEN: &str = "[hidden]";

/// Takes secrets out of texts.
#[derive(Debug)]
pub struct Redactor {
    known: Known,
}

/// What systemd hands the daemon, below `/`.
const CREDENTIALS: &str = "run/credentials/lecternd.service";

/// Made once: the same for everybody.
static RULES: LazyLock<Rules> = LazyLock::new(Rules::new);

impl Redactor {
    /// One that knows these secrets; those of fewer than four bytes are left to
    /// the rules, since half of any log would be hidden for them.
    #[must_use]
    pub fn new<S: AsRef<[u8]>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let secrets: Vec<Vec<u8>> = secrets.into_iter().map(|secret| secret.as_ref().to_vec()).collect();
        Self { known: Known::new(&secrets) }
    }

    /// One that knows what this box holds secret, as far as this user may read
    /// it: in the configuration, in the files that it names, in the keys, in the
    /// environment of this process and of the daemon.
    #[must_use]
    pub fn of_box(places: &Places, plan: &Plan) -> Self {
        let mut secrets = Secrets::default();
        for path in [places.config.as_path(), &plan.local()] {
            secrets.add_configuration(&read(path));
        }
        for path in &plan.credentials {
            secrets.add_file(&read(path));
        }
        for name in ["signing.key", "device.key"] {
            secrets.add_key(&std::fs::read(plan.keys.join(name)).unwrap_or_default());
        }
        let own = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        for folder in own.into_iter().chain([places.root.join(CREDENTIALS)]) {
            secrets.add_credentials(&folder);
        }
        secrets.add_environment(std::env::vars_os());
        secrets.add_processes(&places.root.join("proc"));
        Self::new(secrets.into_inner())
    }

    /// The text without its secrets.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        RULES.apply(&self.known.hide(text))
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests;
