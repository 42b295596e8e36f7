//! One mosquitto, set up for many boxes.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::network::BROKER;
use crate::process::{self, Process, Signal};
use crate::{FleetError, eventually, folder};

/// Plain MQTT.
const PORT: u16 = 1883;
/// MQTT over TLS, without a certificate of the box.
const TLS_PORT: u16 = 8883;
const LIMIT: Duration = Duration::from_secs(60);

/// A mosquitto of its own at [`BROKER`].
#[derive(Debug)]
pub struct Mosquitto {
    process: Option<Process>,
    folder: TempDir,
}

impl Mosquitto {
    /// Starts it.
    ///
    /// # Errors
    /// When its files cannot be written.
    ///
    /// # Panics
    /// When mosquitto or openssl is not installed.
    pub fn start() -> Result<Self, FleetError> {
        let folder = folder::temporary("fleet-mosquitto");
        certificate(folder.path())?;
        let mut this = Self { process: None, folder };
        this.launch(true)?;
        Ok(this)
    }

    /// Starts it again, with what it kept or with nothing.
    ///
    /// # Errors
    /// When its files cannot be written.
    ///
    /// # Panics
    /// When it does not listen within a minute.
    pub fn launch(&mut self, remembers: bool) -> Result<(), FleetError> {
        let here = self.folder.path().display();
        let text = format!(
            // As docs/fleet/scaling.md advises: a queue for the platform that
            // holds a birth of every box.
            "user root\nallow_anonymous true\nlog_type error\nlog_type warning\nset_tcp_nodelay true\n\
             persistence {remembers}\npersistence_location {here}/\n\
             max_queued_messages 0\nmax_inflight_messages 200\n\
             listener {PORT} 0.0.0.0\n\
             listener {TLS_PORT} 0.0.0.0\ncertfile {here}/broker.pem\nkeyfile {here}/broker.key\n"
        );
        let path = self.path("mosquitto.conf");
        std::fs::write(&path, text).map_err(FleetError::io(path.display()))?;
        let mut command = process::command("mosquitto", "mosquitto");
        command.arg("-c").arg(path);
        let mut process = Process::start("mosquitto", command, &self.path("mosquitto.log"));
        eventually("mosquitto listens", LIMIT, || {
            assert!(process.ended().is_none(), "mosquitto ended at its start:\n{}", process.log());
            TcpStream::connect((BROKER, PORT)).ok()
        });
        self.process = Some(process);
        Ok(())
    }

    /// Ends it in order: what it is to keep is on its disk. Returns at once.
    pub fn stop(&mut self) {
        if let Some(process) = &self.process {
            process.signal(Signal::TERM);
        }
    }

    /// Waits for its end after [`Self::stop`].
    ///
    /// # Panics
    /// When that takes more than a minute.
    pub fn wait(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.wait(LIMIT);
        }
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        drop(self.process.take());
    }

    /// Its process; none while it is ended.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// What a box trusts.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.path("broker.pem")
    }

    /// What it keeps on its disk, in bytes.
    #[must_use]
    pub fn kept_bytes(&self) -> u64 {
        std::fs::metadata(self.path("mosquitto.db")).map_or(0, |file| file.len())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A certificate that signs itself, for the broker's address.
fn certificate(folder: &Path) -> Result<(), FleetError> {
    let mut openssl = process::command("openssl", "openssl");
    openssl.current_dir(folder).args(["req", "-x509", "-newkey", "ec", "-pkeyopt"]);
    openssl.args(["ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=broker"]);
    openssl.args(["-addext", &format!("subjectAltName=IP:{BROKER}")]);
    let output = openssl.args(["-keyout", "broker.key", "-out", "broker.pem"]).output();
    let output = output.map_err(FleetError::io("openssl"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(FleetError::Refused { what: "a certificate".to_owned(), said })
}
