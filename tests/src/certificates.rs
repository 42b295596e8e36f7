//! Certificates of an authority of one's own, as a school has it.

use std::path::Path;

use crate::process;

/// Makes an authority in a folder: `authority.pem` and `authority.key`.
pub(crate) fn authority(folder: &Path) {
    openssl(folder, &["-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=School"]);
}

/// Has the authority sign a certificate of 127.0.0.1: `NAME.pem` and `NAME.key`.
pub(crate) fn signed(folder: &Path, name: &str) {
    let [pem, key, subject] = [format!("{name}.pem"), format!("{name}.key"), format!("/CN={name}")];
    let own = ["-keyout", &key, "-out", &pem, "-subj", &subject, "-CA", "authority.pem"];
    let named = ["-CAkey", "authority.key", "-addext", "subjectAltName=IP:127.0.0.1"];
    openssl(folder, &[&own[..], &named[..]].concat());
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let mut openssl = process::command("openssl", "openssl");
    openssl.current_dir(folder).args(["req", "-x509", "-newkey", "ec", "-pkeyopt"]);
    openssl.args(["ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]).args(arguments);
    let output = openssl.output().expect("openssl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
