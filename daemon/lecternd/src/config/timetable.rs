//! `[timetable]`: where the timetable comes from, and how it is kept to.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use lectern_api::messages::{self, book as words};
use lectern_archive::store::{Credentials, Proxy, without_secrets};
use lectern_timetable::Margins;
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::Mistake;
use super::archive::{credentials, file, has_password, proxy, span};
use super::reader::{Reader, Wrong, text, whole, wrong_type};

/// Where the timetable comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum TimetableUrl {
    /// A file on this machine.
    File(PathBuf),
    /// On a server.
    Web(Url),
}

impl fmt::Debug for TimetableUrl {
    /// Without the secrets that a URL may hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Web(url) => f.write_str(&without_secrets(url.as_str())),
        }
    }
}

/// The timetable of this box.
#[derive(Debug, Clone)]
pub(crate) struct Timetable {
    pub(crate) url: Option<TimetableUrl>,
    /// The room, where the place of the device does not tell it.
    pub(crate) room: Option<String>,
    /// How often a server is asked.
    pub(crate) refresh: Duration,
    pub(crate) margins: Margins,
    pub(crate) credentials: Option<Credentials>,
    /// Certificates (PEM) that are trusted beside the system's.
    pub(crate) ca: Option<PathBuf>,
    pub(crate) proxy: Proxy,
    /// Below these folders USB sticks are mounted.
    pub(crate) sticks: Vec<PathBuf>,
}

impl Default for Timetable {
    fn default() -> Self {
        Self {
            url: None,
            room: None,
            refresh: minutes(15),
            margins: Margins::default(),
            credentials: None,
            ca: None,
            proxy: Proxy::default(),
            sticks: vec![PathBuf::from("/run/media"), PathBuf::from("/media")],
        }
    }
}

/// Keys that mean something for a web address only.
const OF_WEB: [&str; 4] = ["refresh_minutes", "credentials", "ca", "proxy"];

/// The table, and what deserves a word about it.
pub(super) fn read(table: &mut Reader<'_, '_>) -> Option<(Timetable, Vec<Mistake>)> {
    let d = Timetable::default();
    let url = table.spanned("url", |value| address(&text(value)?));
    let room = table.optional("room", text);
    let refresh = table.spanned("refresh_minutes", whole(1, 1440));
    let before = table.optional("before_s", whole(0, 600)).unwrap_or(0);
    let after = table.optional("after_s", whole(0, 600)).unwrap_or(0);
    let credentials = table.spanned("credentials", credentials);
    let ca = table.spanned("ca", file);
    let proxy = table.spanned("proxy", proxy);
    let sticks = table.optional("sticks", folders);

    let mut notices = Vec::new();
    let is_web = url.as_ref().is_some_and(|url| matches!(url.get_ref(), TimetableUrl::Web(_)));
    let places = [span(&refresh), span(&credentials), span(&ca), span(&proxy)];
    for (key, place) in OF_WEB.into_iter().zip(places) {
        // Where the URL itself is wrong, nothing follows from it.
        if let (Some(place), false) = (place, is_web || (table.has("url") && url.is_none())) {
            let wrong = (words::config_timetable_only_web(key), words::config_timetable_only_web_remedy(key));
            table.mistake(place, wrong);
        }
    }
    if let Some(url) = url
        .as_ref()
        .filter(|url| matches!(url.get_ref(), TimetableUrl::Web(url) if has_password(url.as_str())))
    {
        notices.push(Mistake {
            span: url.span(),
            cause: messages::config_password_in_url(),
            remedy: messages::config_password_in_url_remedy(),
        });
    }
    if let Some(ca) = &ca
        && let Err(error) = std::fs::File::open(ca.get_ref())
    {
        // The file may come later; the timetable of before goes on.
        let cause = words::config_timetable_ca(format!("{}: {error}", ca.get_ref().display()));
        notices.push(Mistake { span: ca.span(), cause, remedy: words::config_timetable_ca_remedy() });
    }
    let timetable = Timetable {
        url: url.map(Spanned::into_inner),
        room,
        refresh: refresh.map_or(d.refresh, |number| minutes(number.into_inner())),
        margins: Margins { before: seconds(before), after: seconds(after) },
        credentials: credentials.map(Spanned::into_inner),
        ca: ca.map(Spanned::into_inner),
        proxy: proxy.map(Spanned::into_inner).unwrap_or_default(),
        sticks: sticks.unwrap_or(d.sticks),
    };
    Some((timetable, notices))
}

fn minutes(number: u32) -> Duration {
    seconds(number * 60)
}

fn seconds(number: u32) -> Duration {
    Duration::from_secs(u64::from(number))
}

fn address(written: &str) -> Result<TimetableUrl, Wrong> {
    let wrong = || {
        let shown = without_secrets(written);
        (words::config_timetable_url(shown), words::config_timetable_url_remedy())
    };
    let url = Url::parse(written).map_err(|_| wrong())?;
    match url.scheme() {
        "file" => url.to_file_path().map(TimetableUrl::File).map_err(|()| wrong()),
        "http" | "https" if url.host_str().is_some() => Ok(TimetableUrl::Web(url)),
        _ => Err(wrong()),
    }
}

fn folders(value: &DeValue<'_>) -> Result<Vec<PathBuf>, Wrong> {
    let list = value.as_array().ok_or_else(|| wrong_type(value, "[\"/media\"]"))?;
    list.iter().map(|item| super::decode::absolute(item.get_ref())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lectern_api::Language;

    use super::super::{Config, ConfigError};
    use super::*;

    const BOX: &str = "[device]\nid='a'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n[timetable]\n";

    fn parse(table: &str) -> Result<Config, String> {
        Config::parse(Path::new("lectern.toml"), &format!("{BOX}{table}\n")).map_err(|error| match error {
            ConfigError::Mistaken(mistakes) => {
                mistakes.render(Language::En) + &mistakes.render(Language::ZhCn)
            }
            unreadable @ ConfigError::Unreadable { .. } => unreadable.to_string(),
        })
    }

    #[test]
    fn a_timetable_of_each_kind_is_accepted() {
        let file = parse("url='file:///etc/lectern/timetable.toml'\nroom='三年级二班'\nbefore_s=60").unwrap();
        assert_eq!(file.timetable.url, Some(TimetableUrl::File("/etc/lectern/timetable.toml".into())));
        assert_eq!(file.timetable.margins.before, Duration::from_secs(60));
        let web =
            parse("url='https://school.example/t.ics'\nrefresh_minutes=5\ncredentials='credential:school'");
        let web = web.unwrap().timetable;
        assert_eq!(
            (web.refresh, web.credentials),
            (minutes(5), Some(Credentials::Named("school".to_owned())))
        );
        assert_eq!(parse("").unwrap().timetable.sticks.len(), 2);
        assert!(parse("sticks=[]").unwrap().timetable.sticks.is_empty());
    }

    #[test]
    fn every_mistake_has_its_line_and_a_remedy() {
        let report = parse(
            "url='ftp://geheim:geheim@h/t.toml'\nroom=3\nrefresh_minutes=0\nbefore_s=601\nafter_s=-1\n\
             credentials='geheim'\nca='ca.pem'\nproxy='h:3128'\nsticks=['media']\nrom='x'",
        );
        let report = report.unwrap_err();
        for line in 8..=17 {
            assert!(report.contains(&format!("lectern.toml:{line}:")), "no mistake in line {line}\n{report}");
        }
        assert!(report.contains("did you mean `room`?") && !report.contains("geheim"), "{report}");
    }

    #[test]
    fn keys_of_servers_mean_nothing_for_a_file() {
        let report = parse("url='file:///t.toml'\nrefresh_minutes=5\nca='file:/ca.pem'").unwrap_err();
        assert!(report.contains("lectern.toml:9:") && report.contains("lectern.toml:10:"), "{report}");
    }

    #[test]
    fn a_password_in_the_url_and_a_missing_certificate_deserve_a_word() {
        let config = parse("url='https://u:geheim@h/t.toml'\nca='file:/nowhere/ca.pem'").unwrap();
        assert_eq!(config.notices.len(), 2);
        let shown = format!("{:?}", config.notices);
        assert!(shown.contains("/nowhere/ca.pem") && !shown.contains("geheim"), "{shown}");
    }
}
