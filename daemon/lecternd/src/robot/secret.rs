//! The robot's address, which is a secret: whoever has it may write to the group.
//!
//! A file of TOML, `credential:NAME` or `file:/path`, read for each message:
//!
//! ```toml
//! url    = "https://…"        # as the vendor shows it
//! secret = "SEC…"             # 加签 (钉钉), 签名校验 (飞书); where it is switched on
//! ```

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use lectern_archive::store::Credentials;
use serde::Deserialize;
use url::Url;

const MAX_BYTES: u64 = 16 * 1024;

/// Never shown.
pub(super) struct Secret {
    pub(super) url: Url,
    pub(super) secret: Option<String>,
}

/// A part of an address that is shorter is no key.
const SHORTEST_KEY: usize = 6;

impl Secret {
    /// A vendor's words without what they may repeat of the request: the status
    /// and the log show them.
    pub(super) fn hidden_in(&self, words: String) -> String {
        let query: Vec<String> = self.url.query_pairs().map(|(_, value)| value.into_owned()).collect();
        let path = self.url.path_segments().into_iter().flatten().next_back().map(str::to_owned);
        let keys = query.into_iter().chain(path).chain(self.secret.clone());
        keys.filter(|key| key.len() >= SHORTEST_KEY).fold(words, |words, key| words.replace(&key, "…"))
    }
}

/// As the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: String,
    secret: Option<String>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Why there is no address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// `credential:NAME` without systemd.
    #[error(
        "there is no credential `{0}` without systemd; add LoadCredential={0}:/path to the unit, or write `file:/path`"
    )]
    NoFolder(String),
    /// The file cannot be read.
    #[error("the robot's address in {path} cannot be read ({why}); check the path and its permissions")]
    Unreadable { path: PathBuf, why: std::io::Error },
    /// The file is not in its form. Its content is not repeated.
    #[error("the robot's address in {path} is not understood; write url = \"https://…\" there")]
    Malformed { path: PathBuf },
}

pub(super) fn read(reference: &Credentials) -> Result<Secret, SecretError> {
    let path = match reference {
        Credentials::File(path) => path.clone(),
        Credentials::Named(name) => match std::env::var_os("CREDENTIALS_DIRECTORY") {
            Some(folder) => Path::new(&folder).join(name),
            None => return Err(SecretError::NoFolder(name.clone())),
        },
        Credentials::Given(_) => return Err(SecretError::NoFolder(String::new())),
    };
    let mut text = String::new();
    let read = std::fs::File::open(&path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
    read.map_err(|why| SecretError::Unreadable { path: path.clone(), why })?;
    let malformed = || SecretError::Malformed { path: path.clone() };
    let Written { url, secret } = toml::from_str(&text).map_err(|_| malformed())?;
    let url = Url::parse(&url).map_err(|_| malformed())?;
    let is_web = ["https", "http"].contains(&url.scheme()) && url.host_str().is_some();
    if is_web { Ok(Secret { url, secret }) } else { Err(malformed()) }
}
