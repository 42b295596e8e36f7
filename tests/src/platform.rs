//! A streaming platform: a real nginx with its RTMP module, which records what
//! it receives.

use std::path::PathBuf;

use crate::nginx::Nginx;
use crate::ports;
use crate::process::Signal;

/// The platform.
#[derive(Debug)]
pub struct Platform {
    nginx: Nginx,
    rtmp_port: u16,
}

impl Platform {
    /// Opens a platform.
    ///
    /// # Panics
    /// When nginx or its RTMP module is not installed.
    #[must_use]
    pub fn open() -> Self {
        let rtmp_port = ports::tcp();
        let rtmp = format!(
            "rtmp {{ server {{ listen 127.0.0.1:{rtmp_port}; chunk_size 4096;\n\
             application live {{ live on; record all; record_path {{folder}}; record_unique on; }}\n\
             application closed {{ live on; deny publish all; }} }} }}"
        );
        let nginx =
            Nginx::start(&["ngx_rtmp_module"], &rtmp, |_| "location /stat { rtmp_stat all; }".to_owned());
        Self { nginx, rtmp_port }
    }

    /// Where a stream is published.
    #[must_use]
    pub fn url(&self, stream: &str) -> String {
        format!("rtmp://127.0.0.1:{}/live/{stream}", self.rtmp_port)
    }

    /// An address that takes no publisher.
    #[must_use]
    pub fn closed_url(&self) -> String {
        format!("rtmp://127.0.0.1:{}/closed/nobody", self.rtmp_port)
    }

    /// Whether somebody publishes a stream now, as the platform itself says.
    #[must_use]
    pub fn has_publisher(&self, stream: &str) -> bool {
        let stat = self.nginx.get("/stat").unwrap_or_default();
        let named = format!("<name>{stream}</name>");
        let streams = stat.split("<stream>").filter(|part| part.contains(&named));
        streams.into_iter().any(|part| part.contains("<publishing/>"))
    }

    /// Stops the platform in the middle of whatever it does: connections stay
    /// open and take nothing.
    pub fn freeze(&self) {
        self.nginx.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.nginx.signal(Signal::CONT);
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        self.nginx.kill();
    }

    /// Starts it again at the same address.
    pub fn restart(&mut self) {
        self.nginx.launch();
    }

    /// What was received of a stream, a file per publication, in order.
    ///
    /// # Panics
    /// When the folder of recordings cannot be read.
    #[must_use]
    pub fn recordings(&self, stream: &str) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.nginx.path("")).expect("the platform's folder");
        let files = folder.filter_map(|entry| Some(entry.ok()?.path()));
        let own = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.starts_with(&format!("{stream}-")) && name.ends_with(".flv")
        };
        let mut files: Vec<PathBuf> = files.filter(own).collect();
        files.sort();
        files
    }
}
