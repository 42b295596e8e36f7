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
        /// The value of the `Authorization` header.
        authorization: Option<Secret>,
    },
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
            "s3" | "ftp" | "ftps" => Err(refuse("this kind of store is not built in yet")),
            _ => Err(refuse("write `file:///folder` or `https://host/folder`")),
        }
    }

    fn web(mut url: Url) -> Result<Self, &'static str> {
        use base64::Engine as _;
        let decode = |text: &str| match percent_encoding::percent_decode_str(text).decode_utf8() {
            Ok(text) => Ok(text.into_owned()),
            Err(_) => Err("its percent-encoded bytes are not UTF-8"),
        };
        let authorization = if url.username().is_empty() && url.password().is_none() {
            None
        } else {
            let pair = format!("{}:{}", decode(url.username())?, decode(url.password().unwrap_or(""))?);
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            Some(Secret(format!("Basic {encoded}")))
        };
        let prefix = decode(url.path().trim_matches('/'))?;
        let part_is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        if !prefix.is_empty() && !prefix.split('/').all(part_is_plain) {
            return Err("its path has an empty part, `.` or `..`");
        }
        url.set_path("");
        // Neither can fail: the scheme is http or https.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Self::Web { origin: url, prefix, authorization })
    }

    /// The address for people, without secrets.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Folder(path) => format!("folder {}", path.display()),
            Self::Web { origin, prefix, .. } => format!("{origin}{prefix}"),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

/// Everything between `//` and the last `@` of the host part is left out, even
/// when the text is no URL at all.
fn without_secrets(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("//") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    // A password with an unescaped `/` puts its `@` behind the first slash.
    match rest[..end].rfind('@').or_else(|| rest.rfind('@')) {
        Some(at) => format!("{scheme}//…@{}", &rest[at + 1..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_never_holds_user_or_password() {
        let address = Address::parse("https://lehrer:ge%40heim@dav.example:8443/schule/%E8%AF%BE/").unwrap();
        assert_eq!(address.describe(), "https://dav.example:8443/schule/课");
        let Address::Web { authorization: Some(secret), .. } = &address else { panic!("no credentials") };
        assert_eq!(secret.0, "Basic bGVocmVyOmdlQGhlaW0=");
        for text in [format!("{address:?}"), format!("{secret:?}")] {
            assert!(!text.contains("heim") && !text.contains("bGVo"), "{text}");
        }
    }

    #[test]
    fn an_error_about_a_url_never_holds_user_or_password() {
        for url in [
            "https://u:secret@host/a?b",
            "ftp://u:secret@host/",
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
