//! The verbs, each in a file of its own.

mod reboot;
mod replug;
mod smart;
mod stick;
mod uplink;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, TryLockError};

use crate::audit::Peer;
use crate::protocol::{Answer, Request};
use crate::refusal::Refusal;

/// Carries requests out. Of each kind one at a time: a disk or a stick that hangs
/// keeps nobody from starting the machine again.
#[derive(Debug)]
pub(crate) struct Verbs {
    root: PathBuf,
    replugging: Mutex<()>,
    asking_disk: Mutex<()>,
    mounting: Mutex<()>,
    routing: Mutex<()>,
}

impl Verbs {
    /// Everything is looked up below `root`, `/` in life.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            replugging: Mutex::default(),
            asking_disk: Mutex::default(),
            mounting: Mutex::default(),
            routing: Mutex::default(),
        }
    }

    pub(crate) fn carry_out(&self, request: &Request, peer: Peer) -> Result<Answer, Refusal> {
        let root = &self.root;
        let mut report = None;
        match request {
            Request::Reboot {} => reboot::reboot(root)?,
            Request::Replug { port } => {
                let _one = alone(&self.replugging, "replug")?;
                replug::replug(root, port, replug::DARK)?;
            }
            Request::Smart { disk } => {
                let _one = alone(&self.asking_disk, "smart")?;
                report = Some(smart::smart(root, disk)?);
            }
            Request::Mount { partition, write } => {
                let _one = alone(&self.mounting, "mount")?;
                stick::mount(root, partition, *write, peer)?;
            }
            Request::Unmount {} => {
                let _one = alone(&self.mounting, "unmount")?;
                stick::unmount(root)?;
            }
            Request::Uplink { interface } => {
                let _one = alone(&self.routing, "uplink")?;
                uplink::uplink(root, interface.as_ref())?;
            }
        }
        Ok(Answer::Done { report })
    }
}

fn alone<'a>(lock: &'a Mutex<()>, what: &'static str) -> Result<MutexGuard<'a, ()>, Refusal> {
    match lock.try_lock() {
        Ok(one) => Ok(one),
        Err(TryLockError::Poisoned(one)) => Ok(one.into_inner()),
        Err(TryLockError::WouldBlock) => Err(Refusal::Busy(what)),
    }
}
