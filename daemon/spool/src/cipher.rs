//! AES-256-GCM over OpenSSL, which the daemon carries for TLS anyway and which
//! is the fastest there is on small ARM boards too.

use std::fmt;

use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

pub(crate) const KEY_BYTES: usize = 32;
pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;

/// A secret key for AES-256. Wiped from memory when it goes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<[u8; KEY_BYTES]>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What stands beside bytes that were encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sealing {
    pub(crate) nonce: [u8; NONCE_BYTES],
    pub(crate) tag: [u8; TAG_BYTES],
}

/// Random bytes fit for keys.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], ErrorStack> {
    let mut bytes = [0; N];
    openssl::rand::rand_bytes(&mut bytes)?;
    Ok(bytes)
}

impl Secret {
    pub(crate) fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self::new(bytes.try_into().ok()?))
    }

    pub(crate) fn generate() -> Result<Self, ErrorStack> {
        random().map(Self::new)
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Encrypts under a nonce that the caller never uses again with this key.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_BYTES],
        aad: &[u8],
        plain: &[u8],
    ) -> Result<(Vec<u8>, [u8; TAG_BYTES]), ErrorStack> {
        let mut sealed = vec![0; plain.len()];
        let mut sealer = self.sealer(nonce, aad)?;
        sealer.add(plain, &mut sealed)?;
        Ok((sealed, sealer.finish()?))
    }

    /// The same for a message that comes in pieces.
    pub(crate) fn sealer(&self, nonce: [u8; NONCE_BYTES], aad: &[u8]) -> Result<Sealer, ErrorStack> {
        let mut context = CipherCtx::new()?;
        context.encrypt_init(Some(Cipher::aes_256_gcm()), Some(self.0.as_slice()), Some(&nonce))?;
        context.cipher_update(aad, None)?;
        Ok(Sealer(context))
    }

    /// Decrypts the pieces of a message where they lie. `None` when key, nonce,
    /// tag, `aad` and pieces do not belong together; what is in the pieces
    /// then is worth nothing.
    pub(crate) fn open(&self, sealing: &Sealing, aad: &[u8], pieces: &mut [&mut [u8]]) -> Option<()> {
        let mut open = || -> Result<(), ErrorStack> {
            let mut context = CipherCtx::new()?;
            let cipher = Cipher::aes_256_gcm();
            context.decrypt_init(Some(cipher), Some(self.0.as_slice()), Some(&sealing.nonce))?;
            context.cipher_update(aad, None)?;
            for piece in pieces.iter_mut().filter(|piece| !piece.is_empty()) {
                context.cipher_update_inplace(piece, piece.len())?;
            }
            context.set_tag(&sealing.tag)?;
            context.cipher_final(&mut [])?;
            Ok(())
        };
        open().ok()
    }
}

/// A message on its way through the cipher.
pub(crate) struct Sealer(CipherCtx);

impl Sealer {
    /// The next piece; `sealed` becomes as long as `plain` is.
    pub(crate) fn add(&mut self, plain: &[u8], sealed: &mut [u8]) -> Result<(), ErrorStack> {
        self.0.cipher_update(plain, Some(sealed)).map(drop)
    }

    /// The tag of all pieces.
    pub(crate) fn finish(mut self) -> Result<[u8; TAG_BYTES], ErrorStack> {
        let mut tag = [0; TAG_BYTES];
        self.0.cipher_final(&mut [])?;
        self.0.tag(&mut tag)?;
        Ok(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 16 of the GCM specification (McGrew and Viega, 2005).
    #[test]
    fn the_specifications_own_example_comes_out() {
        let unhex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let key = unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        let nonce = unhex("cafebabefacedbaddecaf888");
        let aad = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let plain = unhex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        );
        let key = Secret::from_slice(&key).unwrap();
        let nonce = nonce.try_into().unwrap();
        let (sealed, tag) = key.seal(nonce, &aad, &plain).unwrap();
        let mut in_pieces = vec![0; plain.len()];
        let mut sealer = key.sealer(nonce, &aad).unwrap();
        for (plain, sealed) in plain.chunks(21).zip(in_pieces.chunks_mut(21)) {
            sealer.add(plain, sealed).unwrap();
        }
        assert_eq!((&in_pieces, sealer.finish().unwrap()), (&sealed, tag));
        let expected = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
        assert_eq!(sealed, unhex(expected));
        assert_eq!(tag.to_vec(), unhex("76fc6ece0f4e1768cddf8853bb2d551b"));
        let sealing = Sealing { nonce, tag };
        let mut opened = sealed.clone();
        let (first, second) = opened.split_at_mut(7);
        assert_eq!(key.open(&sealing, &aad, &mut [first, second]), Some(()));
        assert_eq!(opened, plain);
        assert_eq!(key.open(&sealing, b"other", &mut [&mut sealed.clone()]), None);
        assert_eq!(key.open(&sealing, &aad, &mut [&mut sealed.clone()[1..]]), None);
    }
}
