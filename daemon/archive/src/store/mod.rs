//! A place that keeps lessons: a folder or a WebDAV server.
//!
//! Everything goes through `object_store`; this module adds what an archive
//! promises on top of it: **when [`Store::put`] returns, the bytes are there**,
//! on a disk also after a power cut, and an outcome that cannot be known is
//! looked up before it is called a failure. It never repeats a request by
//! itself: pace and patience belong to the caller.

mod address;
mod error;
mod folder;
mod web;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use lectern_api::Kbps;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};

use self::address::Address;
use self::folder::Folder;
use crate::layout;

pub use self::error::StoreError;

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
    inner: Arc<dyn ObjectStore>,
    folder: Option<Arc<Folder>>,
    /// In front of every path, without slashes at its ends.
    prefix: String,
    /// For people, without secrets.
    description: String,
    timeouts: Timeouts,
}

impl Store {
    /// Opens `file:///folder` or `http(s)://[user:password@]host[:port]/folder`
    /// with the usual [`Timeouts`]. Nothing is read, written or connected yet.
    ///
    /// # Errors
    /// [`StoreError::Url`] when the URL cannot be used.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, Timeouts::default())
    }

    /// As [`Store::open`], with time-outs of one's own.
    ///
    /// # Errors
    /// [`StoreError::Url`] when the URL cannot be used.
    pub fn open_with(url: &str, timeouts: Timeouts) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        let description = address.describe();
        let (inner, folder, prefix): (Arc<dyn ObjectStore>, _, _) = match address {
            Address::Folder(root) => {
                let prefix = Path::from_absolute_path(&root)
                    .map_err(|error| StoreError::Url { url: url.to_owned(), why: error.to_string() })?;
                let disk = LocalFileSystem::new().with_fsync(true);
                (Arc::new(disk), Some(Arc::new(Folder::new(root))), prefix.to_string())
            }
            Address::Web { origin, prefix, authorization } => {
                (Arc::new(web::store(&origin, authorization.as_ref(), timeouts, None)?), None, prefix)
            }
        };
        Ok(Self { inner, folder, prefix, description, timeouts })
    }

    /// Opens a folder that an HTTP server on a Unix socket serves: the daemon's
    /// own lessons. Nothing is connected yet.
    ///
    /// # Errors
    /// [`StoreError::Url`] when the client cannot be made, [`StoreError::Path`]
    /// when the folder is not [legal](layout::is_legal).
    pub fn on_socket(socket: &std::path::Path, folder: &str) -> Result<Self, StoreError> {
        const ORIGIN: &str = "http://lecternd/";
        let timeouts = Timeouts::default();
        let bad = |why: String| StoreError::Url { url: ORIGIN.to_owned(), why };
        let origin = url::Url::parse(ORIGIN).map_err(|error| bad(error.to_string()))?;
        let inner = Arc::new(web::store(&origin, None, timeouts, Some(socket))?);
        let description = socket.display().to_string();
        Self { inner, folder: None, prefix: String::new(), description, timeouts }.within(folder)
    }

    /// The same store, narrowed to one of its folders, such as a lesson's.
    ///
    /// # Errors
    /// [`StoreError::Path`] when the folder is not [legal](layout::is_legal).
    pub fn within(&self, folder: &str) -> Result<Self, StoreError> {
        let prefix = self.location(folder)?.to_string();
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
    /// (time-out, lost connection, HTTP 5xx), the length that the server then
    /// reports decides for files that [never change](layout::is_rewritten).
    ///
    /// # Errors
    /// [`StoreError`]; what is there then is the old file or the new one, never
    /// a part.
    pub async fn put(&self, path: &str, bytes: impl Into<Bytes>) -> Result<(), StoreError> {
        let bytes: Bytes = bytes.into();
        let location = self.location(path)?;
        self.is_mounted().await?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let limit = self.timeouts.total(length);
        let outcome = match tokio::time::timeout(limit, self.inner.put(&location, bytes.into())).await {
            Ok(Ok(_)) => self.settle(&location, path).await,
            Ok(Err(error)) => Err(web::classify(&self.description, path, self.timeouts.answer, error)),
            Err(_) => Err(self.timed_out(path, limit)),
        };
        match outcome {
            Err(error) if self.folder.is_none() && error.is_uncertain() && !layout::is_rewritten(path) => {
                match self.size(path).await {
                    Ok(Some(there)) if there == length => {
                        tracing::info!(store = self.description, path, %error, "the upload had arrived all the same");
                        Ok(())
                    }
                    _ => Err(error),
                }
            }
            outcome => outcome,
        }
    }

    /// Reads a whole file; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`], among them [`StoreError::TooLarge`] beyond
    /// [`MAX_FILE_BYTES`].
    pub async fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let location = self.location(path)?;
        self.is_mounted().await?;
        let Some(found) = self.bounded(path, self.inner.get(&location)).await? else { return Ok(None) };
        let expected = found.meta.size;
        self.refuse_absurd(path, expected)?;
        let mut bytes = BytesMut::with_capacity(usize::try_from(expected).unwrap_or(0));
        let mut pieces = found.into_stream();
        while let Some(piece) = self.bounded(path, pieces.try_next()).await?.flatten() {
            bytes.extend_from_slice(&piece);
            self.refuse_absurd(path, bytes.len() as u64)?;
        }
        if bytes.len() as u64 != expected {
            let why = format!("{} of {expected} bytes came", bytes.len());
            return Err(StoreError::Interrupted { store: self.description.clone(), path: path.into(), why });
        }
        Ok(Some(bytes.into()))
    }

    /// Reads a whole file; after a temporary error once more.
    pub(crate) async fn get_patiently(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.get(path).await {
            Err(error) if error.is_temporary() && !matches!(error, StoreError::NotMounted { .. }) => {
                tracing::warn!(%error, "reading once more");
                self.get(path).await
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
        self.is_mounted().await?;
        Ok(self.bounded(path, self.inner.head(&location)).await?.map(|meta| meta.size))
    }

    /// Waits for a read as long as [`Timeouts::answer`] allows; `None` when
    /// there is no such file.
    async fn bounded<T>(
        &self,
        path: &str,
        read: impl Future<Output = object_store::Result<T>>,
    ) -> Result<Option<T>, StoreError> {
        let limit = self.timeouts.connect + self.timeouts.answer;
        match tokio::time::timeout(limit, read).await {
            Ok(Ok(found)) => Ok(Some(found)),
            Ok(Err(object_store::Error::NotFound { .. })) => Ok(None),
            Ok(Err(error)) => Err(web::classify(&self.description, path, self.timeouts.answer, error)),
            Err(_) => Err(self.timed_out(path, limit)),
        }
    }

    fn location(&self, path: &str) -> Result<Path, StoreError> {
        let refuse = || StoreError::Path { path: path.to_owned() };
        if !layout::is_legal(path) {
            return Err(refuse());
        }
        Path::parse(format!("{}/{path}", self.prefix)).map_err(|_| refuse())
    }

    /// An absent medium is an error of its own, never "no such file".
    async fn is_mounted(&self) -> Result<(), StoreError> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        match tokio::task::spawn_blocking(move || folder.is_there()).await {
            Ok(true) => Ok(()),
            _ => Err(StoreError::NotMounted { store: self.description.clone() }),
        }
    }

    async fn settle(&self, location: &Path, path: &str) -> Result<(), StoreError> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let file = PathBuf::from(format!("/{location}"));
        let outcome = tokio::task::spawn_blocking(move || folder.settle(&file)).await;
        outcome.map_err(std::io::Error::other).flatten().map_err(|source| StoreError::Io {
            store: self.description.clone(),
            path: path.to_owned(),
            source,
        })
    }

    fn refuse_absurd(&self, path: &str, bytes: u64) -> Result<(), StoreError> {
        if bytes <= MAX_FILE_BYTES {
            return Ok(());
        }
        let (store, path) = (self.description.clone(), path.to_owned());
        Err(StoreError::TooLarge { store, path, bytes, limit: MAX_FILE_BYTES })
    }

    fn timed_out(&self, path: &str, limit: Duration) -> StoreError {
        StoreError::TimedOut {
            store: self.description.clone(),
            path: path.to_owned(),
            limit_s: limit.as_secs(),
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.description).finish()
    }
}
