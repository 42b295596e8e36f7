//! Who the box is to a store: keys and passwords, by reference only.
//!
//! A reference is `credential:NAME` (a file of systemd's credentials folder) or
//! `file:/path`. The file is TOML:
//!
//! ```toml
//! access_key_id     = "…"     # S3
//! secret_access_key = "…"
//! session_token     = "…"     # only of temporary keys
//! expiration        = "2026-03-02T09:00:00Z"
//! ```
//! ```toml
//! user     = "…"              # WebDAV and FTP
//! password = "…"
//! ```
//!
//! or JSON with the same names, or with those of the token services of AWS and
//! Aliyun (`AccessKeyId`, `SecretAccessKey`, `AccessKeySecret`, `SessionToken`,
//! `SecurityToken`, `Expiration`).
//!
//! It is read again for every request, so that temporary keys are exchanged
//! under the running daemon. Write the new file beside the old one and rename
//! it; of a file that cannot be read just then the last good content counts.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

/// The largest credentials file that is read, in bytes.
const MAX_BYTES: u64 = 64 * 1024;

/// Where keys and passwords come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A file, read again for every request.
    File(PathBuf),
    /// A file of systemd's credentials folder, likewise.
    Named(String),
    /// Given once, as from the environment of a command line.
    Given(Secrets),
}

/// The keys or the password themselves. Never shown.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Of an S3 store.
    #[serde(alias = "AccessKeyId")]
    pub access_key_id: Option<String>,
    /// Of an S3 store.
    #[serde(alias = "SecretAccessKey", alias = "AccessKeySecret")]
    pub secret_access_key: Option<String>,
    /// Of temporary S3 keys.
    #[serde(alias = "SessionToken", alias = "SecurityToken")]
    pub session_token: Option<String>,
    /// When temporary S3 keys end, RFC 3339. Only said in messages: the store
    /// decides, and this clock may be wrong.
    #[serde(alias = "Expiration")]
    pub expiration: Option<String>,
    /// Of an HTTP or FTP store.
    pub user: Option<String>,
    /// Of an HTTP or FTP store.
    pub password: Option<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Why credentials cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// None were given where the store takes nobody without.
    #[error("it needs credentials; name their file with `credentials`")]
    Absent,
    /// Neither `credential:NAME` nor `file:/path`. The text is not repeated: it
    /// may be the secret itself.
    #[error("credentials stand in a file; write `credential:NAME` or `file:/path`")]
    NoReference,
    /// `credential:NAME` without `CREDENTIALS_DIRECTORY`.
    #[error(
        "there is no credential `{name}` without systemd; add LoadCredential={name}:/path to the unit, or write `file:/path`"
    )]
    NoFolder {
        /// The credential's name.
        name: String,
    },
    /// The file cannot be read.
    #[error("credentials in {path} cannot be read ({why}); check the path and its permissions")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The file is neither of the two forms.
    #[error("credentials in {path} are not understood ({why}); write lines such as access_key_id = \"…\"")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Which line, without its content.
        why: String,
    },
    /// Something that this kind of store needs is not there.
    #[error("credentials {place} lack `{key}`; add it")]
    Lacking {
        /// `in` and the file, or `of the environment`.
        place: String,
        /// The missing name.
        key: &'static str,
    },
}

impl Credentials {
    /// Reads a reference, `credential:NAME` or `file:/path`. Nothing else is
    /// looked at: the file may come later.
    ///
    /// # Errors
    /// [`CredentialsError::NoReference`].
    pub fn parse(reference: &str) -> Result<Self, CredentialsError> {
        if let Some(name) = reference.strip_prefix("credential:") {
            let is_plain = !name.is_empty() && !name.starts_with('.') && !name.contains('/');
            return if is_plain {
                Ok(Self::Named(name.to_owned()))
            } else {
                Err(CredentialsError::NoReference)
            };
        }
        let path = reference.strip_prefix("file:").map(|path| path.strip_prefix("//").unwrap_or(path));
        match path {
            Some(path) if path.starts_with('/') => Ok(Self::File(path.into())),
            _ => Err(CredentialsError::NoReference),
        }
    }

    /// User and password, read now: for what is fetched beside an archive.
    ///
    /// # Errors
    /// [`CredentialsError`].
    pub fn login(&self) -> Result<(String, String), CredentialsError> {
        Keyring::new(self.clone()).login(None)
    }

    fn place(&self) -> String {
        match self {
            Self::File(path) => format!("in {}", path.display()),
            Self::Named(name) => format!("of the unit's credential `{name}`"),
            Self::Given(_) => "of the environment".to_owned(),
        }
    }
}

/// The credentials of one store, always as they are now.
#[derive(Debug)]
pub(super) struct Keyring {
    credentials: Credentials,
    last: Mutex<Option<Arc<Secrets>>>,
}

impl Keyring {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self { credentials, last: Mutex::new(None) }
    }

    /// The secrets as they are now.
    pub(super) fn secrets(&self) -> Result<Arc<Secrets>, CredentialsError> {
        let path = match &self.credentials {
            Credentials::Given(secrets) => return Ok(Arc::new(secrets.clone())),
            Credentials::File(path) => path.clone(),
            Credentials::Named(name) => match std::env::var_os("CREDENTIALS_DIRECTORY") {
                Some(folder) => Path::new(&folder).join(name),
                None => return Err(CredentialsError::NoFolder { name: name.clone() }),
            },
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match (read(&path), last.as_ref()) {
            (Ok(secrets), _) => Ok(Arc::clone(last.insert(Arc::new(secrets)))),
            (Err(error), Some(last)) => {
                tracing::warn!(%error, "the credentials of a moment ago are used");
                Ok(Arc::clone(last))
            }
            (Err(error), None) => Err(error),
        }
    }

    /// User and password; a user that the URL names need not stand here too.
    pub(super) fn login(&self, of_url: Option<String>) -> Result<(String, String), CredentialsError> {
        let secrets = self.secrets()?;
        let lacking = |key| CredentialsError::Lacking { place: self.credentials.place(), key };
        let user = secrets.user.clone().or(of_url).ok_or_else(|| lacking("user"))?;
        Ok((user, secrets.password.clone().ok_or_else(|| lacking("password"))?))
    }

    /// Access key and secret.
    pub(super) fn key_pair(&self) -> Result<(String, String, Option<String>), CredentialsError> {
        let secrets = self.secrets()?;
        let lacking = |key| CredentialsError::Lacking { place: self.credentials.place(), key };
        let id = secrets.access_key_id.clone().ok_or_else(|| lacking("access_key_id"))?;
        let secret = secrets.secret_access_key.clone().ok_or_else(|| lacking("secret_access_key"))?;
        Ok((id, secret, secrets.session_token.clone()))
    }
}

fn read(path: &Path) -> Result<Secrets, CredentialsError> {
    use std::io::Read as _;
    let unreadable = |error: std::io::Error| CredentialsError::Unreadable {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let mut text = String::new();
    std::fs::File::open(path)
        .map_err(unreadable)?
        .take(MAX_BYTES)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    // Neither parser's whole message: it would quote the line, secret and all.
    let malformed = |why: String| CredentialsError::Malformed { path: path.to_owned(), why };
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(&text)
            .map_err(|error| malformed(format!("line {} column {}", error.line(), error.column())));
    }
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        malformed(format!("line {}", before.matches('\n').count() + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_a_file_and_never_a_secret() {
        let parse = Credentials::parse;
        assert_eq!(parse("credential:district"), Ok(Credentials::Named("district".to_owned())));
        assert_eq!(parse("file:/etc/k"), Ok(Credentials::File("/etc/k".into())));
        assert_eq!(parse("file:///etc/k"), Ok(Credentials::File("/etc/k".into())));
        for bad in ["AKIAgeheim", "file:geheim", "credential:../geheim", "credential:", "/etc/geheim"] {
            let error = parse(bad).unwrap_err().to_string();
            assert!(!error.contains("geheim") && error.contains("file:/path"), "{error}");
        }
        let named = Keyring::new(Credentials::Named("not-of-this-unit".to_owned()));
        let error = named.login(None).unwrap_err().to_string();
        assert!(error.contains("not-of-this-unit"), "{error}");
    }

    #[test]
    fn a_file_is_read_in_both_forms_and_again_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let keyring = Keyring::new(Credentials::File(path.clone()));
        assert!(matches!(keyring.key_pair(), Err(CredentialsError::Unreadable { .. })));
        std::fs::write(&path, "access_key_id = \"a\"\nsecret_access_key = \"b\"\n").unwrap();
        assert_eq!(keyring.key_pair().unwrap(), ("a".into(), "b".into(), None));
        std::fs::write(
            &path,
            r#"{"AccessKeyId":"c","AccessKeySecret":"d","SecurityToken":"e","Expiration":"2026-03-02T09:00:00Z"}"#,
        )
        .unwrap();
        assert_eq!(keyring.key_pair().unwrap(), ("c".into(), "d".into(), Some("e".into())));
        // Half written: the last good ones count.
        std::fs::write(&path, "access_key_id = \"gehei").unwrap();
        assert_eq!(keyring.key_pair().unwrap().0, "c");
        assert!(matches!(keyring.login(None), Err(CredentialsError::Lacking { key: "user", .. })));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        for content in
            ["user = \"geheim\npassword", "{\"user\": \"geheim\", ]", "geheim = 1", "user = 1 # geheim"]
        {
            std::fs::write(&path, content).unwrap();
            let error = Keyring::new(Credentials::File(path.clone())).login(None).unwrap_err();
            assert!(matches!(error, CredentialsError::Malformed { .. }), "{error}");
            assert!(!error.to_string().contains("geheim") && error.to_string().contains("line "), "{error}");
        }
    }
}
