//! Who this box is to others, and what opens its recordings: a key that signs
//! manifests, and a device key that wraps the keys of lessons. Two keys, because
//! one is shown to everybody in its public form and the other to nobody.
//!
//! They come from systemd's credentials, or lie in two files that are made at
//! the first start. A key that is lost or damaged is replaced and told, its file
//! kept: what it encrypted waits for the key to come back, while a box that
//! refused to start would lose every lesson from then on.

mod file;
mod trouble;

use std::fmt;
use std::path::{Path, PathBuf};

use lectern_archive::signature::{PublicKey, Signer};
use lectern_spool::{DeviceKey, Keyring, RecoveryPublicKey};
use sha2::{Digest as _, Sha256};

use self::file::{Found, Key};
pub(crate) use self::trouble::KeyTrouble;

/// Below the folder of keys.
const SIGNING: &str = "signing.key";
const DEVICE: &str = "device.key";
/// Below systemd's `$CREDENTIALS_DIRECTORY`.
const SIGNING_CREDENTIAL: &str = "lectern.signing";
const DEVICE_CREDENTIAL: &str = "lectern.device";
/// Below the spool's folder: by which keys its recordings were made.
const MADE_WITH: &str = "keys.id";

/// Why the box can have no keys at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    /// A key cannot be made durable.
    #[error("the key {path} cannot be {doing}: {cause}; check the disk and who owns the folder")]
    Io { doing: &'static str, path: PathBuf, cause: std::io::Error },
    /// The kernel gave no random bytes.
    #[error("the system gives no random bytes: {0}; without them no key is made")]
    Random(getrandom::Error),
}

/// The keys of this box.
#[derive(Clone)]
pub(crate) struct Identity {
    signer: Signer,
    device_key: DeviceKey,
    recovery: Option<RecoveryPublicKey>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("signer", &self.signer).finish_non_exhaustive()
    }
}

/// Where keys are looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'a> {
    /// Made when it is missing.
    pub(crate) folder: &'a Path,
    /// systemd's `$CREDENTIALS_DIRECTORY`.
    pub(crate) credentials: Option<&'a Path>,
    /// The spool's folder.
    pub(crate) spool: &'a Path,
}

impl Places<'_> {
    /// One key: from its credential, from its file, or made.
    fn key(
        &self,
        (credential, name): (&str, &str),
        is_in_use: bool,
        troubles: &mut Vec<KeyTrouble>,
    ) -> Result<Key, IdentityError> {
        let mut is_told = !is_in_use;
        if let Some(path) = self.credentials.map(|folder| folder.join(credential)) {
            // systemd guards it; its mode is systemd's affair.
            match file::read(&path) {
                Found::Key(key) => return Ok(key),
                Found::Damage(cause) => {
                    troubles.push(KeyTrouble::Credential { path, cause });
                    is_told = true;
                }
                Found::Nothing => {}
            }
        }
        let path = self.folder.join(name);
        if let Some(mode) = file::close_to_others(&path) {
            troubles.push(KeyTrouble::Exposed { path: path.clone(), mode });
        }
        match file::read(&path) {
            Found::Key(key) => return Ok(key),
            Found::Damage(cause) => {
                let aside = file::set_aside(&path)?;
                troubles.push(KeyTrouble::Damaged { path: path.clone(), cause, aside });
            }
            Found::Nothing if is_told => {}
            Found::Nothing => troubles.push(KeyTrouble::Missing { path: path.clone() }),
        }
        file::make(&path)
    }
}

impl Identity {
    /// Reads the keys; makes those that are missing or cannot be used, and says
    /// what was wrong. Blocks on the disk.
    pub(crate) fn open(
        places: Places<'_>,
        recovery: Option<RecoveryPublicKey>,
    ) -> Result<(Self, Vec<KeyTrouble>), IdentityError> {
        let note = places.spool.join(MADE_WITH);
        // What cannot be read is no reason not to record.
        let made_with = std::fs::read(&note).ok().map(|id| String::from_utf8_lossy(&id).trim().to_owned());
        let mut troubles = Vec::new();
        let mut key = |credential, name| places.key((credential, name), made_with.is_some(), &mut troubles);
        let signing = key(SIGNING_CREDENTIAL, SIGNING)?;
        let device_key = DeviceKey::from_bytes(key(DEVICE_CREDENTIAL, DEVICE)?);
        let identity = Self { signer: Signer::from_seed(&signing), device_key, recovery };
        let id = identity.id();
        if made_with.as_ref() != Some(&id) {
            if made_with.is_some() && !troubles.iter().any(KeyTrouble::changes_keys) {
                troubles.push(KeyTrouble::Foreign { spool: places.spool.to_owned() });
            }
            if let Err(error) = file::write(&note, &id) {
                tracing::error!("{error}; which keys the recordings were made with is not noted");
            }
        }
        Ok((identity, troubles))
    }

    /// Names both keys and tells nothing of them.
    fn id(&self) -> String {
        let device = Sha256::new()
            .chain_update(b"lectern device key")
            .chain_update(self.device_key.to_bytes().as_slice())
            .finalize();
        format!("{} {device:x}", self.signer.public_key())
    }

    /// Signs manifests.
    pub(crate) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// What others know this box by.
    pub(crate) fn public_key(&self) -> PublicKey {
        self.signer.public_key()
    }

    /// Wraps the keys of lessons: with the device key, and for whoever may open
    /// the disk of a dead box.
    pub(crate) fn keyring(&self) -> Keyring {
        Keyring { device: self.device_key.clone(), recovery: self.recovery.clone() }
    }
}

#[cfg(test)]
mod tests;
