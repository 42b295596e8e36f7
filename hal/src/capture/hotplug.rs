//! Being told when something is plugged in or pulled out.
//!
//! An event only means "look again": [`Devices::read`](super::Devices::read) says
//! what there is. So a lost event, or a machine without udev, costs a delay and
//! never a wrong picture; who waits should look anyway after half a minute.
//!
//! Source: the netlink family `KOBJECT_UEVENT`, where the kernel (group 1) and udev
//! (group 2) send lists of `KEY=value`, each ended by a zero byte. udev's begin with
//! a header of its own, which nobody here needs.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::netlink::{self, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};

/// Somebody who tells that devices came or went.
pub trait Hotplug: Send {
    /// Waits for at most `limit`; true when it is time to look again. Blocks its
    /// thread.
    ///
    /// # Errors
    /// When events can no longer be received; look at intervals then.
    fn wait(&mut self, limit: Duration) -> io::Result<bool>;
}

const OF_THE_KERNEL: u32 = 1;
const OF_UDEV: u32 = 2;

/// What is listened for. `usb` would come before the nodes are there.
const SUBSYSTEMS: [&str; 2] = ["video4linux", "sound"];

/// No event is longer: the kernel's have 2 KiB, udev's some more.
const LONGEST_BYTES: usize = 16 << 10;

/// The system's events.
#[derive(Debug)]
pub struct Events {
    socket: OwnedFd,
    subsystems: &'static [&'static str],
}

impl Events {
    /// Listens to udev where it runs: its events come when a node has its owner and
    /// rights, the kernel's before, and opening the node would fail. Elsewhere
    /// listens to the kernel.
    ///
    /// # Errors
    /// When no such socket can be had, as in a sandbox without netlink.
    pub fn listen(root: &Path) -> io::Result<Self> {
        let by_udev = root.join("run/udev/control").exists();
        Self::of(if by_udev { OF_UDEV } else { OF_THE_KERNEL }, &SUBSYSTEMS)
    }

    fn of(group: u32, subsystems: &'static [&'static str]) -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let family = Some(netlink::KOBJECT_UEVENT);
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, family)?;
        bind(&socket, &SocketAddrNetlink::new(0, group))?;
        Ok(Self { socket, subsystems })
    }

    /// Reads what is there, as one: a camera comes with several nodes.
    fn drain(&self) -> io::Result<bool> {
        let (mut event, mut is_ours) = (vec![0; LONGEST_BYTES], false);
        loop {
            match recv(&self.socket, &mut event, RecvFlags::DONTWAIT) {
                Ok((length, _)) => is_ours |= concerns(&event[..length], self.subsystems),
                Err(Errno::AGAIN) => return Ok(is_ours),
                // There were more than the socket holds: who knows what was lost.
                Err(Errno::NOBUFS) => is_ours = true,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn concerns(event: &[u8], subsystems: &[&str]) -> bool {
    event.split(|byte| *byte == 0).any(|pair| {
        let subsystem = pair.strip_prefix(b"SUBSYSTEM=");
        subsystem.is_some_and(|subsystem| subsystems.iter().any(|wanted| wanted.as_bytes() == subsystem))
    })
}

impl Hotplug for Events {
    fn wait(&mut self, limit: Duration) -> io::Result<bool> {
        let limit = Timespec::try_from(limit).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&limit)) {
            Ok(0) | Err(Errno::INTR) => Ok(false),
            Ok(_) => self.drain(),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kernel repeats the event of a device on request, which only root may.
    #[test]
    fn an_event_of_the_kernel_wakes_who_waits_for_it_and_nobody_else() {
        let request = "/sys/class/net/lo/uevent";
        let mut network = Events::of(OF_THE_KERNEL, &["net"]).unwrap();
        let mut cameras = Events::listen(Path::new("/nowhere")).unwrap();
        assert!(!network.wait(Duration::ZERO).unwrap());
        if let Err(error) = std::fs::write(request, "change\n") {
            eprintln!("half a test: {request} cannot be written here: {error}");
            return;
        }
        // Other events of the machine may come first.
        assert!((0..100).any(|_| network.wait(Duration::from_secs(1)).unwrap()));
        assert!(!cameras.wait(Duration::ZERO).unwrap());
    }

    #[test]
    fn an_event_of_udev_is_understood_behind_its_header() {
        let mut event = b"libudev\0\xfe\xed\xca\xfe\x28\0\0\0\x28\0\0\0\xa0\0\0\0".to_vec();
        event.extend([0; 16]);
        event.extend(
            b"ACTION=add\0DEVPATH=/devices/usb1/1-1/video0\0SUBSYSTEM=video4linux\0DEVNAME=/dev/video0\0",
        );
        assert!(concerns(&event, &SUBSYSTEMS));
        assert!(!concerns(&event, &["sound"]));
        assert!(!concerns(b"add@/devices/x\0SUBSYSTEM=video4linux-like\0", &SUBSYSTEMS));
        assert!(!concerns(b"", &SUBSYSTEMS));
    }
}
