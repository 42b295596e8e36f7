//! Cameras that turn and zoom, over real lines: a serial one, TCP, UDP.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use lectern_hal::ptz::link::{Datagrams, Link, Stream};
use lectern_hal::ptz::visca::Splitter;
use lectern_hal::ptz::{Answer, Camera, Command, Inquiry, Ptz, PtzError, Refusal};
use lectern_hal::sim::camera::{View, VirtualCamera};

type Shared = Arc<Mutex<VirtualCamera>>;

fn camera() -> Shared {
    Arc::new(Mutex::new(VirtualCamera::new()))
}

/// Long, because the machine may be busy; nothing waits for its end that works.
const PATIENCE: Duration = Duration::from_secs(20);

fn talk(link: impl Link) -> impl Ptz {
    Camera::new(link, 1).patient_for(PATIENCE)
}

/// Answers on a stream until it is closed.
fn serve(mut stream: impl Read + Write + Send + 'static, camera: Shared) {
    thread::spawn(move || {
        let (mut splitter, mut bytes) = (Splitter::default(), [0; 64]);
        while let Ok(length @ 1..) = stream.read(&mut bytes) {
            splitter.push(&bytes[..length]);
            while let Some(message) = splitter.next_message() {
                for reply in camera.lock().unwrap().hear(&message) {
                    // In two pieces, as serial lines bring it.
                    stream.write_all(&reply[..1]).unwrap();
                    stream.write_all(&reply[1..]).unwrap();
                }
            }
        }
    });
}

fn over_tcp(camera: &Shared) -> Stream<std::net::TcpStream> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let link = Stream::connect(listener.local_addr().unwrap(), PATIENCE).unwrap();
    serve(listener.accept().unwrap().0, camera.clone());
    link
}

/// A camera behind Sony's header, which drops the first `lost` datagrams that have a
/// message.
fn over_udp(camera: &Shared, lost: u32) -> Datagrams {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let (camera, mut lost) = (camera.clone(), lost);
    thread::spawn(move || {
        let mut bytes = [0; 64];
        while let Ok((length, from)) = socket.recv_from(&mut bytes) {
            let (header, message) = bytes[..length].split_at(8);
            let number = &header[4..];
            if header[..2] == [2, 0] {
                let reply = [&[2, 1, 0, 1], number, &[1]].concat();
                socket.send_to(&reply, from).unwrap();
            } else if lost > 0 {
                lost -= 1;
            } else {
                for reply in camera.lock().unwrap().hear(message) {
                    let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
                    let datagram = [&[1, 0x11], &length[..], number, &reply].concat();
                    socket.send_to(&datagram, from).unwrap();
                }
            }
        }
    });
    Datagrams::connect(address).unwrap()
}

/// The two ends of a serial line made of a pseudo terminal.
fn over_serial(camera: &Shared) -> Stream<File> {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&end).unwrap();
    unlockpt(&end).unwrap();
    let name = ptsname(&end, Vec::new()).unwrap().into_string().unwrap();
    let link = Stream::serial(name.as_ref(), 9600).unwrap();
    // What a serial line has at its far end sees every byte as it was sent.
    serve(File::from(end), camera.clone());
    link
}

fn does_everything(mut ptz: impl Ptz, camera: &Shared) {
    assert_eq!(ptz.ask(Inquiry::Power).unwrap(), Answer::Power(true));
    ptz.tell(Command::ZoomTo(0x1234)).unwrap();
    ptz.tell(Command::Turn { pan_percent: 100, tilt_percent: -50 }).unwrap();
    assert!(camera.lock().unwrap().is_moving);
    ptz.stop().unwrap();
    assert!(!camera.lock().unwrap().is_moving);
    let view = View { pan: 24, tilt: -11, zoom: 0x1234 };
    assert_eq!(camera.lock().unwrap().view, view);
    ptz.tell(Command::Store(3)).unwrap();
    ptz.tell(Command::Home).unwrap();
    ptz.tell(Command::Zoom { percent: -100 }).unwrap();
    assert_eq!(ptz.ask(Inquiry::Zoom).unwrap(), Answer::Zoom(0x1234 - 8));
    ptz.tell(Command::Recall(3)).unwrap();
    assert_eq!(ptz.ask(Inquiry::Zoom).unwrap(), Answer::Zoom(0x1234));
    assert_eq!(camera.lock().unwrap().view, view);
    ptz.tell(Command::Power(false)).unwrap();
    let refused = ptz.tell(Command::Home).unwrap_err();
    assert!(matches!(refused, PtzError::Refused { refusal: Refusal::NotNow, .. }), "{refused}");
    assert_eq!(ptz.ask(Inquiry::Power).unwrap(), Answer::Power(false));
}

#[test]
fn a_camera_on_a_serial_line_does_everything() {
    let camera = camera();
    does_everything(talk(over_serial(&camera)), &camera);
}

#[test]
fn a_camera_over_tcp_does_everything() {
    let camera = camera();
    does_everything(talk(over_tcp(&camera)), &camera);
}

#[test]
fn a_camera_over_udp_does_everything() {
    let camera = camera();
    does_everything(talk(over_udp(&camera, 0)), &camera);
}

#[test]
fn a_camera_that_leaves_out_what_manuals_want_does_everything() {
    let camera = camera();
    camera.lock().unwrap().is_terse = true;
    does_everything(talk(over_tcp(&camera)), &camera);
}

#[test]
fn a_lost_datagram_is_sent_again() {
    let camera = camera();
    let mut ptz = Camera::new(over_udp(&camera, 1), 1).patient_for(Duration::from_secs(2));
    assert_eq!(ptz.ask(Inquiry::Power).unwrap(), Answer::Power(true));
}

#[test]
fn a_camera_that_says_nothing_is_silent_and_not_waited_for_for_ever() {
    let camera = camera();
    camera.lock().unwrap().deaf_for = 3;
    let mut ptz = Camera::new(over_tcp(&camera), 1).patient_for(Duration::from_millis(1));
    let error = ptz.tell(Command::Home).unwrap_err();
    assert!(matches!(error, PtzError::Silent { .. }), "{error}");
    assert!(error.to_string().contains("3ms"), "{error}");
}

#[test]
fn a_line_that_was_cut_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut ptz = talk(Stream::connect(listener.local_addr().unwrap(), PATIENCE).unwrap());
    drop(listener.accept().unwrap());
    let error = ptz.tell(Command::Home).unwrap_err();
    assert!(matches!(error, PtzError::Link(_)), "{error}");
}

#[test]
fn what_ends_late_is_no_answer_to_the_next_command() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut ptz = talk(Stream::connect(listener.local_addr().unwrap(), PATIENCE).unwrap());
    let (mut line, _) = listener.accept().unwrap();
    let camera = thread::spawn(move || {
        let mut message = [0; 16];
        let mut hear = |line: &mut std::net::TcpStream| line.read(&mut message).unwrap();
        hear(&mut line);
        line.write_all(&[0x90, 0x41, 0xff]).unwrap();
        // Only now the first command fails, and the second is refused.
        hear(&mut line);
        line.write_all(&[0x90, 0x61, 0x04, 0xff, 0x90, 0x60, 0x03, 0xff]).unwrap();
        // An answer to nobody's question, then the right one.
        hear(&mut line);
        line.write_all(&[0x88, 0x30, 0x02, 0xff, 0x90, 0x50, 0x02, 0xff]).unwrap();
        hear(&mut line);
        line.write_all(&[0x90, 0x50, 0x01, 0x02, 0xff]).unwrap();
        line
    });
    ptz.tell(Command::Recall(1)).unwrap();
    let refused = ptz.tell(Command::Home).unwrap_err();
    assert!(matches!(refused, PtzError::Refused { refusal: Refusal::Busy, .. }), "{refused}");
    assert_eq!(ptz.ask(Inquiry::Power).unwrap(), Answer::Power(true));
    let nonsense = ptz.ask(Inquiry::Zoom).unwrap_err();
    assert!(matches!(&nonsense, PtzError::Nonsense { bytes, .. } if bytes == &[1, 2]), "{nonsense}");
    drop(camera.join().unwrap());
}

#[test]
fn a_file_that_is_no_serial_line_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(Stream::serial(file.path(), 9600).is_err());
}

#[test]
fn a_simulated_camera_needs_no_line() {
    let mut ptz = Camera::new(VirtualCamera::new(), 1);
    ptz.tell(Command::ZoomTo(0x7fff)).unwrap();
    assert_eq!(ptz.ask(Inquiry::Zoom).unwrap(), Answer::Zoom(0x4000));
}
