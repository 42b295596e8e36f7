//! Where a store is and how it is reached.

use std::path::{Path, PathBuf};

use super::credentials::Credentials;
use super::{StoreError, Timeouts};

/// Where a store is and how it is reached. Only the URL is required.
#[derive(Debug, Clone, Default)]
pub struct StoreOptions {
    /// `file:///folder`, `http(s)://host/folder`, `s3://bucket/folder`,
    /// `ftp(s)://host/folder`.
    pub url: String,
    /// Of an S3 store: scheme and host of the service, such as
    /// `https://oss-cn-hangzhou.aliyuncs.com`. Without one, AWS in `region`.
    pub endpoint: Option<String>,
    /// Of an S3 store: the region its signatures name. Default: `us-east-1`,
    /// which stores without regions take.
    pub region: Option<String>,
    /// Of an S3 store: where the bucket's name stands.
    pub style: Style,
    /// Who the box is to the store.
    pub credentials: Option<Credentials>,
    /// Certificates (PEM) that are trusted beside the system's.
    pub ca: Option<PathBuf>,
    /// The box's own certificate with its private key (PEM, PKCS #8), for
    /// servers that ask for one.
    pub client_certificate: Option<PathBuf>,
    /// The HTTP proxy in between.
    pub proxy: Proxy,
    /// How long the store may take.
    pub timeouts: Timeouts,
}

/// Where the name of an S3 bucket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// In the host: `https://bucket.host/key`. What Aliyun OSS and Tencent COS
    /// ask for.
    #[default]
    Virtual,
    /// In the path: `https://host/bucket/key`. What a MinIO without names of
    /// its own in the DNS needs.
    Path,
}

/// The HTTP proxy between the box and an HTTP or S3 store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Proxy {
    /// As `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` of the
    /// environment say; none when they say nothing.
    #[default]
    Environment,
    /// None, whatever the environment says.
    None,
    /// This one: `http://[user:password@]host:port`.
    Url(String),
}

impl StoreOptions {
    /// A store by its URL alone.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// The trusted certificates, read now.
    pub(super) fn read_ca(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.ca.as_deref().map(|path| read(path, "ca")).transpose()
    }

    /// The box's certificate with its key, read now.
    pub(super) fn read_client_certificate(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.client_certificate.as_deref().map(|path| read(path, "client_certificate")).transpose()
    }
}

fn read(path: &Path, key: &str) -> Result<Vec<u8>, StoreError> {
    std::fs::read(path).map_err(|error| StoreError::Certificate {
        path: path.to_owned(),
        why: format!("`{key}` cannot be read: {error}"),
    })
}
