//! A place that keeps lessons: a folder, a WebDAV or FTP server, or a bucket.
//!
//! Folders, WebDAV and S3 go through `object_store`, FTP through `suppaftp`; this
//! module adds what an archive promises on top of them: **when [`Store::put`] returns, the bytes are there**,
//! on a disk also after a power cut, and an outcome that cannot be known is
//! looked up before it is called a failure. It never repeats a request by
//! itself: pace and patience belong to the caller.

mod address;
mod answer;
mod credentials;
mod date;
mod error;
mod folder;
mod ftp;
mod ftp_answer;
mod http;
mod objects;
mod options;
mod refusal;
mod s3;
mod signing;
mod text;
mod tls_fault;
mod transport;
mod web;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use lectern_api::Kbps;

use self::address::{Address, Login};
use self::credentials::Keyring;
use self::folder::Folder;
use self::ftp::Ftp;
use self::s3::S3;
use self::transport::{Place, Transport};
use self::web::{Authorization, Web};
use crate::layout;

pub use self::address::without_secrets;
pub use self::credentials::{Credentials, CredentialsError, Secrets};
pub use self::date::{ServerTime, server_time};
pub use self::error::{StoreError, TlsFault};
pub use self::options::{Proxy, StoreOptions, Style};
pub use self::transport::Entry;

/// The largest file that is read from a store, in bytes. A fragment of 2 s at
/// 50 Mbit/s has 12.5 MB, the manifest of a day 10 MB.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// How long a store may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To make a connection.
    pub connect: Duration,
    /// Without a sign of life: sent bytes that nobody confirms, an answer or a
    /// next piece that does not come.
    pub answer: Duration,
    /// The slowest link worth waiting for. An upload as a whole may take
    /// `connect + answer + bytes / slowest`.
    pub slowest: Kbps,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), answer: Duration::from_secs(30), slowest: Kbps(64) }
    }
}

impl Timeouts {
    /// The longest that an upload of so many bytes may take.
    #[must_use]
    pub fn total(&self, bytes: u64) -> Duration {
        let millis = bytes.saturating_mul(8) / u64::from(self.slowest.0.max(1));
        self.connect + self.answer + Duration::from_millis(millis)
    }
}

/// A place that keeps lessons. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Store {
    transport: Arc<dyn Transport>,
    /// Whether an outcome can be unknown here, as over a network it can.
    is_remote: bool,
    /// In front of every path, without slashes at its ends.
    prefix: String,
    /// For people, without secrets.
    description: String,
    timeouts: Timeouts,
}

impl Store {
    /// Opens a store by its URL alone, with everything else as usual. Nothing is
    /// read, written or connected yet.
    ///
    /// # Errors
    /// As [`Store::open_with`].
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(&StoreOptions::new(url))
    }

    /// Opens a store. Certificates are read, nothing is connected yet.
    ///
    /// # Errors
    /// [`StoreError::Url`] when URL, endpoint or proxy cannot be used,
    /// [`StoreError::Certificate`] when a certificate cannot, and
    /// [`StoreError::Credentials`] when an S3 store has none.
    pub fn open_with(options: &StoreOptions) -> Result<Self, StoreError> {
        let address = Address::parse(&options.url)?;
        let description = address.describe();
        let keyring = options.credentials.clone().map(Keyring::new);
        let (transport, is_remote, prefix): (Arc<dyn Transport>, _, _) = match address {
            Address::Folder(root) => {
                let prefix = object_store::path::Path::from_absolute_path(&root)
                    .map_err(|error| StoreError::Url { url: options.url.clone(), why: error.to_string() })?;
                (Arc::new(Folder::new(root, options.mount_point.clone())), false, prefix.to_string())
            }
            Address::Web { origin, prefix, login } => {
                let authorization = Authorization { login, keyring };
                (Arc::new(Web::new(&origin, authorization, options, None)?), true, prefix)
            }
            Address::S3 { bucket, prefix } => {
                let (store, cause) = (description.clone(), CredentialsError::Absent);
                let keyring = keyring.ok_or(StoreError::Credentials { store, cause })?;
                (Arc::new(S3::new(&bucket, keyring, options)?), true, prefix)
            }
            Address::Ftp { server, prefix, login } => {
                (Arc::new(Ftp::new(server, login, keyring, options)?), true, prefix)
            }
        };
        Ok(Self { transport, is_remote, prefix, description, timeouts: options.timeouts })
    }

    /// Opens a folder that an HTTP server on a Unix socket serves: the daemon's
    /// own lessons. Nothing is connected yet.
    ///
    /// # Errors
    /// [`StoreError::Url`] when the client cannot be made, [`StoreError::Path`]
    /// when the folder is not [legal](layout::is_legal).
    pub fn on_socket(socket: &std::path::Path, folder: &str) -> Result<Self, StoreError> {
        const ORIGIN: &str = "http://lecternd/";
        let options = StoreOptions { proxy: Proxy::None, ..StoreOptions::new(ORIGIN) };
        let bad = |why: String| StoreError::Url { url: ORIGIN.to_owned(), why };
        let origin = url::Url::parse(ORIGIN).map_err(|error| bad(error.to_string()))?;
        let authorization = Authorization { login: Login::default(), keyring: None };
        let transport = Arc::new(Web::new(&origin, authorization, &options, Some(socket))?);
        let (description, timeouts) = (socket.display().to_string(), options.timeouts);
        Self { transport, is_remote: true, prefix: String::new(), description, timeouts }.within(folder)
    }

    /// The same store, narrowed to one of its folders, such as a lesson's.
    ///
    /// # Errors
    /// [`StoreError::Path`] when the folder is not [legal](layout::is_legal).
    pub fn within(&self, folder: &str) -> Result<Self, StoreError> {
        let prefix = self.location(folder)?;
        let description = format!("{}/{folder}", self.description.trim_end_matches('/'));
        Ok(Self { prefix, description, ..self.clone() })
    }

    /// Where the store is, for logs and people: never user name or password.
    #[must_use]
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// Puts a file, replacing what is there under the same name; parents are
    /// created. May be repeated at will.
    ///
    /// When it returns `Ok`, a folder store holds the file also after a power
    /// cut, and a server has confirmed it. When an upload's outcome is unknown
    /// (time-out, lost connection, HTTP 5xx), the server is asked what it has:
    /// length and MD5 decide where it tells an MD5, the length alone for files
    /// that [never change](layout::is_rewritten), and any other file is read.
    ///
    /// # Errors
    /// [`StoreError`]; what is there then is the old file or the new one, never
    /// a part.
    pub async fn put(&self, path: &str, bytes: impl Into<Bytes>) -> Result<(), StoreError> {
        let bytes: Bytes = bytes.into();
        let location = self.location(path)?;
        let at = self.place(path, &location);
        match self.transport.put(&at, bytes.clone()).await {
            Err(error) if self.is_remote && error.is_uncertain() => {
                if !self.arrived(&at, &bytes).await {
                    return Err(error);
                }
                tracing::info!(store = self.description, path, %error, "the upload had arrived all the same");
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Whether what is there is a file of these bytes, as far as can be told.
    async fn arrived(&self, at: &Place<'_>, bytes: &Bytes) -> bool {
        let is_rewritten = layout::is_rewritten(at.path);
        match self.transport.find(at).await {
            Ok(Some(found)) if found.is_surely(bytes, is_rewritten) => true,
            Ok(Some(found)) if is_rewritten && found.bytes == bytes.len() as u64 => {
                self.transport.get(at).await.is_ok_and(|there| there.as_deref() == Some(&bytes[..]))
            }
            _ => false,
        }
    }

    /// Reads a whole file; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`], among them [`StoreError::TooLarge`] beyond
    /// [`MAX_FILE_BYTES`].
    pub async fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.get_at_most(path, MAX_FILE_BYTES).await
    }

    /// Reads a whole file that may have so many bytes, and no more than
    /// [`MAX_FILE_BYTES`].
    pub(crate) async fn get_at_most(&self, path: &str, bytes: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let location = self.location(path)?;
        let limit_bytes = bytes.min(MAX_FILE_BYTES);
        self.transport.get(&Place { limit_bytes, ..self.place(path, &location) }).await
    }

    /// As [`get_at_most`](Self::get_at_most); after a temporary error once more.
    pub(crate) async fn get_patiently(&self, path: &str, bytes: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self.get_at_most(path, bytes).await {
            Err(error) if error.is_temporary() && !matches!(error, StoreError::NotMounted { .. }) => {
                tracing::warn!(%error, "reading once more");
                self.get_at_most(path, bytes).await
            }
            outcome => outcome,
        }
    }

    /// The size of a file in bytes; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn size(&self, path: &str) -> Result<Option<u64>, StoreError> {
        let location = self.location(path)?;
        Ok(self.transport.find(&self.place(path, &location)).await?.map(|found| found.bytes))
    }

    /// Every file below a folder with its size, sorted by path; an empty
    /// `folder` is the whole store. A folder that is not there has no files.
    /// Files whose names no archive has are left out.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] when the server cannot list: ask for each
    /// file by [`Store::size`] then. Any other [`StoreError`].
    pub async fn list(&self, folder: &str) -> Result<Vec<Entry>, StoreError> {
        let location = if folder.is_empty() { self.prefix.clone() } else { self.location(folder)? };
        let found = self.transport.list(&self.place(folder, &location)).await?;
        let below = |entry: Entry| {
            let path = entry.path.strip_prefix(&self.prefix)?.trim_start_matches('/').to_owned();
            layout::is_legal(&path).then_some(Entry { path, ..entry })
        };
        let mut entries: Vec<Entry> = found.into_iter().filter_map(below).collect();
        entries.sort_unstable();
        Ok(entries)
    }

    /// Deletes a file. An absent one is as good as deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, path: &str) -> Result<(), StoreError> {
        let location = self.location(path)?;
        self.transport.delete(&self.place(path, &location)).await
    }

    /// Deletes a folder, such as a lesson's, with everything below it. An
    /// absent one is as good as deleted; after an error some of it may be gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_folder(&self, folder: &str) -> Result<(), StoreError> {
        let location = self.location(folder)?;
        self.transport.delete_folder(&self.place(folder, &location)).await
    }

    fn place<'a>(&'a self, path: &'a str, location: &'a str) -> Place<'a> {
        let (store, limit_bytes, timeouts) = (&self.description, MAX_FILE_BYTES, self.timeouts);
        Place { store, path, location, limit_bytes, timeouts }
    }

    fn location(&self, path: &str) -> Result<String, StoreError> {
        if !layout::is_legal(path) {
            return Err(StoreError::Path { path: path.to_owned() });
        }
        Ok(if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) })
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.description).finish()
    }
}
