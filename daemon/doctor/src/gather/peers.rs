//! Whoever the box speaks to: their names, and whether they answer. Nothing is
//! published: a connection that is closed again, or the greeting of SRT.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use futures_util::future::join_all;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use url::{Host, Url};

use super::{EACH, NAMES};
use crate::facts::{Kind, Peer, Reached};
use crate::plan::Plan;
use crate::srt;

/// Somebody to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    unit: String,
    kind: Kind,
    way: Way,
}

/// How.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Tcp(String, u16),
    Srt(String, u16),
    Listener,
}

/// Names with what they mean, and everybody with what came of it.
pub(super) async fn reach(plan: &Plan) -> (Vec<(String, Option<Result<IpAddr, String>>)>, Vec<Peer>) {
    let asked = asked(plan);
    let hosts: BTreeMap<&str, u16> = asked.iter().filter_map(|asked| asked.way.place()).collect();
    let resolved = join_all(hosts.into_iter().map(|(host, port)| async move {
        let addresses = timeout(NAMES, lookup_host((host, port))).await;
        let addresses = addresses.ok().map(|found| match found {
            Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect::<Vec<_>>()),
            Err(error) => Err(plain(&error)),
        });
        (host, addresses)
    }));
    let resolved: BTreeMap<&str, Option<Result<Vec<IpAddr>, String>>> = resolved.await.into_iter().collect();
    let peers = join_all(asked.iter().map(|asked| peer(asked, &resolved))).await;
    let is_name = |host: &&str| host.parse::<IpAddr>().is_err();
    let names = resolved.iter().filter(|(host, _)| is_name(host)).map(|(host, found)| {
        let first = found.clone().map(|found| {
            found.and_then(|addresses| addresses.first().copied().ok_or_else(|| "no address".to_owned()))
        });
        ((*host).to_owned(), first)
    });
    (names.collect(), peers)
}

async fn peer(asked: &Asked, resolved: &BTreeMap<&str, Option<Result<Vec<IpAddr>, String>>>) -> Peer {
    let Asked { unit, kind, way } = asked;
    let peer = |place: String, is_here, reached| Peer {
        unit: unit.clone(),
        kind: *kind,
        place,
        is_here,
        reached: Some(reached),
    };
    let Some((host, port)) = way.place() else {
        return peer(String::new(), true, Reached::Listener);
    };
    let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let Some(Some(Ok(addresses))) = resolved.get(host) else {
        return peer(place, false, Reached::Nameless);
    };
    let is_here = !addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback);
    let addresses: Vec<SocketAddr> = addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
    let begun = Instant::now();
    let answer = match way {
        Way::Srt(..) => srt::greet(&addresses, EACH).await.map(|()| addresses[0]),
        _ => match timeout(EACH, TcpStream::connect(&addresses[..])).await {
            Ok(connected) => connected.and_then(|stream| stream.peer_addr()),
            Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
        },
    };
    let reached = match answer {
        Ok(address) => Reached::Answers(address, begun.elapsed()),
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => Reached::Refuses,
        Err(_) => Reached::Silent,
    };
    peer(place, is_here, reached)
}

/// What the resolver says, without what Rust puts before it.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.rsplit(": ").next().unwrap_or(&text).to_owned()
}

impl Way {
    fn place(&self) -> Option<(&str, u16)> {
        match self {
            Self::Tcp(host, port) | Self::Srt(host, port) => Some((host, *port)),
            Self::Listener => None,
        }
    }

    /// By the URL's scheme; nothing for what is not on a network.
    fn of(text: &str) -> Option<Self> {
        if text.starts_with("srt://") && (text.contains("mode=listener") || text.contains("mode=rendezvous"))
        {
            return Some(Self::Listener);
        }
        let url = Url::parse(text.strip_prefix("whip+").unwrap_or(text)).ok()?;
        let usual = match url.scheme() {
            "srt" => 0,
            "rtmp" => 1935,
            "rtmps" | "https" | "wss" => 443,
            "http" | "ws" => 80,
            "rtsp" => 554,
            "rtsps" => 322,
            "mqtt" => 1883,
            "mqtts" => 8883,
            "ftp" | "ftpes" => 21,
            "ftps" => 990,
            _ => return None,
        };
        let host = match url.host()? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let port = url.port().unwrap_or(usual);
        Some(if url.scheme() == "srt" { Self::Srt(host, port) } else { Self::Tcp(host, port) })
    }
}

fn asked(plan: &Plan) -> Vec<Asked> {
    let ask = |unit: &str, kind, url: &str| Some(Asked { unit: unit.to_owned(), kind, way: Way::of(url)? });
    let sources = plan.sources.iter().filter_map(|s| ask(&s.name, Kind::Source, &s.url));
    let live = plan.live.iter().filter_map(|l| ask(&l.name, Kind::Live, &l.url));
    let archives = plan.archives.iter().filter_map(|store| {
        let usual = if store.url.starts_with("s3:") { "https://s3.amazonaws.com" } else { &store.url };
        let is_folder = store.url.starts_with("file:");
        let url = store.by.as_deref().filter(|_| !is_folder).unwrap_or(usual);
        ask(&store.name, Kind::Archive, url)
    });
    let broker = plan.broker.iter().filter_map(|url| ask("broker", Kind::Broker, url));
    let timetable = plan.timetable.iter().filter_map(|url| ask("timetable", Kind::Timetable, url));
    broker.chain(live).chain(archives).chain(timetable).chain(sources).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn everybody_is_asked_at_the_port_of_the_scheme_and_without_secrets() {
        let plan = Plan::of(
            "[mqtt]\nurl='mqtts://u:p@broker'\n[[live]]\nname='l'\nurl='srt://h:7001?streamid=x'\n[[live]]\n\
             name='m'\nurl='srt://:9?mode=listener'\n[[archive]]\nname='s'\nurl='s3://b'\n\
             endpoint='https://oss.example'\n[[archive]]\nname='f'\nurl='file:///a'\n[[source]]\nname='c'\n\
             role='camera'\nuri='rtsp://u:p@[::1]/x'\n[timetable]\nurl='https://t.example/x?token=y'\n",
        );
        let told: Vec<String> = asked(&plan).iter().map(|a| format!("{} {:?}", a.unit, a.way)).collect();
        assert_eq!(
            told,
            [
                r#"broker Tcp("broker", 8883)"#,
                r#"l Srt("h", 7001)"#,
                "m Listener",
                r#"s Tcp("oss.example", 443)"#,
                r#"timetable Tcp("t.example", 443)"#,
                r#"c Tcp("::1", 554)"#,
            ]
        );
    }

    #[tokio::test]
    async fn somebody_who_listens_answers_and_nobody_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let broker = Some(format!("mqtt://{}", listener.local_addr().unwrap()));
        let plan = Plan { broker, ..Plan::default() };
        let (names, peers) = reach(&plan).await;
        assert!(names.is_empty() && peers[0].is_here, "{names:?} {peers:?}");
        assert!(matches!(peers[0].reached, Some(Reached::Answers(..))));
        drop(listener);
        assert_eq!(reach(&plan).await.1[0].reached, Some(Reached::Refuses));
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_is_told_by_the_name() {
        let plan = Plan { broker: Some("mqtt://no-such-host.invalid".to_owned()), ..Plan::default() };
        let (names, peers) = reach(&plan).await;
        assert!(!matches!(names[0].1, Some(Ok(_))), "{names:?}");
        assert_eq!(peers[0].reached, Some(Reached::Nameless));
    }
}
