//! What carries VISCA's messages: a serial line, TCP, UDP.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::termios::{ControlModes, OptionalActions, tcgetattr, tcsetattr};

use super::visca::Splitter;

/// Where cameras listen with a header before each message (Sony).
pub const UDP_PORT: u16 = 52_381;
/// Where many others listen for bare messages.
pub const TCP_PORT: u16 = 5678;

/// What a message is, which a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something to do.
    Command,
    /// A question.
    Inquiry,
}

/// A way to one camera.
pub trait Link: Send {
    /// Sends a message; `again` when it is the last one once more.
    ///
    /// # Errors
    /// When the way is closed.
    fn send(&mut self, kind: Kind, message: &[u8], again: bool) -> io::Result<()>;

    /// The next message from the camera, within about `limit`.
    ///
    /// # Errors
    /// When the way is closed.
    fn receive(&mut self, limit: Duration) -> io::Result<Option<Vec<u8>>>;
}

/// A line full of noise must not hold up its reader for ever.
const MOST_READS: u32 = 64;

fn is_ready(file: &impl AsFd, limit: Duration) -> io::Result<bool> {
    let limit = Timespec::try_from(limit).map_err(io::Error::other)?;
    match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&limit)) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Bare messages in a stream: a serial line, or TCP.
#[derive(Debug)]
pub struct Stream<T> {
    stream: T,
    splitter: Splitter,
}

impl<T: Read + Write + AsFd + Send> Stream<T> {
    /// Anything that carries bytes both ways and can be waited for.
    pub fn new(stream: T) -> Self {
        Self { stream, splitter: Splitter::default() }
    }
}

impl Stream<TcpStream> {
    /// Connects over TCP.
    ///
    /// # Errors
    /// When nobody answers within `limit`.
    pub fn connect(address: SocketAddr, limit: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(limit))?;
        Ok(Self::new(stream))
    }
}

impl Stream<File> {
    /// Opens a serial line with 8 data bits, no parity, 1 stop bit; 9600 bits a second
    /// is what cameras are delivered with.
    ///
    /// # Errors
    /// When it is no serial line, or the rights are missing.
    pub fn serial(device: &Path, bits_per_second: u32) -> io::Result<Self> {
        // Without NONBLOCK the opening would wait for a modem's carrier.
        let flags = (OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
        let flags = i32::try_from(flags).map_err(io::Error::other)?;
        let line = File::options().read(true).write(true).custom_flags(flags).open(device)?;
        let mut settings = tcgetattr(&line)?;
        settings.make_raw();
        settings.set_speed(bits_per_second)?;
        settings.control_modes.remove(ControlModes::CSTOPB | ControlModes::PARENB | ControlModes::CRTSCTS);
        settings.control_modes.insert(ControlModes::CS8 | ControlModes::CLOCAL | ControlModes::CREAD);
        tcsetattr(&line, OptionalActions::Flush, &settings)?;
        Ok(Self::new(line))
    }
}

impl<T: Read + Write + AsFd + Send> Link for Stream<T> {
    fn send(&mut self, _kind: Kind, message: &[u8], _again: bool) -> io::Result<()> {
        self.stream.write_all(message)?;
        self.stream.flush()
    }

    fn receive(&mut self, limit: Duration) -> io::Result<Option<Vec<u8>>> {
        for _ in 0..MOST_READS {
            if let Some(message) = self.splitter.next_message() {
                return Ok(Some(message));
            }
            if !is_ready(&self.stream, limit)? {
                return Ok(None);
            }
            let mut bytes = [0; 256];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.splitter.push(&bytes[..length]),
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// Messages in datagrams, each behind a header of 8 bytes: what it is, how long, and
/// a number that the reply repeats. Source: Sony's VISCA over IP.
#[derive(Debug)]
pub struct Datagrams {
    socket: UdpSocket,
    number: u32,
}

const HEADER_BYTES: usize = 8;
const COMMAND: u16 = 0x0100;
const INQUIRY: u16 = 0x0110;
const REPLY: u16 = 0x0111;
const CONTROL: u16 = 0x0200;
/// Of [`CONTROL`]: count from 0 again.
const RESET: u8 = 0x01;

/// A header with its message.
fn datagram(kind: u16, number: u32, message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
    [&kind.to_be_bytes()[..], &length.to_be_bytes(), &number.to_be_bytes(), message].concat()
}

/// The message of a reply with that number.
fn message_of(datagram: &[u8], number: u32) -> Option<&[u8]> {
    let (header, message) = datagram.split_first_chunk::<HEADER_BYTES>()?;
    let [kind_high, kind_low, length_high, length_low, number_of_reply @ ..] = *header;
    let length = usize::from(u16::from_be_bytes([length_high, length_low]));
    let is_reply = u16::from_be_bytes([kind_high, kind_low]) == REPLY;
    (is_reply && length == message.len() && u32::from_be_bytes(number_of_reply) == number).then_some(message)
}

impl Datagrams {
    /// Speaks to one camera. Sends a reset of the numbers, whose answer nobody waits
    /// for: a camera that counts otherwise refuses everything.
    ///
    /// # Errors
    /// When no socket can be had.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let any: SocketAddr =
            if address.is_ipv4() { ([0; 4], 0).into() } else { (std::net::Ipv6Addr::UNSPECIFIED, 0).into() };
        let socket = UdpSocket::bind(any)?;
        socket.connect(address)?;
        socket.set_nonblocking(true)?;
        socket.send(&datagram(CONTROL, 0, &[RESET]))?;
        Ok(Self { socket, number: 0 })
    }
}

impl Link for Datagrams {
    fn send(&mut self, kind: Kind, message: &[u8], again: bool) -> io::Result<()> {
        // Once more under the same number, so that nothing is done twice.
        if !again {
            self.number = self.number.wrapping_add(1);
        }
        let kind = if kind == Kind::Command { COMMAND } else { INQUIRY };
        self.socket.send(&datagram(kind, self.number, message)).map(|_| ())
    }

    fn receive(&mut self, limit: Duration) -> io::Result<Option<Vec<u8>>> {
        for _ in 0..MOST_READS {
            if !is_ready(&self.socket, limit)? {
                break;
            }
            let mut bytes = [0; 256];
            match self.socket.recv(&mut bytes) {
                Ok(length) => {
                    // Replies to earlier messages and to the reset are nobody's answer.
                    if let Some(message) = message_of(&bytes[..length], self.number) {
                        return Ok(Some(message.to_vec()));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_what_follows_and_which_question_it_answers() {
        let home = datagram(COMMAND, 0x0102_0304, &[0x81, 0x01, 0x06, 0x04, 0xff]);
        assert_eq!(home, [1, 0, 0, 5, 1, 2, 3, 4, 0x81, 0x01, 0x06, 0x04, 0xff]);
        let reply = datagram(REPLY, 7, &[0x90, 0x41, 0xff]);
        assert_eq!(message_of(&reply, 7), Some(&[0x90, 0x41, 0xff][..]));
        assert_eq!(message_of(&reply, 8), None, "the answer to another question");
        assert_eq!(message_of(&reply[..10], 7), None, "cut off");
        assert_eq!(message_of(&home, 0x0102_0304), None, "no reply");
        assert_eq!(message_of(&[1, 2, 3], 7), None);
    }
}
