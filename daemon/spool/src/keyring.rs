//! The keys that lessons' keys are wrapped with.

use std::fmt;
use std::str::FromStr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::SpoolError;
use crate::cipher::{KEY_BYTES, Secret};

const INFO: &[u8] = b"lectern-spool recovery 1";
/// Size of an X25519 public key.
pub(crate) const PUBLIC_BYTES: usize = 32;

/// What names a key without telling it.
pub(crate) type KeyName = [u8; 8];

fn name_of(kind: &str, bytes: &[u8]) -> KeyName {
    let hash = Sha256::new().chain_update(kind).chain_update(bytes).finalize();
    let mut name = KeyName::default();
    name.copy_from_slice(&hash[..8]);
    name
}

fn unhex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok().map(Zeroizing::new)
}

/// The key of this device, 32 random bytes. Everything in the spool that is
/// not wrapped for recovery too is lost with it.
#[derive(Clone)]
pub struct DeviceKey(Secret);

impl DeviceKey {
    /// The key of these bytes, which must be random.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Its bytes, to store them.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(*self.0.bytes())
    }

    /// A fresh key.
    ///
    /// # Errors
    /// [`SpoolError::Cipher`] when the system gives no random bytes.
    pub fn generate() -> Result<Self, SpoolError> {
        Ok(Self(Secret::generate()?))
    }

    pub(crate) fn name(&self) -> KeyName {
        name_of("lectern device key", self.0.bytes())
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey({})", HEXLOWER.encode(&self.name()))
    }
}

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;

/// A key that a dead device's lessons are also wrapped for; X25519, 64 hex
/// digits as text. Whoever holds its private half reads a disk without the
/// device.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryPublicKey(PublicKey);

impl RecoveryPublicKey {
    pub(crate) fn name(&self) -> KeyName {
        name_of("lectern recovery key", &self.0.to_bytes())
    }

    /// HPKE (RFC 9180), base mode: the encapsulated key and the wrapped secret.
    pub(crate) fn wrap(&self, secret: &Secret, aad: &[u8]) -> Result<(Vec<u8>, Vec<u8>), SpoolError> {
        let sealed = hpke::single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &self.0,
            INFO,
            secret.bytes(),
            aad,
        );
        let (encapsulated, wrapped) = sealed.map_err(|e| SpoolError::Cipher(e.to_string()))?;
        Ok((encapsulated.to_bytes().to_vec(), wrapped))
    }
}

impl fmt::Display for RecoveryPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0.to_bytes()))
    }
}

impl fmt::Debug for RecoveryPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryPublicKey({self})")
    }
}

impl FromStr for RecoveryPublicKey {
    type Err = SpoolError;

    fn from_str(text: &str) -> Result<Self, SpoolError> {
        let refused = || SpoolError::Invalid("a recovery key is 64 hex digits of an X25519 key".into());
        let bytes = unhex(text).ok_or_else(refused)?;
        PublicKey::from_bytes(bytes.as_slice()).map(Self).map_err(|_| refused())
    }
}

/// The private half of a recovery key. It stays away from the device.
#[derive(Clone)]
pub struct RecoveryPrivateKey(PrivateKey);

impl RecoveryPrivateKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`SpoolError::Cipher`] when the system gives no random bytes.
    pub fn generate() -> Result<Self, SpoolError> {
        let seed = Secret::generate()?;
        Ok(Self(X25519HkdfSha256::derive_keypair(seed.bytes()).0))
    }

    /// The half for the device's configuration.
    #[must_use]
    pub fn public(&self) -> RecoveryPublicKey {
        RecoveryPublicKey(X25519HkdfSha256::sk_to_pk(&self.0))
    }

    /// 64 hex digits, to store them.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(HEXLOWER.encode(&Zeroizing::new(self.0.to_bytes().to_vec())))
    }

    pub(crate) fn unwrap(&self, encapsulated: &[u8], wrapped: &[u8], aad: &[u8]) -> Option<Secret> {
        let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
        let opened = hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.0,
            &encapsulated,
            INFO,
            wrapped,
            aad,
        );
        Secret::from_slice(&Zeroizing::new(opened.ok()?))
    }
}

impl fmt::Debug for RecoveryPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryPrivateKey(of {})", self.public())
    }
}

impl FromStr for RecoveryPrivateKey {
    type Err = SpoolError;

    fn from_str(text: &str) -> Result<Self, SpoolError> {
        let refused =
            || SpoolError::Invalid("a private recovery key is 64 hex digits of an X25519 key".into());
        let bytes = unhex(text).ok_or_else(refused)?;
        PrivateKey::from_bytes(bytes.as_slice()).map(Self).map_err(|_| refused())
    }
}

/// What the spool is opened with.
#[derive(Debug, Clone)]
pub struct Keyring {
    /// Wraps every lesson's key.
    pub device: DeviceKey,
    /// Wraps it once more, so that the disk can be read without the device.
    pub recovery: Option<RecoveryPublicKey>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_key_opens_what_was_wrapped_for_it_and_nothing_else() {
        let (key, other) = (RecoveryPrivateKey::generate().unwrap(), RecoveryPrivateKey::generate().unwrap());
        let read: RecoveryPrivateKey = key.to_hex().parse().unwrap();
        let public: RecoveryPublicKey = key.public().to_string().parse().unwrap();
        assert_eq!(public, read.public());
        let secret = Secret::generate().unwrap();
        let (encapsulated, wrapped) = public.wrap(&secret, b"aad").unwrap();
        assert_eq!(read.unwrap(&encapsulated, &wrapped, b"aad"), Some(secret));
        assert_eq!(other.unwrap(&encapsulated, &wrapped, b"aad"), None);
        assert_eq!(read.unwrap(&encapsulated, &wrapped, b"bad"), None);
        assert!(
            "12".parse::<RecoveryPublicKey>().is_err()
                && "zz".repeat(32).parse::<RecoveryPrivateKey>().is_err()
        );
    }

    #[test]
    fn what_is_printed_of_a_key_is_no_secret() {
        let device = DeviceKey::from_bytes([0xab; 32]);
        let private = RecoveryPrivateKey::generate().unwrap();
        let printed = format!("{device:?} {:?} {private:?}", device.secret());
        assert!(!printed.contains("abab") && !printed.contains(private.to_hex().as_str()), "{printed}");
    }
}
