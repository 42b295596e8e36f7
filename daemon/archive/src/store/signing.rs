//! SHA-256 and its HMAC for S3 signatures, by the OpenSSL that TLS uses anyway:
//! `object_store` would bring ring or aws-lc for them.

use object_store::Result;
use object_store::client::{
    CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, Signer, SigningAlgorithm,
};
use openssl::hash::{Hasher, MessageDigest};
use openssl::pkey::PKey;
use openssl::sign;

/// Digests of OpenSSL.
#[derive(Debug)]
pub(super) struct OpenSsl;

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> object_store::Error {
    object_store::Error::Generic { store: "OpenSSL", source: Box::new(error) }
}

fn not_here(what: &str) -> object_store::Error {
    object_store::Error::NotSupported { source: format!("{what} is not part of S3 signatures").into() }
}

fn sha256(algorithm: &DigestAlgorithm) -> Result<MessageDigest> {
    match algorithm {
        DigestAlgorithm::Sha256 => Ok(MessageDigest::sha256()),
        _ => Err(not_here("this digest")),
    }
}

impl CryptoProvider for OpenSsl {
    fn digest(&self, algorithm: DigestAlgorithm) -> Result<Box<dyn DigestContext>> {
        let hasher = Hasher::new(sha256(&algorithm)?).map_err(failed)?;
        Ok(Box::new(Running { hasher, failure: None, out: Vec::new() }))
    }

    fn hmac(&self, algorithm: DigestAlgorithm, secret: &[u8]) -> Result<Box<dyn HmacContext>> {
        let key = PKey::hmac(secret).map_err(failed)?;
        Ok(Box::new(Keyed { digest: sha256(&algorithm)?, key, data: Vec::new(), out: Vec::new() }))
    }

    fn sign(&self, _: SigningAlgorithm, _: &[u8]) -> Result<Box<dyn Signer>> {
        Err(not_here("RSA"))
    }
}

struct Running {
    hasher: Hasher,
    failure: Option<openssl::error::ErrorStack>,
    out: Vec<u8>,
}

impl DigestContext for Running {
    fn update(&mut self, data: &[u8]) {
        if let Err(error) = self.hasher.update(data) {
            self.failure = Some(error);
        }
    }

    fn finish(&mut self) -> Result<&[u8]> {
        if let Some(error) = self.failure.take() {
            return Err(failed(error));
        }
        self.out = self.hasher.finish().map_err(failed)?.to_vec();
        Ok(&self.out)
    }
}

/// What is signed is short (a date, a region, a request's outline), so that it
/// is kept and signed at once.
struct Keyed {
    digest: MessageDigest,
    key: PKey<openssl::pkey::Private>,
    data: Vec<u8>,
    out: Vec<u8>,
}

impl HmacContext for Keyed {
    fn update(&mut self, data: &[u8]) {
        self.data.extend_from_slice(data);
    }

    fn finish(&mut self) -> Result<&[u8]> {
        let mut signer = sign::Signer::new(self.digest, &self.key).map_err(failed)?;
        self.out = signer.sign_oneshot_to_vec(&self.data).map_err(failed)?;
        Ok(&self.out)
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn digest_and_hmac_are_those_of_the_standards() {
        let mut digest = OpenSsl.digest(DigestAlgorithm::Sha256).unwrap();
        digest.update(b"a");
        digest.update(b"bc");
        // FIPS 180-2, B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(HEXLOWER.encode(digest.finish().unwrap()), abc);
        // RFC 4231, test case 2.
        let mut hmac = OpenSsl.hmac(DigestAlgorithm::Sha256, b"Jefe").unwrap();
        hmac.update(b"what do ya want ");
        hmac.update(b"for nothing?");
        assert_eq!(
            HEXLOWER.encode(hmac.finish().unwrap()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
