//! Reading a store's URL, and keeping its secrets out of sight.

use std::fmt;
use std::path::PathBuf;

use url::Url;

use super::StoreError;

/// Where a store is.
#[derive(Clone)]
pub(super) enum Address {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A server that speaks WebDAV.
    Web {
        /// Scheme, host and port, nothing else.
        origin: Url,
        /// The folder on the server, decoded, without slashes at its ends.
        prefix: String,
        login: Login,
    },
    /// A bucket of an S3 service.
    S3 {
        bucket: String,
        /// As with [`Address::Web`].
        prefix: String,
    },
    /// A server that speaks FTP.
    Ftp {
        server: FtpServer,
        /// As with [`Address::Web`].
        prefix: String,
        login: Login,
    },
}

/// User and password of a URL.
#[derive(Debug, Clone, Default)]
pub(super) struct Login {
    pub(super) user: Option<Secret>,
    pub(super) password: Option<Secret>,
}

/// Where an FTP server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FtpServer {
    pub(super) security: Security,
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
}

/// How an FTP connection is made secure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// `ftp`: not at all.
    None,
    /// `ftpes`: AUTH TLS on the usual port.
    Explicit,
    /// `ftps`: TLS from the first byte, on a port of its own.
    Implicit,
}

/// Text that must not appear in a log.
#[derive(Clone)]
pub(super) struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Address {
    /// Takes a URL apart.
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let refuse = |why: &str| StoreError::Url { url: without_secrets(text), why: why.to_owned() };
        if text.strip_prefix("file:").is_some_and(|path| !path.starts_with('/')) {
            return Err(refuse("a folder needs its whole path, as in `file:///media/archive`"));
        }
        let url = Url::parse(text)
            .map_err(|error| refuse(&format!("{error}; write `file:///folder` or `https://host/folder`")))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("what follows `?` or `#` has no place here; write them as `%3F` and `%23`"));
        }
        match url.scheme() {
            "file" => {
                let path = url.to_file_path().map_err(|()| {
                    refuse("a folder of this machine has no host: write three slashes, `file:///folder`")
                })?;
                Ok(Self::Folder(path))
            }
            "http" | "https" => Self::web(url).map_err(refuse),
            "s3" => Self::s3(&url).map_err(refuse),
            "ftp" | "ftpes" | "ftps" => Self::ftp(&url).map_err(refuse),
            _ => Err(refuse(
                "write `file:///folder`, `https://host/folder`, `s3://bucket/folder` or `ftps://host/folder`",
            )),
        }
    }

    fn web(mut url: Url) -> Result<Self, &'static str> {
        let (login, prefix) = (login(&url)?, prefix(&url)?);
        url.set_path("");
        // Neither can fail: the scheme is http or https.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Self::Web { origin: url, prefix, login })
    }

    fn s3(url: &Url) -> Result<Self, &'static str> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err("keys have no place in it; name their file with `credentials`");
        }
        if url.port().is_some() {
            return Err("a bucket has no port; name host and port with `endpoint`");
        }
        let bucket = url.host_str().unwrap_or_default().to_owned();
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if bucket.is_empty() || !bucket.chars().all(legal) {
            return Err("it names no bucket; write `s3://bucket/folder`");
        }
        Ok(Self::S3 { bucket, prefix: prefix(url)? })
    }

    fn ftp(url: &Url) -> Result<Self, &'static str> {
        let security = match url.scheme() {
            "ftps" => Security::Implicit,
            "ftpes" => Security::Explicit,
            _ => Security::None,
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = url.port().unwrap_or(if security == Security::Implicit { 990 } else { 21 });
        let server = FtpServer { security, host, port };
        Ok(Self::Ftp { server, prefix: prefix(url)?, login: login(url)? })
    }

    /// The address for people, without secrets.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Folder(path) => format!("folder {}", path.display()),
            Self::Web { origin, prefix, .. } => format!("{origin}{prefix}"),
            Self::S3 { bucket, prefix } if prefix.is_empty() => format!("s3://{bucket}"),
            Self::S3 { bucket, prefix } => format!("s3://{bucket}/{prefix}"),
            Self::Ftp { server: FtpServer { security, host, port }, prefix, .. } => {
                let scheme = match security {
                    Security::None => "ftp",
                    Security::Explicit => "ftpes",
                    Security::Implicit => "ftps",
                };
                let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                format!("{scheme}://{host}:{port}/{prefix}")
            }
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

fn decoded(text: &str) -> Result<String, &'static str> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| "its percent-encoded bytes are not UTF-8")
}

fn login(url: &Url) -> Result<Login, &'static str> {
    let user = (!url.username().is_empty()).then(|| decoded(url.username())).transpose()?;
    let password = url.password().map(decoded).transpose()?;
    Ok(Login { user: user.map(Secret), password: password.map(Secret) })
}

fn prefix(url: &Url) -> Result<String, &'static str> {
    let prefix = decoded(url.path().trim_matches('/'))?;
    let part_is_plain = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.contains(|c: char| c.is_control())
    };
    if !prefix.is_empty() && !prefix.split('/').all(part_is_plain) {
        return Err("its path has an empty part, `.`, `..` or a control character");
    }
    Ok(prefix)
}

/// A URL for messages: scheme and host only, even when the text is no URL at
/// all. What stands before and behind them may be a password, a key or a
/// signature.
#[must_use]
pub fn without_secrets(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // A password with an unescaped `/` puts its `@` behind the first slash.
    if !authority.contains('@') && path.contains('@') {
        return format!("{scheme}://…");
    }
    let host = authority.rsplit('@').next().unwrap_or_default();
    let more = if path.len() > 1 || host.len() < authority.len() { "/…" } else { "" };
    format!("{scheme}://{host}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_never_holds_user_or_password() {
        let address = Address::parse("https://lehrer:ge%40heim@dav.example:8443/schule/%E8%AF%BE/").unwrap();
        assert_eq!(address.describe(), "https://dav.example:8443/schule/课");
        let Address::Web { login, .. } = &address else { panic!("no login") };
        assert_eq!(login.password.as_ref().map(|secret| secret.0.as_str()), Some("ge@heim"));
        for text in [format!("{address:?}"), format!("{login:?}")] {
            assert!(!text.contains("heim") && !text.contains("lehrer"), "{text}");
        }
    }

    #[test]
    fn an_error_about_a_url_never_holds_user_or_password() {
        for url in [
            "https://u:secret@host/a?b",
            "ftp://u:secret@host/?",
            "s3://u:secret@bucket/",
            "https://u:se/secret@host:x/",
            "x://u:secret@h",
        ] {
            let error = Address::parse(url).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_relative_folder_is_refused_with_an_example() {
        for url in ["file:archive", "file:./archive", "file://host/archive"] {
            let error = Address::parse(url).unwrap_err().to_string();
            assert!(error.contains("file:///"), "{error}");
        }
        let Address::Folder(path) = Address::parse("file:///media/usb%201/课").unwrap() else { panic!() };
        assert_eq!(path, PathBuf::from("/media/usb 1/课"));
    }
}
