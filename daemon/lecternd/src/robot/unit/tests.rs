//! The robot against a real HTTP server that looks at what it is told, as the
//! vendors do.

use std::collections::VecDeque;
use std::sync::Mutex;

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::post;
use lectern_api::{TimeSource, Trust, Verdict};
use lectern_archive::store::{Credentials, Proxy};
use serde_json::Value;

use super::super::vendor::Kind;
use super::*;

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn utc(&self) -> Timestamp {
        "2026-03-02T01:14:00Z".parse().unwrap()
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn trust(&self) -> Trust {
        Trust { source: TimeSource::Ntp, verdict: Verdict::Believed, uncertainty: None }
    }
}

/// A body and its query.
type Posted = (Value, Vec<(String, String)>);

/// What the group read; and what is answered, the last for ever.
#[derive(Debug, Default)]
struct Group {
    read: Mutex<Vec<Posted>>,
    answers: Mutex<VecDeque<&'static str>>,
}

async fn take(
    State(group): State<Arc<Group>>,
    Query(query): Query<Vec<(String, String)>>,
    body: String,
) -> String {
    group.read.lock().unwrap().push((serde_json::from_str(&body).unwrap(), query));
    let mut answers = group.answers.lock().unwrap();
    let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().copied() };
    answer.unwrap_or_default().to_owned()
}

/// A group on a port of its own, and the robot that tells it.
#[expect(clippy::disallowed_methods, reason = "a server of a test")]
async fn room(
    folder: &std::path::Path,
    kind: Kind,
    answers: &[&'static str],
    faults: watch::Receiver<Option<Vec<Fault>>>,
) -> (Arc<Group>, Robot) {
    let group =
        Arc::new(Group { answers: Mutex::new(answers.iter().copied().collect()), ..Group::default() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().route("/send", post(take)).with_state(Arc::clone(&group));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let secret = folder.join("robot.toml");
    let text = format!("url = \"http://127.0.0.1:{port}/send?key=geheim\"\nsecret = \"SECgeheim\"\n");
    std::fs::write(&secret, text).unwrap();
    let address = Address { kind, credentials: Credentials::File(secret), ca: None, proxy: Proxy::None };
    let (facts, _) = Facts::open(&folder.join("facts")).unwrap();
    let robot = Robot {
        address,
        faults,
        state: watch::channel(RobotStatus::default()).0,
        facts: Arc::new(facts),
        named: "张村小学 LB-1".to_owned(),
        language: Language::ZhCn,
        time_zone: TimeZone::get("Asia/Shanghai").unwrap(),
        clock: Arc::new(Noon),
    };
    (group, robot)
}

fn fault(code: &str) -> Fault {
    Fault {
        id: 1,
        code: code.to_owned(),
        severity: Severity::Major,
        unit: "camera".to_owned(),
        since: "2026-03-02T01:12:00Z".parse().unwrap(),
        text: lectern_api::messages::camera_lost(),
        hint: lectern_api::messages::camera_lost_hint(),
        count: 1,
        until: None,
        tried: Vec::new(),
        part: None,
    }
}

fn message(robot: &Robot) -> (Message, String) {
    let faults = robot.faults.borrow().clone().unwrap();
    let (mut watch, now) = (Watch::default(), robot.clock.utc());
    let today = now.to_zoned(robot.time_zone.clone()).date();
    assert_eq!(plan::due(&Memory::default(), &mut watch, &faults, now - plan::SETTLED, today), None);
    let message = plan::due(&Memory::default(), &mut watch, &faults, now, today).unwrap();
    let text = robot.text(&message);
    (message, text)
}

#[tokio::test]
async fn a_group_reads_what_it_means_and_what_to_do_and_the_vendor_can_check_who_says_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_keep, faults) = watch::channel(Some(vec![fault("camera.lost")]));
    let (group, robot) =
        room(folder.path(), Kind::Dingtalk, &[r#"{"errcode":0,"errmsg":"ok"}"#], faults).await;
    let (_, text) = message(&robot);
    robot.address.send(&text, robot.clock.utc()).await.unwrap();
    let read = group.read.lock().unwrap().clone();
    let (body, query) = &read[0];
    assert_eq!(body["text"]["content"], text);
    for part in ["张村小学", "重要", "03-02 09:12", "摄像机没有画面", "看摄像机指示灯"] {
        assert!(text.contains(part), "{text}");
    }
    let signed = super::super::vendor::wire(
        Kind::Dingtalk,
        "http://h/send?key=geheim".parse().unwrap(),
        Some("SECgeheim"),
        "",
        robot.clock.utc(),
    );
    let expected: Vec<(String, String)> = signed.url.query_pairs().into_owned().collect();
    assert_eq!(*query, expected, "what stood in the address stays, and the signature survives the way");
}

#[tokio::test]
async fn a_refusal_is_told_without_the_address_and_nothing_is_remembered_until_it_is_out() {
    let folder = tempfile::tempdir().unwrap();
    let (_keep, faults) = watch::channel(Some(vec![fault("camera.lost")]));
    let answers =
        [r#"{"code":19021,"msg":"no robot geheim, SECgeheim"}"#, "<html>请登录</html>", r#"{"code":0}"#];
    let (group, robot) = room(folder.path(), Kind::Feishu, &answers, faults).await;
    let (told, text) = message(&robot);
    for expected in ["19021", "-1"] {
        let error = robot.address.send(&text, robot.clock.utc()).await.unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("geheim"), "{error}");
    }
    assert_eq!(robot.recall().await.unwrap(), Memory::default());
    robot.address.send(&text, robot.clock.utc()).await.unwrap();
    robot.remember(told.after.clone()).await.unwrap();
    assert_eq!(robot.recall().await.unwrap(), told.after);
    assert_eq!(group.read.lock().unwrap()[0].0["content"]["text"], text);

    std::fs::write(folder.path().join("robot.toml"), "url = \"http://127.0.0.1:1/send?key=geheim\"\n")
        .unwrap();
    let error = robot.address.send(&text, robot.clock.utc()).await.unwrap_err().to_string();
    assert!(error.contains("127.0.0.1 cannot be reached") && !error.contains("geheim"), "{error}");
    std::fs::write(folder.path().join("robot.toml"), "url = \"geheim\"\n").unwrap();
    let error = robot.address.send(&text, robot.clock.utc()).await.unwrap_err().to_string();
    assert!(error.contains("not understood") && !error.contains("geheim"), "{error}");
}

#[tokio::test]
async fn what_does_not_fit_is_said_to_be_more_and_no_letter_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let many = (0..40).map(|number| fault(&format!("major.{number}"))).collect();
    let (_keep, faults) = watch::channel(Some(many));
    let (_, robot) = room(folder.path(), Kind::Wecom, &[], faults).await;
    let (mut message, text) = message(&robot);
    assert!(text.len() <= MOST_BYTES && text.ends_with("lecternctl faults"), "{} bytes", text.len());
    message.is_last = true;
    let text = robot.text(&message);
    assert!(text.len() <= MOST_BYTES && text.contains("今天不再发送消息"), "{text}");
}

/// A clock that goes with the runtime's.
#[derive(Debug)]
struct Virtual(tokio::time::Instant);

impl Clock for Virtual {
    fn utc(&self) -> Timestamp {
        Noon.utc() + self.monotonic()
    }
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
    fn trust(&self) -> Trust {
        Noon.trust()
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_stands_in_the_status_with_its_cause_and_is_tried_less_and_less_often() {
    let folder = tempfile::tempdir().unwrap();
    let (_keep, faults) = watch::channel(Some(vec![fault("camera.lost")]));
    let (group, robot) = room(folder.path(), Kind::Wecom, &[], faults).await;
    std::fs::remove_file(folder.path().join("robot.toml")).unwrap();
    let robot = Robot { clock: Arc::new(Virtual(tokio::time::Instant::now())), ..robot };
    let mut told = robot.state.subscribe();
    let begun = robot.clock.utc();
    let watch = async {
        let mut failed_at = Vec::new();
        while failed_at.len() < 4 {
            told.changed().await.unwrap();
            let RobotStatus { told_at, failed_at: at, failures, cause, .. } = told.borrow().clone();
            let Some(at) = at else { continue };
            failed_at.push(at.duration_since(begun).as_secs());
            assert_eq!((told_at, failures), (None, u32::try_from(failed_at.len()).unwrap()));
            assert!(cause.unwrap().contains("robot.toml cannot be read"));
        }
        failed_at
    };
    let failed_at =
        tokio::select! { failed_at = watch => failed_at, _ = robot.clone().run() => panic!("it ends") };
    assert!(failed_at[0] >= 60, "{failed_at:?}: not before it is settled");
    let pauses: Vec<i64> = failed_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[0] >= 15 && pauses[2] > pauses[0], "{pauses:?}");
    assert_eq!(group.read.lock().unwrap().len(), 0);
}
