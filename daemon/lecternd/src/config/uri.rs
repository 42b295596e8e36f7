//! Where pictures and sound come from and go to, as URIs.

use std::path::PathBuf;

use lectern_api::{messages, status::Role};
use lectern_archive::store::without_secrets;
use url::Url;

use super::reader::Wrong;

/// Where a source is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SourceUri {
    /// `v4l2:/dev/video0`
    V4l2(PathBuf),
    /// `rtsp://user:password@host/path`
    Rtsp(Url),
    /// `x11:::0` is display `:0`.
    X11(String),
    /// `pipewire:` or `pipewire:TARGET`
    Pipewire(Option<String>),
    /// `pulse:` or `pulse:DEVICE`
    Pulse(Option<String>),
    /// `alsa:hw:0`
    Alsa(String),
    /// `file:/path`, played over and over.
    File(PathBuf),
    /// A part of the built-in test room, and the file that says what is to be
    /// wrong with it: `test:camera?faults=/path`.
    Test(TestSource, Option<PathBuf>),
    /// The first real device of the role, else the test room's.
    Auto,
}

/// What the test room offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestSource {
    /// Handwriting, page by page.
    Board,
    /// A teacher before the board.
    Camera,
    /// A voice, with a beep at each full second.
    Mic,
    /// Pictures or sound that no encoder likes.
    Noise,
}

/// What the schemes are, for remedies.
const SOURCE_SCHEMES: &str = "v4l2:/dev/video0, rtsp://…, x11:::0, pipewire:, pulse:, alsa:hw:0, file:/…, \
                              test:board, test:camera, test:mic, test:noise, auto";

impl std::fmt::Debug for SourceUri {
    /// Without the password of a camera.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::V4l2(device) => write!(f, "v4l2:{}", device.display()),
            Self::Rtsp(url) => f.write_str(&without_secrets(url.as_str())),
            Self::X11(display) => write!(f, "x11:{display}"),
            Self::Pipewire(target) => write!(f, "pipewire:{}", target.as_deref().unwrap_or_default()),
            Self::Pulse(device) => write!(f, "pulse:{}", device.as_deref().unwrap_or_default()),
            Self::Alsa(device) => write!(f, "alsa:{device}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Test(part, _) => write!(f, "test:{part:?}"),
            Self::Auto => f.write_str("auto"),
        }
    }
}

impl SourceUri {
    pub(crate) fn parse(text: &str) -> Result<Self, Wrong> {
        let unknown = || (messages::uri_source(without_secrets(text)), messages::uri_remedy(SOURCE_SCHEMES));
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let (scheme, rest) = text.split_once(':').ok_or_else(unknown)?;
        let named = || (!rest.is_empty()).then(|| rest.to_owned());
        match scheme {
            "v4l2" if rest.starts_with('/') => Ok(Self::V4l2(PathBuf::from(rest))),
            "rtsp" | "rtsps" => Ok(Self::Rtsp(with_host(text)?)),
            // `x11:::0`, as the other schemes have it, or `x11::0`.
            "x11" if rest.contains(':') => {
                let display = rest.strip_prefix(':').filter(|display| display.contains(':'));
                Ok(Self::X11(display.unwrap_or(rest).to_owned()))
            }
            "pipewire" => Ok(Self::Pipewire(named())),
            "pulse" => Ok(Self::Pulse(named())),
            "alsa" => named().map(Self::Alsa).ok_or_else(unknown),
            "file" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.starts_with('/') { Ok(Self::File(PathBuf::from(path))) } else { Err(unknown()) }
            }
            "test" => {
                let (part, faults) = match rest.split_once("?faults=") {
                    Some((part, file)) if file.starts_with('/') => (part, Some(PathBuf::from(file))),
                    Some(_) => return Err(unknown()),
                    None => (rest, None),
                };
                let part = match part {
                    "board" => TestSource::Board,
                    "camera" => TestSource::Camera,
                    "mic" => TestSource::Mic,
                    "noise" => TestSource::Noise,
                    _ => return Err(unknown()),
                };
                Ok(Self::Test(part, faults))
            }
            _ => Err(unknown()),
        }
    }

    /// Whether a source of this role can be there.
    pub(crate) fn serves(&self, role: Role) -> bool {
        match self {
            Self::V4l2(_) | Self::X11(_) | Self::Test(TestSource::Board | TestSource::Camera, _) => {
                role.is_video()
            }
            Self::Pulse(_) | Self::Alsa(_) | Self::Test(TestSource::Mic, _) => !role.is_video(),
            Self::Rtsp(_) | Self::Pipewire(_) | Self::File(_) | Self::Auto => true,
            Self::Test(TestSource::Noise, _) => true,
        }
    }
}

/// Where a broadcast goes. The text is kept as it was written: platforms sign
/// URLs and differ in how they encode them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct LiveUrl {
    pub(crate) transport: Transport,
    text: String,
}

/// How a broadcast travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// MPEG-TS over SRT.
    Srt,
    /// FLV over RTMP or RTMPS.
    Rtmp,
}

impl LiveUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, Wrong> {
        let scheme = text.split("://").next().unwrap_or_default();
        let transport = match scheme {
            "srt" => Transport::Srt,
            "rtmp" | "rtmps" => Transport::Rtmp,
            _ => {
                return Err((
                    messages::uri_live(without_secrets(text)),
                    messages::uri_remedy("srt://…, rtmp://…, rtmps://…"),
                ));
            }
        };
        // A listening SRT target has no host: srt://:7001?mode=listener
        let listener = transport == Transport::Srt && text.contains("mode=listener");
        if !listener {
            with_host(text)?;
        }
        if transport == Transport::Srt && !srt_has_port(text) {
            return Err((messages::uri_port(without_secrets(text)), messages::uri_port_remedy()));
        }
        Ok(Self { transport, text: text.to_owned() })
    }

    /// As written, key and all: for the connection only.
    pub(crate) fn secret(&self) -> &str {
        &self.text
    }

    /// A text without the parts of this URL that are nobody's business: servers
    /// repeat them in their refusals.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        let rest = self.text.split_once("://").map_or("", |(_, rest)| rest);
        let secrets = rest.split(['/', '?', '&', '=', '@', ':']).skip(1).filter(|part| part.len() >= 6);
        let whole = text.replace(&self.text, &without_secrets(&self.text));
        secrets.fold(whole, |text, secret| text.replace(secret, "…"))
    }

    /// How a person on this box can watch: a listener's own address, or who is
    /// broadcast to.
    pub(crate) fn watch_hint(&self) -> String {
        if !self.is_listener() {
            return format!("{self:?}");
        }
        let address = self.text.split('?').next().unwrap_or_default();
        let address =
            address.replace("srt://:", "srt://127.0.0.1:").replace("srt://0.0.0.0", "srt://127.0.0.1");
        format!("ffplay {address}")
    }

    /// Whether the box waits to be called.
    pub(crate) fn is_listener(&self) -> bool {
        self.transport == Transport::Srt && self.text.contains("mode=listener")
    }
}

impl std::fmt::Debug for LiveUrl {
    /// Without path and query, where the platforms' keys are.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rest = self.text.split("://").nth(1).unwrap_or_default();
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        write!(f, "{:?} {}", self.transport, host.rsplit('@').next().unwrap_or_default())
    }
}

fn srt_has_port(text: &str) -> bool {
    let rest = text.strip_prefix("srt://").unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok_and(|p| p > 0))
}

/// A URL that names a host.
fn with_host(text: &str) -> Result<Url, Wrong> {
    match Url::parse(text) {
        Ok(url) if url.host_str().is_some_and(|h| !h.is_empty()) => Ok(url),
        Ok(_) => Err((messages::uri_host(without_secrets(text)), messages::uri_host_remedy())),
        Err(error) => Err((messages::uri_bad(without_secrets(text), error), messages::uri_host_remedy())),
    }
}
