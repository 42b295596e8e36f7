//! A lesson's key, and how it is kept in a segment.

use std::sync::Arc;

use crate::SpoolError;
use crate::cipher::{KEY_BYTES, NONCE_BYTES, Sealing, Secret, TAG_BYTES, random};
use crate::keyring::{DeviceKey, KeyName, Keyring, PUBLIC_BYTES, RecoveryPrivateKey};
use crate::keys::Reader;

/// Names a lesson's key; random.
pub(crate) type KeyId = u64;

/// A key that frames are encrypted with.
#[derive(Debug, Clone)]
pub(crate) struct LessonKey {
    pub(crate) id: KeyId,
    pub(crate) secret: Arc<Secret>,
    /// The payload of its `key` frame.
    pub(crate) wrapped: Vec<u8>,
}

impl LessonKey {
    /// A fresh key.
    pub(crate) fn generate(keyring: &Keyring) -> Result<Self, SpoolError> {
        Self::wrap(KeyId::from_le_bytes(random()?), Arc::new(Secret::generate()?), keyring)
    }

    /// A known key, wrapped for the present keys.
    pub(crate) fn wrap(id: KeyId, secret: Arc<Secret>, keyring: &Keyring) -> Result<Self, SpoolError> {
        let nonce = random()?;
        let aad = aad(id);
        let (wrapped, tag) = keyring.device.secret().seal(nonce, &aad, secret.bytes())?;
        let sealing = Sealing { nonce, tag };
        let device = Wrapping { by: keyring.device.name(), sealing, wrapped };
        let recovery = match &keyring.recovery {
            None => None,
            Some(key) => {
                let (encapsulated, wrapped) = key.wrap(&secret, &aad)?;
                Some(Recoverable { by: key.name(), encapsulated, wrapped })
            }
        };
        let wrapped = WrappedKey { id, device, recovery }.encode();
        Ok(Self { id, secret, wrapped })
    }
}

fn aad(id: KeyId) -> Vec<u8> {
    [b"lectern-spool key 1".as_slice(), &id.to_le_bytes()].concat()
}

/// By the device's key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wrapping {
    by: KeyName,
    sealing: Sealing,
    wrapped: Vec<u8>,
}

/// For a recovery key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Recoverable {
    by: KeyName,
    encapsulated: Vec<u8>,
    wrapped: Vec<u8>,
}

/// The payload of a `key` frame; the table is in [`mod@crate::frame`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrappedKey {
    pub(crate) id: KeyId,
    device: Wrapping,
    recovery: Option<Recoverable>,
}

impl WrappedKey {
    const VERSION: u8 = 1;

    fn encode(&self) -> Vec<u8> {
        let mut out = vec![Self::VERSION, u8::from(self.recovery.is_some())];
        out.extend(self.id.to_be_bytes());
        out.extend(self.device.by);
        out.extend(self.device.sealing.nonce);
        out.extend(self.device.sealing.tag);
        out.extend(&self.device.wrapped);
        if let Some(recovery) = &self.recovery {
            out.extend(recovery.by);
            out.extend(&recovery.encapsulated);
            out.extend(&recovery.wrapped);
        }
        out
    }

    /// `None` for another version, or another length.
    pub(crate) fn decode(payload: &[u8]) -> Option<Self> {
        let mut reader = Reader(payload);
        let [version, recoverable] = reader.take()?;
        let id = reader.u64()?;
        let device = Wrapping {
            by: reader.take()?,
            sealing: Sealing { nonce: reader.take::<NONCE_BYTES>()?, tag: reader.take::<TAG_BYTES>()? },
            wrapped: reader.take::<KEY_BYTES>()?.to_vec(),
        };
        let recovery = match recoverable {
            0 => None,
            _ => Some(Recoverable {
                by: reader.take()?,
                encapsulated: reader.take::<PUBLIC_BYTES>()?.to_vec(),
                wrapped: reader.take::<{ KEY_BYTES + TAG_BYTES }>()?.to_vec(),
            }),
        };
        (version == Self::VERSION && reader.0.is_empty()).then_some(Self { id, device, recovery })
    }

    /// Whether it was wrapped with this device's key.
    pub(crate) fn is_by(&self, device: &DeviceKey) -> bool {
        self.device.by == device.name()
    }

    pub(crate) fn open(&self, device: &DeviceKey) -> Option<Secret> {
        let mut opened = zeroize::Zeroizing::new(self.device.wrapped.clone());
        device.secret().open(&self.device.sealing, &aad(self.id), &mut [&mut opened])?;
        Secret::from_slice(&opened)
    }

    /// `None` also when it was wrapped for another recovery key, or for none.
    pub(crate) fn recover(&self, key: &RecoveryPrivateKey) -> Option<Secret> {
        let recovery = self.recovery.as_ref().filter(|known| known.by == key.public().name())?;
        key.unwrap(&recovery.encapsulated, &recovery.wrapped, &aad(self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lessons_key_comes_back_through_either_key() {
        let private = RecoveryPrivateKey::generate().unwrap();
        let device = DeviceKey::generate().unwrap();
        for recovery in [None, Some(private.public())] {
            let with_recovery = recovery.is_some();
            let keyring = Keyring { device: device.clone(), recovery };
            let key = LessonKey::generate(&keyring).unwrap();
            let wrapped = WrappedKey::decode(&key.wrapped).unwrap();
            assert_eq!(wrapped.id, key.id);
            assert!(wrapped.is_by(&device) && !wrapped.is_by(&DeviceKey::generate().unwrap()));
            assert_eq!(wrapped.open(&device).as_ref(), Some(key.secret.as_ref()));
            assert_eq!(wrapped.recover(&private).is_some(), with_recovery);
            assert_eq!(wrapped.open(&DeviceKey::generate().unwrap()), None);
            assert_eq!(WrappedKey::decode(&key.wrapped[1..]), None);
        }
    }
}
