//! An archive on a web server: a real nginx that takes WebDAV PUT.

use std::path::PathBuf;

use crate::Archive;
use crate::nginx::Nginx;
use crate::setup::DEVICE;

/// The archive's server.
#[derive(Debug)]
pub struct WebArchive {
    nginx: Nginx,
}

impl WebArchive {
    /// Opens an empty archive.
    ///
    /// # Panics
    /// When nginx is not installed.
    #[must_use]
    pub fn open() -> Self {
        let nginx = Nginx::start(&["ngx_http_dav_ext_module"], "", |_| {
            "location /lessons/ { dav_methods PUT DELETE; create_full_put_path on; dav_access user:rw; }"
                .to_owned()
        });
        Self { nginx }
    }

    /// Its address, as a box is configured with it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/lessons", self.nginx.http_port())
    }

    /// A lesson there, read over HTTP.
    #[must_use]
    pub fn lesson(&self, date: &str, lesson: &str) -> Archive {
        Archive::web(&format!("{}/{DEVICE}/{date}/{lesson}", self.url()))
    }

    /// Where its files lie on this machine.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.nginx.path("lessons")
    }

    /// Ends the server at once.
    pub fn kill(&mut self) {
        self.nginx.kill();
    }

    /// Starts it again at the same address.
    pub fn restart(&mut self) {
        self.nginx.launch();
    }
}
