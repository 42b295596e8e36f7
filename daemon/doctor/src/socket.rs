//! The daemon's HTTP API over its control socket, as far as facts are asked for.

use std::io;
use std::path::Path;

/// What stands behind a path of the API.
///
/// # Errors
/// Of the kind that the system gave, or [`io::ErrorKind::Other`] when the daemon
/// refuses.
pub async fn get(socket: &Path, path: &str) -> io::Result<Vec<u8>> {
    let client = reqwest::Client::builder().unix_socket(socket.to_owned()).no_proxy().build();
    let client = client.map_err(io::Error::other)?;
    let answer = client.get(format!("http://lecternd/{path}")).send().await.map_err(|e| system(&e))?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(|e| system(&e))?;
    if status.is_success() {
        Ok(body.to_vec())
    } else {
        Err(io::Error::other(format!("lecternd refuses {path}: {status}")))
    }
}

/// The system's own error, which lies deep.
fn system(error: &reqwest::Error) -> io::Error {
    let mut cause: &dyn std::error::Error = error;
    loop {
        if let Some(inner) = cause.downcast_ref::<io::Error>()
            && inner.raw_os_error().is_some()
        {
            return io::Error::from(inner.kind());
        }
        match cause.source() {
            Some(deeper) => cause = deeper,
            None => return io::Error::other(cause.to_string()),
        }
    }
}
