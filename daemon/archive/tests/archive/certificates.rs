//! Certificates of a private authority, good and bad ones.

use std::path::PathBuf;

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};

pub(crate) struct Authority {
    key: PKey<Private>,
    certificate: X509,
    folder: tempfile::TempDir,
}

fn begin(name: &str, key: &PKey<Private>, serial: u32) -> X509Builder {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&Asn1Integer::from_bn(&BigNum::from_u32(serial).unwrap()).unwrap()).unwrap();
    builder.set_subject_name(&subject.build()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder
}

fn key() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()
}

fn valid(builder: &mut X509Builder, from: &str, until: &str) {
    builder.set_not_before(&Asn1Time::from_str(from).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_str(until).unwrap()).unwrap();
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = key();
        let mut builder = begin("District", &key, 1);
        let name = X509NameBuilder::new().map(|mut name| {
            name.append_entry_by_text("CN", "District").unwrap();
            name.build()
        });
        builder.set_issuer_name(&name.unwrap()).unwrap();
        valid(&mut builder, "20200101000000Z", "20990101000000Z");
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        let authority = Self { key, certificate: builder.build(), folder: tempfile::tempdir().unwrap() };
        std::fs::write(authority.ca(), authority.certificate.to_pem().unwrap()).unwrap();
        authority
    }

    /// The file of the authority's own certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A file with key and certificate, for `localhost` and 127.0.0.1.
    pub(crate) fn good(&self) -> PathBuf {
        self.issue("good", "localhost", "20200101000000Z", "20990101000000Z")
    }

    pub(crate) fn expired(&self) -> PathBuf {
        self.issue("expired", "localhost", "20200101000000Z", "20210101000000Z")
    }

    pub(crate) fn not_begun(&self) -> PathBuf {
        self.issue("not-begun", "localhost", "20980101000000Z", "20990101000000Z")
    }

    pub(crate) fn of_another(&self) -> PathBuf {
        self.issue("other", "somewhere.else", "20200101000000Z", "20990101000000Z")
    }

    fn issue(&self, file: &str, name: &str, from: &str, until: &str) -> PathBuf {
        let key = key();
        let mut builder = begin(name, &key, 2);
        builder.set_issuer_name(self.certificate.subject_name()).unwrap();
        valid(&mut builder, from, until);
        let mut names = SubjectAlternativeName::new();
        names.dns(name);
        if name == "localhost" {
            names.ip("127.0.0.1");
        }
        let names = names.build(&builder.x509v3_context(Some(&self.certificate), None)).unwrap();
        builder.append_extension(names).unwrap();
        builder.sign(&self.key, MessageDigest::sha256()).unwrap();
        let mut pem = builder.build().to_pem().unwrap();
        pem.extend(key.private_key_to_pem_pkcs8().unwrap());
        let path = self.folder.path().join(format!("{file}.pem"));
        std::fs::write(&path, pem).unwrap();
        path
    }
}
