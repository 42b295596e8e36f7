//! Where a store is and how it is reached.

use std::fmt;
use std::path::{Path, PathBuf};

use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::x509::X509;

use super::address::without_secrets;
use super::credentials::Credentials;
use super::{StoreError, Timeouts};

/// Where a store is and how it is reached. Only the URL is required.
#[derive(Clone, Default)]
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
    /// The box's own certificate with its private key (PEM, in one file), for
    /// servers that ask for one.
    pub client_certificate: Option<PathBuf>,
    /// The HTTP proxy in between.
    pub proxy: Proxy,
    /// Of a folder: where its medium is mounted, at the folder or above it. While
    /// nothing is mounted there, the store is not there, whatever lies in the
    /// folder.
    pub mount_point: Option<PathBuf>,
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
#[derive(Clone, PartialEq, Eq, Default)]
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

impl fmt::Debug for StoreOptions {
    /// Without the secrets that URLs may hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions")
            .field("url", &without_secrets(&self.url))
            .field("endpoint", &self.endpoint.as_deref().map(without_secrets))
            .field("credentials", &self.credentials)
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::None => f.write_str("none"),
            Self::Url(url) => f.write_str(&without_secrets(url)),
        }
    }
}

impl StoreOptions {
    /// A store by its URL alone.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// The trusted certificates (DER), read now.
    pub(super) fn read_ca(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let Some(path) = &self.ca else { return Ok(Vec::new()) };
        let certificates = X509::stack_from_pem(&read(path)?)
            .and_then(|all| all.iter().map(|one| one.to_der()).collect::<Result<Vec<_>, _>>());
        match certificates {
            Ok(certificates) if !certificates.is_empty() => Ok(certificates),
            Ok(_) => Err(unusable(path, &"there is no certificate in it")),
            Err(error) => Err(unusable(path, &error)),
        }
    }

    /// The box's certificate with what leads to its authority, and its key
    /// (PEM, PKCS #8), read now.
    pub(super) fn read_client_certificate(&self) -> Result<Option<OwnCertificate>, StoreError> {
        let Some(path) = &self.client_certificate else { return Ok(None) };
        let pem = read(path)?;
        let parts = || -> Result<_, ErrorStack> {
            let mut chain = Vec::new();
            for certificate in X509::stack_from_pem(&pem)? {
                chain.extend(certificate.to_pem()?);
            }
            Ok((chain, PKey::private_key_from_pem(&pem)?.private_key_to_pem_pkcs8()?))
        };
        match parts() {
            Ok((chain, key)) if !chain.is_empty() => Ok(Some(OwnCertificate { chain, key })),
            Ok(_) => Err(unusable(path, &"there is no certificate in it")),
            Err(error) => Err(unusable(path, &error)),
        }
    }

    /// OpenSSL with the trusted certificates and the box's own, read now: for
    /// what speaks TLS to somebody else than a store.
    ///
    /// # Errors
    /// [`StoreError::Certificate`] names the file.
    pub fn tls(&self) -> Result<native_tls::TlsConnectorBuilder, StoreError> {
        let of = |path: &Option<PathBuf>| path.clone().unwrap_or_default();
        let mut builder = native_tls::TlsConnector::builder();
        builder.min_protocol_version(Some(native_tls::Protocol::Tlsv12));
        for der in self.read_ca()? {
            let certificate = native_tls::Certificate::from_der(&der);
            builder.add_root_certificate(certificate.map_err(|error| unusable(&of(&self.ca), &error))?);
        }
        if let Some(own) = self.read_client_certificate()? {
            let identity = native_tls::Identity::from_pkcs8(&own.chain, &own.key);
            builder.identity(identity.map_err(|error| unusable(&of(&self.client_certificate), &error))?);
        }
        Ok(builder)
    }
}

/// The box's certificate, as TLS libraries take it.
pub(super) struct OwnCertificate {
    /// PEM, the box's own first.
    pub(super) chain: Vec<u8>,
    /// PEM, PKCS #8.
    pub(super) key: Vec<u8>,
}

fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    std::fs::read(path).map_err(|error| unusable(path, &error))
}

pub(super) fn unusable(path: &Path, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Certificate { path: path.to_owned(), why: why.to_string() }
}
