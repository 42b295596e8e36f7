//! Ways out on a machine that is a folder: `lo` leads to whoever listens here,
//! `none0` is no interface and leads nowhere.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use super::super::toolbox::tests::config;
use super::*;

fn way(name: &str) -> DefaultRoute {
    DefaultRoute { name: name.to_owned(), ..DefaultRoute::default() }
}

fn tunnel(name: &str) -> DefaultRoute {
    DefaultRoute { is_tunnel: true, ..way(name) }
}

fn preferred(name: &str) -> DefaultRoute {
    DefaultRoute { is_preferred: true, ..way(name) }
}

#[test]
fn another_way_is_one_beside_the_one_in_use_and_no_tunnel() {
    let others = |ways: &[DefaultRoute]| {
        choices(ways).map(|(_, others)| others.iter().map(|way| way.name.clone()).collect::<Vec<_>>())
    };
    assert_eq!(others(&[]), None);
    assert_eq!(others(&[way("eth0")]), None);
    assert_eq!(others(&[way("eth0"), tunnel("wg0")]), None);
    assert_eq!(others(&[tunnel("wg0"), way("eth0"), way("wwan0")]), None, "a tunnel is not gone round");
    assert_eq!(others(&[way("eth0"), way("wwan0"), way("wlan0")]).unwrap(), ["wwan0", "wlan0"]);
}

#[test]
fn home_is_where_the_configuration_leads() {
    let home = |ways: &[DefaultRoute]| home(ways).map(|way| way.name.clone());
    assert_eq!(home(&[way("eth0"), way("wwan0")]), None, "it is at home");
    assert_eq!(home(&[preferred("wwan0"), way("eth0"), way("wlan0")]).as_deref(), Some("eth0"));
    assert_eq!(home(&[preferred("wwan0")]), None, "there is nothing else");
    assert_eq!(home(&[DefaultRoute { is_preferred: true, ..tunnel("tun0") }, way("eth0")]), None);
}

#[test]
fn whoever_the_box_speaks_to_over_tcp_is_asked() {
    let asked = |url: &str| peer(url).map(|Peer { host, port }| (host, port));
    for (url, host, port) in [
        ("rtmp://live.school.cn/app/key?sign=1", "live.school.cn", 1935),
        ("rtmps://live.school.cn/app", "live.school.cn", 443),
        ("https://[2001:db8::7]/lessons", "2001:db8::7", 443),
        ("http://store:9000/lessons", "store", 9000),
        ("ftps://store/lessons", "store", 21),
    ] {
        assert_eq!(asked(url), Some((host.to_owned(), port)), "{url}");
    }
    for url in ["file:///srv", "s3://lessons", "", "no url"] {
        assert_eq!(asked(url), None, "{url}");
    }
}

#[tokio::test]
async fn a_way_leads_out_when_somebody_answers_by_it_or_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    assert!(reaches("lo", &[address]).await);
    drop(listener);
    assert!(reaches("lo", &[address]).await, "who refuses has answered");
    assert!(!reaches("none0", &[address]).await && !reaches("lo", &[]).await);
}

/// A machine with these ways out, a peer that listens, and a helper that answers
/// once.
struct Machine {
    uplinks: Uplinks,
    folder: tempfile::TempDir,
    _peer: TcpListener,
}

/// A line of `/proc/net/route`.
fn line(interface: &str, metric: u32, mask: &str) -> String {
    format!("{interface} 00000000 0101A8C0 0003 0 0 {metric} {mask} 0 0 0\n")
}

impl Machine {
    fn new(routes: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("proc/net")).unwrap();
        std::fs::write(folder.path().join("proc/net/route"), routes.concat()).unwrap();
        let peer = TcpListener::bind("127.0.0.1:0").unwrap();
        let live = "[[live]]\nname = \"platform\"\nurl = \"rtmp://platform.invalid/app/key\"";
        let uplinks = Uplinks::new(folder.path().to_owned(), &config(live));
        *uplinks.known.lock().unwrap() = vec![peer.local_addr().unwrap()];
        Self { uplinks, folder, _peer: peer }
    }

    fn client(&self) -> Client {
        Client::new(&self.folder.path().join("helper.sock"))
    }

    /// What the helper is asked.
    fn helper(&self) -> std::thread::JoinHandle<String> {
        let listener = UnixListener::bind(self.folder.path().join("helper.sock")).unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1024];
            let n = stream.read(&mut asked).unwrap();
            stream.write_all(b"{\"outcome\":\"done\"}\n").unwrap();
            String::from_utf8_lossy(&asked[..n]).trim().to_owned()
        })
    }
}

const ALL: &str = "00000000";
const HALF: &str = "00000080";

#[tokio::test]
async fn a_dead_way_is_left_for_one_that_leads_out() {
    let machine = Machine::new(&[line("lo", 600, ALL), line("none0", 100, ALL)]);
    assert!(machine.uplinks.may_help("platform") && machine.uplinks.may_help("uplink"));
    assert!(!machine.uplinks.may_help("shelf") && !machine.uplinks.may_help("camera"));
    let asked = machine.helper();
    machine.uplinks.take_other(machine.client()).await.unwrap();
    assert_eq!(asked.join().unwrap(), r#"{"verb":"uplink","interface":"lo"}"#);
}

#[tokio::test]
async fn a_way_that_leads_out_is_kept_and_so_is_one_beside_which_all_are_dead() {
    for (routes, why) in [
        ([line("lo", 100, ALL), line("none0", 600, ALL)], "the trouble lies behind it"),
        ([line("none1", 100, ALL), line("none0", 600, ALL)], "no other way out leads anywhere"),
    ] {
        let machine = Machine::new(&routes);
        // Nobody listens at the helper's socket: to be asked would be another error.
        let error = machine.uplinks.take_other(machine.client()).await.unwrap_err();
        assert!(matches!(&error, Hindrance::Failed(told) if told.contains(why)), "{error}");
    }
    let machine = Machine::new(&[line("lo", 600, ALL), line("none0", 100, ALL)]);
    let error = machine.uplinks.take_other(machine.client()).await.unwrap_err();
    assert!(matches!(error, Hindrance::NoHelper(_)), "{error}");
}

#[tokio::test]
async fn the_box_goes_back_when_its_usual_way_leads_out_again() {
    let away = |home: &str| [line(home, 100, ALL), line("none7", 600, ALL), line("none7", 0, HALF)];
    let still = Machine::new(&away("none0"));
    assert!(!still.uplinks.go_back(still.client()).await.unwrap(), "it does not yet");
    let at_home = Machine::new(&[line("lo", 100, ALL), line("none7", 600, ALL)]);
    assert!(!at_home.uplinks.go_back(at_home.client()).await.unwrap(), "it is there");
    let machine = Machine::new(&away("lo"));
    let asked = machine.helper();
    assert!(machine.uplinks.go_back(machine.client()).await.unwrap());
    assert_eq!(asked.join().unwrap(), r#"{"verb":"uplink"}"#);
}

#[tokio::test]
async fn addresses_are_kept_while_names_cannot_be_asked_for() {
    let machine = Machine::new(&[]);
    let before = machine.uplinks.known();
    machine.uplinks.look_up().await;
    assert_eq!(machine.uplinks.known(), before);
    assert!(!machine.uplinks.may_help("platform"), "there is no way at all");
}
