//! Asks live targets and archives whether they are there. Nothing is published
//! and no media goes anywhere: a connection that is closed again, a greeting,
//! the question for a file that nobody has.

use std::net::SocketAddr;
use std::time::Duration;

use lectern_api::{Text, messages};
use lectern_archive::Store;
use lectern_archive::store::{StoreError, StoreOptions, Timeouts};
use lectern_doctor::srt;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use url::Url;

use crate::config::{LiveUrl, Transport};

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reach {
    /// Nothing yet.
    Asking,
    /// It calls us.
    Listener,
    /// There is no way to ask without broadcasting.
    NotTried,
    /// A folder that is there.
    Here,
    /// A folder that is not.
    NotHere(Text),
    /// It answered after so long.
    Answers(Duration),
    /// Nothing came back.
    Silent(Text),
    /// Something came back, and it is of no use.
    Unusable(Text),
}

impl Reach {
    /// Whether it says something about the link.
    pub(super) fn is_outside(&self) -> bool {
        matches!(self, Self::Answers(_) | Self::Silent(_) | Self::Unusable(_))
    }
}

/// A school's link may be slow; the next look comes in half a minute.
const LIMIT: Duration = Duration::from_secs(5);

/// Asks a live target.
pub(super) async fn live(url: &LiveUrl) -> Reach {
    if url.is_listener() {
        return Reach::Listener;
    }
    let Ok(parsed) = Url::parse(url.secret()) else { return Reach::NotTried };
    let host = parsed.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
    let usual = if parsed.scheme() == "rtmps" { 443 } else { 1935 };
    let port = parsed.port().unwrap_or(usual);
    if url.transport == Transport::Srt && url.secret().contains("mode=rendezvous") {
        return Reach::NotTried;
    }
    let begun = Instant::now();
    let addresses: Vec<SocketAddr> = match timeout(LIMIT, lookup_host((host.as_str(), port))).await {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(_)) | Err(_) => return Reach::Silent(messages::reach_no_name(&host)),
    };
    let answered = match url.transport {
        Transport::Rtmp => timeout(LIMIT, TcpStream::connect(&addresses[..])).await,
        Transport::Srt => Ok(match srt::greet(&addresses, LIMIT).await {
            Ok(()) => return Reach::Answers(begun.elapsed()),
            Err(error) => Err(error),
        }),
    };
    match answered {
        Ok(Ok(_)) => Reach::Answers(begun.elapsed()),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            Reach::Unusable(messages::reach_refused(&host))
        }
        Ok(Err(_)) | Err(_) => Reach::Silent(messages::reach_no_answer(&host)),
    }
}

/// What no lesson's folder is called.
const NOBODYS_FILE: &str = "lectern-check";

/// Asks an archive, on the way that uploads go: through the same proxy, with the
/// same certificates and keys.
pub(super) async fn archive(options: &StoreOptions) -> Reach {
    let timeouts = Timeouts { connect: LIMIT, answer: LIMIT, ..options.timeouts };
    let options = StoreOptions { timeouts, ..options.clone() };
    let is_folder = options.url.starts_with("file:");
    let begun = Instant::now();
    let asked = async { Store::open_with(&options)?.size(NOBODYS_FILE).await };
    let Ok(answer) = timeout(LIMIT * 2, asked).await else {
        let host = lectern_archive::store::without_secrets(&options.url);
        return Reach::Silent(messages::reach_no_answer(host));
    };
    match answer {
        Err(error) if is_folder => Reach::NotHere(error.text()),
        // A key that may put files need not be allowed to ask for any name.
        Ok(_)
        | Err(StoreError::Refused { .. } | StoreError::Rejected { .. } | StoreError::Unsupported { .. }) => {
            if is_folder {
                Reach::Here
            } else {
                Reach::Answers(begun.elapsed())
            }
        }
        Err(error @ (StoreError::Unreachable { .. } | StoreError::TimedOut { .. })) => {
            Reach::Silent(error.text())
        }
        Err(error) => Reach::Unusable(error.text()),
    }
}

#[cfg(test)]
mod tests {
    use gst::prelude::*;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn libsrts_listener_answers_the_greeting_and_goes_on_listening() {
        crate::capture::init().unwrap();
        // A free port of this moment; whoever takes it in between fails the test.
        let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let line = format!("srtsrc uri=srt://127.0.0.1:{port}?mode=listener ! fakesink");
        let listener = gst::parse::launch(&line).unwrap();
        listener.set_state(gst::State::Playing).unwrap();
        let address = SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, port));
        for _ in 0..3 {
            // The listener opens its port a moment later: until then the kernel refuses.
            let answered = async {
                while srt::greet(&[address], Duration::from_secs(1)).await.is_err() {
                    tokio::task::yield_now().await;
                }
            };
            timeout(Duration::from_secs(20), answered).await.unwrap();
        }
        listener.set_state(gst::State::Null).unwrap();
    }

    #[tokio::test]
    async fn a_live_target_that_listens_answers_and_one_that_does_not_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("rtmp://{}/app/key", listener.local_addr().unwrap());
        let url = LiveUrl::parse(&url).unwrap();
        assert!(matches!(live(&url).await, Reach::Answers(_)));
        drop(listener);
        let Reach::Unusable(why) = live(&url).await else { panic!("nobody listens any more") };
        assert!(!why.en.contains("key"), "{why:?}");
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_is_silent() {
        let url = LiveUrl::parse("rtmp://no-such-host.invalid/app").unwrap();
        assert!(matches!(live(&url).await, Reach::Silent(why) if why.en.contains("no-such-host")));
    }

    #[tokio::test]
    async fn what_calls_us_is_not_called() {
        for (url, reach) in [
            ("srt://:7001?mode=listener", Reach::Listener),
            ("srt://127.0.0.1:7001?mode=rendezvous", Reach::NotTried),
        ] {
            assert_eq!(live(&LiveUrl::parse(url).unwrap()).await, reach);
        }
    }

    #[tokio::test]
    async fn a_folder_is_there_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let url = Url::from_file_path(folder.path()).unwrap();
        assert_eq!(archive(&StoreOptions::new(url.as_str())).await, Reach::Here);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was written");
        folder.close().unwrap();
        assert!(matches!(archive(&StoreOptions::new(url.as_str())).await, Reach::NotHere(_)));
    }

    #[tokio::test]
    async fn an_archive_that_nobody_serves_is_silent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/lessons", listener.local_addr().unwrap());
        drop(listener);
        let options = StoreOptions { proxy: lectern_archive::store::Proxy::None, ..StoreOptions::new(url) };
        assert!(matches!(archive(&options).await, Reach::Silent(_)));
    }
}
