//! What `object_store` does alike for every kind of store it knows.

use bytes::{Bytes, BytesMut};
use data_encoding::HEXLOWER_PERMISSIVE;
use futures_util::TryStreamExt as _;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _, PutOptions};
use openssl::hash::{MessageDigest, hash};

use super::StoreError;
use super::answer::classify;
use super::transport::{Entry, Found, Place};

fn key(at: &Place<'_>) -> Result<Path, StoreError> {
    Path::parse(at.location).map_err(|_| StoreError::Path { path: at.path.to_owned() })
}

pub(super) fn named(at: &Place<'_>) -> impl Fn(object_store::Error) -> StoreError {
    |error| classify(at.store, at.path, at.timeouts.answer, error)
}

fn absent<T>(outcome: object_store::Result<T>) -> object_store::Result<Option<T>> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts a file.
pub(super) async fn put(inner: &dyn ObjectStore, at: &Place<'_>, bytes: Bytes) -> Result<(), StoreError> {
    put_with(inner, at, bytes, PutOptions::default()).await
}

/// Puts a file with what this kind of store needs beside it.
pub(super) async fn put_with(
    inner: &dyn ObjectStore,
    at: &Place<'_>,
    bytes: Bytes,
    options: PutOptions,
) -> Result<(), StoreError> {
    inner.put_opts(&key(at)?, bytes.into(), options).await.map_err(named(at))?;
    Ok(())
}

pub(super) async fn get(inner: &dyn ObjectStore, at: &Place<'_>) -> Result<Option<Vec<u8>>, StoreError> {
    let key = key(at)?;
    let asked = async { absent(inner.get(&key).await).map_err(named(at)) };
    let Some(found) = at.bounded(asked).await? else { return Ok(None) };
    let expected = found.meta.size;
    at.refuse_absurd(expected)?;
    let mut bytes = BytesMut::with_capacity(usize::try_from(expected).unwrap_or(0));
    let mut pieces = found.into_stream();
    while let Some(piece) = at.bounded(async { pieces.try_next().await.map_err(named(at)) }).await? {
        bytes.extend_from_slice(&piece);
        at.refuse_absurd(bytes.len() as u64)?;
    }
    if bytes.len() as u64 != expected {
        return Err(at.interrupted(format!("{} of {expected} bytes came", bytes.len())));
    }
    Ok(Some(bytes.into()))
}

pub(super) async fn find(inner: &dyn ObjectStore, at: &Place<'_>) -> Result<Option<Found>, StoreError> {
    let key = key(at)?;
    let found = at.bounded(async { absent(inner.head(&key).await).map_err(named(at)) }).await?;
    Ok(found.map(|meta| Found { bytes: meta.size, md5: meta.e_tag.as_deref().and_then(md5_of) }))
}

pub(super) async fn delete(inner: &dyn ObjectStore, at: &Place<'_>) -> Result<(), StoreError> {
    let key = key(at)?;
    at.bounded(async { absent(inner.delete(&key).await).map_err(named(at)) }).await?;
    Ok(())
}

/// A listing folder by folder: one short answer each, and WebDAV servers that
/// refuse to walk a whole tree still answer it.
pub(super) async fn list_by_folder(
    inner: &dyn ObjectStore,
    at: &Place<'_>,
) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    let mut folders = vec![key(at)?];
    while let Some(folder) = folders.pop() {
        let asked = async { inner.list_with_delimiter(Some(&folder)).await.map_err(named(at)) };
        let level = at.bounded(asked).await?;
        // A server that lists a folder within itself must not lead in circles.
        let is_below = |path: &Path| path.prefix_matches(&folder) && *path != folder;
        folders.extend(level.common_prefixes.into_iter().filter(is_below));
        entries.extend(level.objects.into_iter().map(entry));
    }
    Ok(entries)
}

/// A listing page by page of everything below a key's prefix.
pub(super) async fn list_by_page(inner: &dyn ObjectStore, at: &Place<'_>) -> Result<Vec<Entry>, StoreError> {
    let key = key(at)?;
    let mut pages = inner.list(Some(&key));
    let mut entries = Vec::new();
    while let Some(meta) = at.bounded(async { pages.try_next().await.map_err(named(at)) }).await? {
        entries.push(entry(meta));
    }
    Ok(entries)
}

fn entry(meta: ObjectMeta) -> Entry {
    Entry { path: meta.location.to_string(), bytes: meta.size }
}

/// The MD5 of a file: the one checksum that every S3 store understands. It
/// finds damage on the way; against forgery stand TLS and the manifest.
pub(super) fn md5(bytes: &[u8]) -> Result<[u8; 16], openssl::error::ErrorStack> {
    let mut md5 = [0; 16];
    md5.copy_from_slice(&hash(MessageDigest::md5(), bytes)?);
    Ok(md5)
}

/// An ETag that has the form of an MD5: 32 hexadecimal digits, perhaps quoted.
/// A store that encrypts with keys of its own or joins parts has another form
/// or another value, so an unequal one proves nothing by itself.
pub(super) fn md5_of(e_tag: &str) -> Option<[u8; 16]> {
    HEXLOWER_PERMISSIVE.decode(e_tag.trim_matches('"').as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_etag_of_one_part_is_taken_for_an_md5() {
        assert_eq!(md5_of("\"D41D8CD98F00B204E9800998ECF8427E\"").map(|md5| md5[0]), Some(0xd4));
        for other in
            ["", "\"d41d8cd98f00b204e9800998ecf8427e-2\"", "W/\"1-2\"", "zz1d8cd98f00b204e9800998ecf8427e"]
        {
            assert_eq!(md5_of(other), None, "{other}");
        }
    }
}
