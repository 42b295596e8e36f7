//! RabbitMQ with its MQTT plugin, alone or as a cluster on this machine.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{self, Process};
use crate::{FleetError, eventually, folder, ports};

/// Where Debian puts the server itself; the one on `PATH` changes the user.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
/// Erlang starts slowly on a loaded machine.
const LIMIT: Duration = Duration::from_secs(180);

/// One or more nodes, with a register of names of their own.
#[derive(Debug)]
pub struct RabbitMq {
    /// The nodes.
    pub nodes: Vec<Node>,
    _names: Process,
    _folder: TempDir,
}

/// One node.
#[derive(Debug)]
pub struct Node {
    process: Option<Process>,
    folder: PathBuf,
    name: String,
    /// Where it speaks plain MQTT.
    pub port: u16,
    distribution: u16,
    names: u16,
}

impl RabbitMq {
    /// Starts so many nodes, which find each other.
    ///
    /// # Errors
    /// When their files cannot be written.
    ///
    /// # Panics
    /// When RabbitMQ is not installed, or a node does not listen within three
    /// minutes.
    pub fn start(nodes: usize) -> Result<Self, FleetError> {
        assert!(Path::new(SERVER).exists(), "{SERVER} is missing: `make test-rabbitmq` installs it");
        let folder = folder::temporary("rabbitmq");
        let cookie = folder.path().join(".erlang.cookie");
        write(&cookie, "lectern")?;
        let private = std::fs::Permissions::from_mode(0o400);
        std::fs::set_permissions(&cookie, private).map_err(FleetError::io(cookie.display()))?;
        let names = ports::tcp();
        let mut command = process::command("epmd", "erlang-base");
        command.args(["-port", &names.to_string(), "-address", "127.0.0.1"]);
        let names_process = Process::start("epmd", command, &folder.path().join("epmd.log"));
        let all: Vec<String> = (0..nodes).map(|node| format!("node{node}@localhost")).collect();
        let mut made = Vec::new();
        for name in &all {
            let node = Node {
                process: None,
                folder: folder.path().join(name),
                name: name.clone(),
                port: ports::tcp(),
                distribution: ports::tcp(),
                names,
            };
            node.configure(&all)?;
            made.push(node);
        }
        let mut this = Self { nodes: made, _names: names_process, _folder: folder };
        this.nodes.iter_mut().for_each(Node::start);
        this.nodes.iter_mut().for_each(Node::wait);
        Ok(this)
    }
}

fn write(path: &Path, text: &str) -> Result<(), FleetError> {
    std::fs::write(path, text).map_err(FleetError::io(path.display()))
}

impl Node {
    fn configure(&self, all: &[String]) -> Result<(), FleetError> {
        std::fs::create_dir_all(&self.folder).map_err(FleetError::io(self.folder.display()))?;
        let mut text = format!(
            "listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:{}\nmqtt.allow_anonymous = true\n\
             mqtt.retained_message_store = rabbit_mqtt_retained_msg_store_dets\n\
             mqtt.retained_message_store_dets_sync_interval = 500\n\
             cluster_partition_handling = ignore\n",
            self.port
        );
        for (number, name) in (1..).zip(all).filter(|_| all.len() > 1) {
            text += &format!(
                "cluster_formation.peer_discovery_backend = classic_config\n\
                 cluster_formation.classic_config.nodes.{number} = {name}\n"
            );
        }
        write(&self.folder.join("rabbitmq.conf"), &text)?;
        write(&self.folder.join("enabled_plugins"), "[rabbitmq_mqtt].\n")
    }

    fn start(&mut self) {
        let mut command = process::owned(Path::new(SERVER));
        let home = self.folder.parent().unwrap_or(&self.folder);
        // With input allowed the script becomes Erlang, which can be killed; that
        // there is none is said to Erlang itself.
        command.arg("-noinput").env("RABBITMQ_ALLOW_INPUT", "1");
        command.env("HOME", home).env("RABBITMQ_CONF_ENV_FILE", self.folder.join("none"));
        command.env("RABBITMQ_NODENAME", &self.name).env("RABBITMQ_LOGS", "-");
        command.env("RABBITMQ_DIST_PORT", self.distribution.to_string());
        command.env("ERL_EPMD_PORT", self.names.to_string()).env("ERL_EPMD_ADDRESS", "127.0.0.1");
        for (variable, name) in [
            ("RABBITMQ_MNESIA_BASE", "mnesia"),
            ("RABBITMQ_LOG_BASE", "log"),
            ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", "enabled_plugins"),
            ("RABBITMQ_PID_FILE", "pid"),
        ] {
            command.env(variable, self.folder.join(name));
        }
        self.process = Some(Process::start("RabbitMQ", command, &self.folder.join("rabbitmq.log")));
    }

    fn wait(&mut self) {
        let Some(process) = &mut self.process else { return };
        eventually("RabbitMQ listens", LIMIT, || {
            assert!(process.ended().is_none(), "RabbitMQ ended at its start:\n{}", process.log());
            TcpStream::connect(("127.0.0.1", self.port)).ok()
        });
    }

    /// Starts it again with what it kept.
    ///
    /// # Panics
    /// When it does not listen within three minutes.
    pub fn launch(&mut self) {
        self.start();
        self.wait();
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        drop(self.process.take());
    }

    /// What it has said.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.as_ref().map(Process::log).unwrap_or_default()
    }
}
