//! From texts to a file.

use std::io;

use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Manifest, Part};

/// The end of a text, from a line's begin; and whether something is missing.
pub(super) fn newest(text: String, most: usize) -> (String, bool) {
    if text.len() <= most {
        return (text, false);
    }
    let mut from = text.len() - most;
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let rest = &text[from..];
    let rest = rest.find('\n').map_or(rest, |end| &rest[end + 1..]);
    (rest.to_owned(), true)
}

pub(super) fn part(path: &str, bytes: &[u8], cut: bool) -> Part {
    let sha256 = HEXLOWER.encode(&Sha256::digest(bytes));
    Part { path: path.to_owned(), bytes: bytes.len(), sha256, cut }
}

/// A gzipped tar of one folder, the manifest first.
pub(super) fn tar(
    folder: &str,
    manifest: &Manifest,
    parts: &[(String, Vec<u8>, bool)],
    made: Timestamp,
) -> io::Result<Vec<u8>> {
    let manifest = serde_json::to_string_pretty(manifest)? + "\n";
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let files = parts.iter().map(|(path, bytes, _)| (path.as_str(), bytes.as_slice()));
    for (path, bytes) in std::iter::once(("manifest.json", manifest.as_bytes())).chain(files) {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(made.as_second()).unwrap_or_default());
        tar.append_data(&mut header, format!("{folder}/{path}"), bytes)?;
    }
    tar.into_inner()?.finish()
}
