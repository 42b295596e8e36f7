//! A real MQTT broker on ports of its own, somebody who listens there, and a
//! proxy before it.

mod contract;
mod ear;
mod gate;

use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

pub use self::ear::{Ear, Said};
pub use self::gate::Gate;
use crate::process::{self, Process, Signal};
use crate::{certificates, eventually, ports};

/// One mosquitto with its folder.
#[derive(Debug)]
pub struct Broker {
    process: Option<Process>,
    folder: TempDir,
    plain: u16,
    tls: u16,
    web_socket: u16,
}

/// What the broker keeps when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// Retained messages and sessions.
    Kept,
    /// Nothing: a broker without a disk, or a new one in its place.
    Lost,
}

const START_LIMIT: Duration = Duration::from_secs(20);
const STOP_LIMIT: Duration = Duration::from_secs(20);

impl Broker {
    /// Starts a broker: plain, TLS that asks for a certificate of its own
    /// authority, and WebSocket over TLS.
    ///
    /// # Panics
    /// When mosquitto or openssl is not installed.
    #[must_use]
    pub fn start(memory: Memory) -> Self {
        let folder = crate::folder::temporary("broker");
        let here = folder.path();
        certificates::authority(here);
        ["broker", "box"].iter().for_each(|name| certificates::signed(here, name));
        let both = ["box.pem", "box.key"].map(|name| std::fs::read(here.join(name)).expect("a certificate"));
        std::fs::write(here.join("client.pem"), both.concat()).expect("a file of both");
        let [plain, tls, web_socket] = [ports::tcp(), ports::tcp(), ports::tcp()];
        let persistence = memory == Memory::Kept;
        let here = here.display();
        let secure =
            format!("cafile {here}/authority.pem\ncertfile {here}/broker.pem\nkeyfile {here}/broker.key\n");
        let text = format!(
            "user root\nallow_anonymous true\npersistence {persistence}\npersistence_location {here}/\n\
             connection_messages true\nlog_type all\nset_tcp_nodelay true\n\
             listener {plain} 127.0.0.1\n\
             listener {tls} 127.0.0.1\n{secure}require_certificate true\n\
             listener {web_socket} 127.0.0.1\nprotocol websockets\n{secure}"
        );
        std::fs::write(folder.path().join("mosquitto.conf"), text).expect("mosquitto.conf can be written");
        let mut this = Self { process: None, folder, plain, tls, web_socket };
        this.launch();
        this
    }

    /// Starts it again on the same ports.
    ///
    /// # Panics
    /// When it does not listen within 20 s.
    pub fn launch(&mut self) {
        let mut command = process::command("mosquitto", "mosquitto");
        command.arg("-c").arg(self.path("mosquitto.conf"));
        let mut process = Process::start("mosquitto", command, &self.path("mosquitto.log"));
        let ports = [self.plain, self.tls, self.web_socket];
        eventually("mosquitto listens", START_LIMIT, || {
            assert!(process.ended().is_none(), "mosquitto ended at its start:\n{}", process.log());
            ports.iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()).then_some(())
        });
        self.process = Some(process);
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        drop(self.process.take());
    }

    /// Ends it in order: what it is to keep is on its disk.
    ///
    /// # Panics
    /// When it does not end within 20 s.
    pub fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        process.signal(Signal::TERM);
        process.wait(STOP_LIMIT);
    }

    /// Where plain MQTT is spoken.
    #[must_use]
    pub fn plain_port(&self) -> u16 {
        self.plain
    }

    /// Where TLS is spoken, by who has a certificate.
    #[must_use]
    pub fn tls_port(&self) -> u16 {
        self.tls
    }

    /// Where WebSocket over TLS is spoken.
    #[must_use]
    pub fn web_socket_port(&self) -> u16 {
        self.web_socket
    }

    /// The authority's certificate.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.path("authority.pem")
    }

    /// A certificate that it signed for a box, with its key.
    #[must_use]
    pub fn client_certificate(&self) -> PathBuf {
        self.path("client.pem")
    }

    /// What it has said.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("mosquitto.log")).unwrap_or_default()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
