//! Why a request is not carried out.

use std::time::Duration;

use crate::name::{Disk, Interface, Partition, UsbPort};

/// Why a request is not carried out, or was not carried out to its end.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Neither root nor the daemon's user asks.
    #[error("user {uid} may not ask; only root and the daemon's user may")]
    Stranger {
        /// Who asks.
        uid: u32,
    },
    /// It is no request.
    #[error("no request: {0}; it is one JSON line such as {{\"verb\":\"reboot\"}}")]
    Malformed(String),
    /// It goes on beyond what a request may have.
    #[error("the request is longer than {0} bytes")]
    TooLong(usize),
    /// Its end does not come.
    #[error("the request was not complete within {0:?}")]
    TooSlow(Duration),
    /// Too many ask at once, or the same is under way.
    #[error("{0} is under way; ask again when it has ended")]
    Busy(&'static str),
    /// No hub has such a port.
    #[error("there is no USB port {0}; its hub is gone or was plugged in elsewhere")]
    NoPort(UsbPort),
    /// What is plugged in is, or has behind it, a disk.
    #[error("behind USB port {port} is the disk {disk}; it is never unplugged")]
    HoldsDisk {
        /// The port.
        port: UsbPort,
        /// The disk behind it.
        disk: String,
    },
    /// The kernel has no such disk.
    #[error("there is no disk {0}")]
    NoDisk(Disk),
    /// What is to be mounted is not there, or no stick.
    #[error("{partition} is no USB stick: {cause}")]
    NoStick {
        /// What was to be mounted.
        partition: Partition,
        /// What speaks against it.
        cause: &'static str,
    },
    /// It has a filesystem that is not mounted here.
    #[error("{0} has neither FAT nor exFAT nor NTFS on it; format it with one of them")]
    UnknownFilesystem(Partition),
    /// Something is mounted there already, or it is mounted elsewhere.
    #[error("a stick is mounted already; unmount it first")]
    Mounted,
    /// Nothing is mounted.
    #[error("no stick is mounted")]
    NotMounted,
    /// There is no way out of the box by that interface.
    #[error("{interface} leads nowhere: {cause}")]
    NoUplink {
        /// Which.
        interface: Interface,
        /// What it lacks.
        cause: &'static str,
    },
    /// A program of the system is missing, fails, or does not end.
    #[error("{program}: {cause}")]
    Program {
        /// Which.
        program: &'static str,
        /// What went wrong.
        cause: String,
    },
    /// The kernel refuses.
    #[error("{doing}: {cause}")]
    Kernel {
        /// What was tried.
        doing: String,
        /// The kernel's answer.
        cause: std::io::Error,
    },
}

impl Refusal {
    /// A word for programs. It never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stranger { .. } => "stranger",
            Self::Malformed(_) => "malformed",
            Self::TooLong(_) => "too_long",
            Self::TooSlow(_) => "too_slow",
            Self::Busy(_) => "busy",
            Self::NoPort(_) => "no_port",
            Self::HoldsDisk { .. } => "holds_disk",
            Self::NoDisk(_) => "no_disk",
            Self::NoStick { .. } => "no_stick",
            Self::UnknownFilesystem(_) => "unknown_filesystem",
            Self::Mounted => "mounted",
            Self::NotMounted => "not_mounted",
            Self::NoUplink { .. } => "no_uplink",
            Self::Program { .. } => "program",
            Self::Kernel { .. } => "kernel",
        }
    }

    pub(crate) fn kernel(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |cause| Self::Kernel { doing: doing.into(), cause }
    }
}
