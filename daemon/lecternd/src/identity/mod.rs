//! Who this box is to others, and what opens its recordings: a key that signs
//! manifests, and a device key that wraps the keys of lessons. Two keys, because
//! one is shown to everybody in its public form and the other to nobody.
//!
//! They come from systemd's credentials, or lie in two files that are made at
//! the first start. A key that is there and cannot be used is never replaced:
//! whoever loses the device key loses every recording that waits on this disk.

mod file;

use std::fmt;
use std::path::{Path, PathBuf};

use lectern_archive::signature::{PublicKey, Signer};
use lectern_spool::{DeviceKey, Keyring, RecoveryPublicKey};
use sha2::{Digest as _, Sha256};

use self::file::Key;

/// Below the folder of keys.
const SIGNING: &str = "signing.key";
const DEVICE: &str = "device.key";
/// Below systemd's `$CREDENTIALS_DIRECTORY`.
const SIGNING_CREDENTIAL: &str = "lectern.signing";
const DEVICE_CREDENTIAL: &str = "lectern.device";
/// Below the spool's folder: by which keys its recordings were made.
const MADE_WITH: &str = "keys.id";

/// Why the box has no keys. Nothing was replaced.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    /// A file cannot be read or written.
    #[error("the key {path} cannot be {doing}: {cause}; check the disk and who owns the folder")]
    Io { doing: &'static str, path: PathBuf, cause: std::io::Error },
    /// There is a file and it holds no key.
    #[error(
        "{path} holds no key: 64 hex digits are needed, and {found} byte(s) are there; \
         put the file back from a backup, it is never replaced by itself"
    )]
    Damaged { path: PathBuf, found: usize },
    /// Others may read a key.
    #[error(
        "{path} may be used by others (mode {mode:03o}); run `chmod 600` on it and give it to lecternd's user"
    )]
    TooOpen { path: PathBuf, mode: u32 },
    /// Recordings were made with a key that is gone.
    #[error(
        "{path} is missing, and the recordings in {spool} were made with it; put it back from a backup, \
         or give the old recordings up: move {spool} away"
    )]
    Lost { path: PathBuf, spool: PathBuf },
    /// Recordings were made with other keys.
    #[error(
        "the keys in {keys} are not those that the recordings in {spool} were made with; put the right \
         keys back, or move {spool} away"
    )]
    Foreign { keys: PathBuf, spool: PathBuf },
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

impl Identity {
    /// Reads the keys; makes those that are missing when no recording needs
    /// them. Blocks on the disk.
    pub(crate) fn open(
        places: Places<'_>,
        recovery: Option<RecoveryPublicKey>,
    ) -> Result<Self, IdentityError> {
        let made_with = file::read_text(&places.spool.join(MADE_WITH))?;
        let key = |credential: &str, name: &str| {
            let credential = places.credentials.map(|folder| folder.join(credential));
            if let Some(path) = credential.filter(|path| path.exists()) {
                // systemd guards it; its mode is systemd's affair.
                return file::read(&path, file::Guard::Systemd)?
                    .ok_or(IdentityError::Damaged { path, found: 0 });
            }
            let path = places.folder.join(name);
            match file::read(&path, file::Guard::Mode)? {
                Some(key) => Ok(key),
                None if made_with.is_some() => {
                    Err(IdentityError::Lost { path, spool: places.spool.to_owned() })
                }
                None => file::make(&path),
            }
        };
        // Read first, then made: half a pair of keys is no reason for the other half.
        let (signing, device_key): (Key, Key) =
            (key(SIGNING_CREDENTIAL, SIGNING)?, key(DEVICE_CREDENTIAL, DEVICE)?);
        let device_key = DeviceKey::from_bytes(device_key);
        let identity = Self { signer: Signer::from_seed(&signing), device_key, recovery };
        let id = identity.id();
        match made_with {
            Some(known) if known.trim() != id => {
                Err(IdentityError::Foreign { keys: places.folder.to_owned(), spool: places.spool.to_owned() })
            }
            Some(_) => Ok(identity),
            None => file::write(&places.spool.join(MADE_WITH), &id).map(|()| identity),
        }
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
