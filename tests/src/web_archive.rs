//! An archive on a web server: a real nginx that takes WebDAV PUT.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
        Self::over(|_| ())
    }

    /// Opens an empty archive in a folder that was prepared.
    pub(crate) fn over(prepare: impl FnOnce(&Path)) -> Self {
        let nginx = Nginx::start(&["ngx_http_dav_ext_module"], "", |here| {
            prepare(&Path::new(here).join("lessons"));
            // Where uploads are gathered lies on the same disk: otherwise nginx
            // copies them, and leaves half a copy behind when the disk is full.
            let gathered = Path::new(here).join("lessons/.gathered");
            std::fs::create_dir_all(gathered).expect("the archive's folder can be made");
            format!(
                "location /lessons/ {{ client_body_temp_path {here}/lessons/.gathered; dav_methods PUT DELETE MKCOL; dav_ext_methods PROPFIND; \
                 create_full_put_path on; dav_access user:rw; access_log {here}/access.log; \
                 set $refusal \"\"; \
                 if (-f {here}/refuse-500) {{ set $refusal 500; }} \
                 if (-f {here}/refuse-503) {{ set $refusal 503; }} \
                 set $refused $request_method$refusal; \
                 if ($refused = PUT500) {{ return 500; }} \
                 if ($refused = PUT503) {{ return 503; }} }}"
            )
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

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.nginx.http_port()
    }

    /// How often each file was put there, by its path on the server.
    ///
    /// # Panics
    /// When the server has no log of its requests.
    #[must_use]
    pub fn puts(&self) -> BTreeMap<String, u32> {
        let log = std::fs::read_to_string(self.nginx.path("access.log")).expect("nginx logs requests");
        let mut puts = BTreeMap::new();
        // … "PUT /lessons/a/b HTTP/1.1" 201 0 …
        for line in log.lines() {
            let Some((_, request)) = line.split_once("\"PUT ") else { continue };
            let mut words = request.split(' ');
            let (path, status) = (words.next(), words.nth(1));
            if let (Some(path), Some("201" | "204")) = (path, status) {
                *puts.entry(path.trim_start_matches("/lessons/").to_owned()).or_default() += 1;
            }
        }
        puts
    }

    /// Where its files lie on this machine.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.nginx.path("lessons")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.nginx.path(name)
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
