use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::path::Path;

use lectern_api::SystemClock;
use lectern_api::status::Role;
use lectern_spool::{DeviceKey, Keyring, Options};

use super::*;
use crate::capture::encoder::SINGLE_SESSION;
use crate::config::{Config, SourceUri};

/// A box with a network camera and a sound card, and the ends of its steps.
struct Bench {
    toolbox: Toolbox,
    reopen: watch::Receiver<u64>,
    failed: mpsc::Receiver<&'static EncoderKind>,
    restart: mpsc::Receiver<()>,
    folder: tempfile::TempDir,
}

/// A box that broadcasts, and has a store on its own disk.
pub(in crate::repair) fn config(more: &str) -> Config {
    let text = format!(
        "[device]\nid = \"LB-2026-000317\"\n[[source]]\nname = \"board\"\nrole = \"board\"\nuri = \"test:board\"\n\
         [[archive]]\nname = \"shelf\"\nurl = \"file:///srv/lessons\"\n{more}"
    );
    Config::parse(Path::new("lectern.toml"), &text).unwrap()
}

fn bench(encoder: Option<&'static EncoderKind>) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None };
    let clock = Arc::new(SystemClock::new());
    let (spool, _) = Spool::open(folder.path().join("spool"), Options::default(), keyring, clock).unwrap();
    let (reopen_tx, reopen) = watch::channel(0);
    let (failed_tx, failed) = mpsc::channel(2);
    let (restart_tx, restart) = mpsc::channel(1);
    let ends = Ends {
        reopen: [("camera".to_owned(), reopen_tx)].into(),
        encoder: watch::channel(encoder).1,
        failed: failed_tx,
        spool: Arc::new(spool),
        retention: Retention::default(),
        uplinks: Arc::new(Uplinks::new(folder.path().to_owned(), &config(""))),
        restart: Some(restart_tx),
    };
    let source = |role, uri| UsbSource::new(folder.path().to_owned(), role, uri);
    let camera = SourceUri::Rtsp("rtsp://camera/stream".parse().unwrap());
    let sources = [
        ("camera".to_owned(), source(Role::Camera, camera)),
        ("mic".to_owned(), source(Role::Mic, SourceUri::Alsa("hw:1".to_owned()))),
    ];
    let helper = Client::new(&folder.path().join("helper.sock"));
    let toolbox = Toolbox::new(sources.into(), Some(helper), ends);
    Bench { toolbox, reopen, failed, restart, folder }
}

/// A helper that answers once, and what it was asked.
fn helper(folder: &Path, answer: &'static str) -> std::thread::JoinHandle<String> {
    let listener = UnixListener::bind(folder.join("helper.sock")).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 1024];
        let n = stream.read(&mut asked).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&asked[..n]).trim().to_owned()
    })
}

#[test]
fn a_step_exists_only_where_it_can_help() {
    let Bench { toolbox, .. } = bench(None);
    let can = |what, unit| toolbox.can(what, unit);
    assert!(can(Repair::RestartSource, "camera") && !can(Repair::RestartSource, "record"));
    assert!(!can(Repair::Replug, "camera") && !can(Repair::Replug, "mic"), "no USB port is known");
    assert!(!can(Repair::Reboot, "camera"), "a network camera does not care");
    assert!(can(Repair::Reboot, "mic") && can(Repair::Reboot, "record"));
    assert!(!can(Repair::NextEncoder, "record"), "none is in use");
    assert!(!can(Repair::OtherUplink, "platform"), "there is one way out at most");
    assert!(can(Repair::FreeRoom, "spool") && !can(Repair::FreeRoom, "lessons"));
    let Bench { mut toolbox, .. } = bench(None);
    (toolbox.helper, toolbox.ends.restart) = (None, None);
    assert!(!toolbox.can(Repair::Reboot, "record") && !toolbox.can(Repair::RestartDaemon, "record"));
}

#[tokio::test]
async fn each_step_reaches_whoever_takes_it() {
    let mut bench = bench(Some(&SINGLE_SESSION));
    bench.toolbox.take(Repair::RestartSource, "camera").await.unwrap();
    assert!(bench.reopen.has_changed().unwrap());
    bench.toolbox.take(Repair::NextEncoder, "record").await.unwrap();
    let told = [bench.failed.try_recv(), bench.failed.try_recv()];
    assert_eq!(told, [Ok(&SINGLE_SESSION), Ok(&SINGLE_SESSION)], "twice within a minute is one too many");
    bench.toolbox.take(Repair::RestartDaemon, "record").await.unwrap();
    assert_eq!(bench.restart.try_recv(), Ok(()));
    let error = bench.toolbox.take(Repair::FreeRoom, "spool").await.unwrap_err();
    assert!(error.to_string().contains("no recording may go"), "{error}");
}

#[tokio::test]
async fn a_reboot_is_asked_of_the_helper_and_without_one_it_is_skipped() {
    let bench = bench(None);
    let reboot = || bench.toolbox.take(Repair::Reboot, "record");
    let error = reboot().await.unwrap_err();
    assert!(matches!(error, Hindrance::NoHelper(_)), "{error}");
    let asked = helper(bench.folder.path(), "{\"outcome\":\"done\"}\n");
    reboot().await.unwrap();
    assert_eq!(asked.join().unwrap(), r#"{"verb":"reboot"}"#);
    std::fs::remove_file(bench.folder.path().join("helper.sock")).unwrap();
    let asked =
        helper(bench.folder.path(), "{\"outcome\":\"refused\",\"code\":\"stranger\",\"why\":\"no\"}\n");
    let error = reboot().await.unwrap_err();
    assert!(matches!(error, Hindrance::Failed(_)), "{error}");
    drop(asked.join());
}
