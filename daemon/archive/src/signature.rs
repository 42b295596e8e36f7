//! The box's word for a manifest: Ed25519 (RFC 8032) over the canonical JSON
//! (RFC 8785) of everything in it but `signature`.
//!
//! A check works on the JSON as it lies in the archive, not on the types of
//! this version: fields that this reader does not know are covered too.

use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use lectern_api::manifest::{Manifest, Signature};
use serde_json::Value;

/// The one algorithm there is.
pub const ALGORITHM: &str = "ed25519";

/// The field that is not covered.
const FIELD: &str = "signature";

/// Signs in the name of a box.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signer").field(&self.public_key()).finish()
    }
}

impl Signer {
    /// From the 32 bytes of an Ed25519 seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// What others know this box by.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Puts the signature in, in place of one that is there.
    ///
    /// # Errors
    /// What serde said; a manifest of this crate's making always works.
    pub fn sign(&self, manifest: &mut Manifest) -> serde_json::Result<()> {
        manifest.signature = None;
        let covered = serde_json_canonicalizer::to_vec(manifest)?;
        manifest.signature = Some(Signature {
            algorithm: ALGORITHM.to_owned(),
            public_key: self.public_key().to_string(),
            value: HEXLOWER.encode(&self.0.sign(&covered).to_bytes()),
        });
        Ok(())
    }
}

/// A box's public key; its text is 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// A text that is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a public key: 64 hex digits are needed, as `lecternctl identity` prints them")]
pub struct NoPublicKey;

impl std::str::FromStr for PublicKey {
    type Err = NoPublicKey;

    fn from_str(text: &str) -> Result<Self, NoPublicKey> {
        let bytes = unhex::<32>(text.trim()).ok_or(NoPublicKey)?;
        VerifyingKey::from_bytes(&bytes).map(|_| Self(bytes)).map_err(|_| NoPublicKey)
    }
}

/// What the signature of a manifest is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    Missing,
    /// It was made by this key over exactly this manifest.
    Valid(PublicKey),
    /// There is one and it does not hold: the manifest was altered, or the
    /// signature was.
    Broken,
}

/// Checks the signature of `manifest.json` as it was read.
#[must_use]
pub fn check(manifest: &Value) -> Standing {
    let Some(found) = manifest.get(FIELD).filter(|field| !field.is_null()) else {
        return Standing::Missing;
    };
    let valid = || {
        let Signature { algorithm, public_key, value } = serde_json::from_value(found.clone()).ok()?;
        let key: PublicKey = public_key.parse().ok()?;
        let signature = ed25519_dalek::Signature::from_bytes(&unhex::<64>(&value)?);
        let mut covered = manifest.clone();
        covered.as_object_mut()?.remove(FIELD);
        let covered = serde_json_canonicalizer::to_vec(&covered).ok()?;
        // Strict: one signature has one form, and weak keys sign nothing.
        let verifying = VerifyingKey::from_bytes(&key.0).ok()?;
        let holds = algorithm == ALGORITHM && verifying.verify_strict(&covered, &signature).is_ok();
        holds.then_some(key)
    };
    valid().map_or(Standing::Broken, Standing::Valid)
}

/// Exactly `N` bytes from hex of either case.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
