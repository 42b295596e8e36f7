//! A group of teachers that hears of what somebody must act on.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use lectern_tests::command_line::lecternctl;
use lectern_tests::store::TlsFront;
use lectern_tests::{ClassroomBox, Setup, eventually};
use serde_json::Value;

/// A fault has to hold for a minute before a group is told.
const LIMIT: Duration = Duration::from_secs(150);

/// The vendor's server, behind its TLS: what was posted, and how it is answered.
fn vendor(answers: Vec<&'static str>) -> (u16, mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it has one").port();
    let (posted, heard) = mpsc::sync_channel(16);
    std::thread::spawn(move || {
        let last = answers.last().copied();
        for (stream, answer) in listener
            .incoming()
            .zip(answers.into_iter().chain(std::iter::repeat_with(move || last.unwrap_or_default())))
        {
            let Some(message) = stream.ok().and_then(|stream| answered(stream, answer)) else { continue };
            if posted.send(message).is_err() {
                return;
            }
        }
    });
    (port, heard)
}

/// Reads one request and answers it; the path, and the body.
fn answered(mut stream: TcpStream, answer: &str) -> Option<(String, Value)> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n{answer}", answer.len()).ok()?;
    Some((path, serde_json::from_slice(&body).ok()?))
}

/// Proves that a group is told over TLS under an authority of its own, that a
/// refusal stands in the status and in an examination without the address, and
/// that the next try gets through.
#[test]
fn a_group_is_told_over_tls_of_a_private_authority_and_a_refusal_stands_in_the_status() {
    let refusal = r#"{"errcode":93000,"errmsg":"invalid webhook CANARYKEY55"}"#;
    let (port, heard) = vendor(vec![refusal, r#"{"errcode":0,"errmsg":"ok"}"#]);
    let front = TlsFront::before(port);
    let weak = "\n[[event]]\nsecond = 1\nat = \"sensors.power.undervoltage\"\nvalue = true\n";
    let mut lectern = ClassroomBox::prepare(Setup::test_room().machine(weak));
    let secret = lectern.path("robot.toml");
    let url = format!("https://127.0.0.1:{}/cgi-bin/webhook/send?key=CANARYKEY55", front.port());
    std::fs::write(&secret, format!("url = {url:?}\n")).expect("the folder is writable");
    let path = lectern.path("lectern.toml");
    let text = std::fs::read_to_string(&path).expect("a configuration");
    let authority = front.authority().display().to_string();
    let robot = format!(
        "{text}\n[robot]\nkind = \"wecom\"\ncredentials = \"file:{}\"\nca = \"file:{authority}\"\nproxy = \"none\"\n",
        secret.display()
    );
    std::fs::write(&path, robot).expect("the folder is writable");
    lectern.launch();
    let robot = || lectern.status().robot.expect("a robot is configured");
    assert_eq!((robot().kind.as_str(), robot().told_at), ("wecom", None));

    let failed =
        eventually("the refusal is told", LIMIT, || Some(robot()).filter(|robot| robot.failures > 0));
    let cause = failed.cause.expect("a cause");
    assert!(cause.contains("93000") && !cause.contains("CANARY"), "{cause}");
    assert!(failed.told_at.is_none() && failed.failed_at.is_some());
    let said = lecternctl(&lectern, &["doctor"]);
    assert!(said.text.contains("robot.told (wecom)") && said.text.contains("93000"), "{}", said.text);

    let told =
        eventually("the group is told", LIMIT, || Some(robot()).filter(|robot| robot.told_at.is_some()));
    assert_eq!((told.failures, told.cause), (0, None));
    let posted: Vec<_> = heard.try_iter().collect();
    let [first, second] = posted.as_slice() else { panic!("{posted:?}") };
    assert_eq!(first.1, second.1, "the same message");
    assert!(second.0.ends_with("?key=CANARYKEY55"), "{}", second.0);
    let text = second.1["text"]["content"].as_str().expect("a text");
    assert!(text.contains("教室 Classroom"), "{text}");
    assert!(!lectern.log().contains("CANARY") && !said.text.contains("CANARY"));
}
