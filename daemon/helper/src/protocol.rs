//! What goes over the socket.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::name::{Disk, Interface, Partition, UsbPort};

/// A request may have so many bytes, its end of line included.
pub const MAX_REQUEST_BYTES: usize = 1024;

/// An answer may have so many bytes, its end of line included. The report of a
/// disk with a long log has about 100 kB.
pub const MAX_ANSWER_BYTES: usize = 1 << 20;

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "lowercase", deny_unknown_fields)]
pub enum Request {
    /// Starts the machine again, in order: `systemctl reboot`.
    Reboot {},
    /// Takes the current of a USB port away and gives it back, as if somebody
    /// pulled the plug; where hub or kernel cannot, what is plugged in is
    /// configured anew. Refused where a disk is behind it.
    Replug {
        /// Which.
        port: UsbPort,
    },
    /// What a disk says about its health: the report of `smartctl --json --all`.
    /// One that sleeps is not woken.
    Smart {
        /// Which.
        disk: Disk,
    },
    /// Mounts a USB stick at [`STICK`](crate::STICK) for whoever asks: nothing on
    /// it can be executed, no device, no set-user-ID.
    Mount {
        /// What of it.
        partition: Partition,
        /// Whether files may be written; otherwise nothing is.
        #[serde(default)]
        write: bool,
    },
    /// Takes the stick out of use; what was written is on it then.
    Unmount {},
    /// Sends what leaves the box out by this interface, over its own default
    /// route, before all others. What was configured stays as it is; until the
    /// interface goes down, the machine is started again, or somebody asks
    /// without an interface.
    Uplink {
        /// By which; nothing: by which the configuration says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interface: Option<Interface>,
    },
}

impl Request {
    /// Reads one, without its end of line.
    pub(crate) fn read(line: &[u8]) -> Result<Self, String> {
        // A list would do for serde, too.
        if line.first() != Some(&b'{') {
            return Err("it does not begin with {".to_owned());
        }
        serde_json::from_slice(line).map_err(|error| error.to_string())
    }

    /// The verb, for the audit.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Reboot {} => "reboot",
            Self::Replug { .. } => "replug",
            Self::Smart { .. } => "smart",
            Self::Mount { .. } => "mount",
            Self::Unmount {} => "unmount",
            Self::Uplink { .. } => "uplink",
        }
    }
}

impl fmt::Display for Request {
    /// What is asked for, without the verb.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reboot {} | Self::Unmount {} | Self::Uplink { interface: None } => Ok(()),
            Self::Uplink { interface: Some(interface) } => interface.fmt(f),
            Self::Replug { port } => port.fmt(f),
            Self::Smart { disk } => disk.fmt(f),
            Self::Mount { partition, write: true } => write!(f, "{partition} to write"),
            Self::Mount { partition, write: false } => partition.fmt(f),
        }
    }
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Answer {
    /// It was carried out.
    Done {
        /// What there is to tell: the report of a disk.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<serde_json::Value>,
    },
    /// It was not.
    Refused {
        /// For programs; see [`Refusal::code`](crate::Refusal::code).
        code: String,
        /// For the log.
        why: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Request, String> {
        Request::read(line.as_bytes())
    }

    #[test]
    fn a_request_has_one_form() {
        let port = UsbPort::new("1-1.4").unwrap();
        assert_eq!(read(r#"{"verb":"replug","port":"1-1.4"}"#), Ok(Request::Replug { port }));
        assert_eq!(read(r#"{"verb":"reboot"}"#), Ok(Request::Reboot {}));
        let partition = Partition::new("sdb1").unwrap();
        assert_eq!(
            read(r#"{"verb":"mount","partition":"sdb1"}"#),
            Ok(Request::Mount { partition, write: false })
        );
        let interface = Some(Interface::new("wwan0").unwrap());
        assert_eq!(read(r#"{"verb":"uplink","interface":"wwan0"}"#), Ok(Request::Uplink { interface }));
        assert_eq!(read(r#"{"verb":"uplink"}"#), Ok(Request::Uplink { interface: None }));
    }

    #[test]
    fn whatever_else_stands_in_it_is_named() {
        for (line, reason) in [
            (r#"{"verb":"halt"}"#, "unknown variant `halt`"),
            (r#"{"verb":"reboot","force":true}"#, "unknown field `force`"),
            (r#"{"verb":"replug"}"#, "missing field `port`"),
            (r#"{"verb":"replug","port":"../../x"}"#, "is not the name of a USB port"),
            (r#"{"verb":"smart","disk":"sda --set=off"}"#, "is not the name of a disk"),
            (r#"{"verb":"mount","partition":"sdb1","options":"exec"}"#, "unknown field `options`"),
            (r#"{"verb":"uplink","interface":"eth0 metric 1"}"#, "is not the name of a network interface"),
            (r#"{"verb":"uplink","interface":"eth0","gateway":"10.0.0.1"}"#, "unknown field `gateway`"),
            (r#"["reboot"]"#, "does not begin with {"),
            (r#"{"verb":"unmount","verb":"reboot"}"#, "duplicate field"),
            ("", "does not begin with {"),
        ] {
            let error = read(line).unwrap_err();
            assert!(error.contains(reason), "{line}: {error}");
        }
    }
}
