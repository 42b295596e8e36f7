//! `[[archive]]`: where lessons are kept.

use std::ops::Range;
use std::path::PathBuf;

use lectern_api::{Kbps, Name, Text, messages};
use lectern_archive::store::{Credentials, Proxy, Store, StoreError, StoreOptions, Style};
use toml::Spanned;
use toml::de::DeValue;

use super::Mistake;
use super::reader::{Reader, Wrong, boolean, text, whole, wrong_type};
use crate::upload::hours::{Hours, Stretch};

/// One archive store.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    pub(crate) name: Name,
    pub(crate) store: StoreOptions,
    /// When it may be sent to.
    pub(crate) hours: Hours,
    /// The most it may take of the link.
    pub(crate) pace: Option<Kbps>,
}

impl Archive {
    /// The folder of a `file:` store.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        folder_of(&self.store.url)
    }
}

fn folder_of(url: &str) -> Option<PathBuf> {
    let url = url::Url::parse(url).ok()?;
    (url.scheme() == "file").then(|| url.to_file_path().ok()).flatten()
}

/// An archive with its place, and what deserves a word about it.
pub(super) type Found = (Range<usize>, (Archive, Vec<Mistake>));

/// Keys that mean something to S3 only.
const OF_S3: [&str; 3] = ["endpoint", "region", "style"];

pub(super) fn read(
    table: &mut Reader<'_, '_>,
    name: impl FnOnce(&DeValue<'_>) -> Result<Name, Wrong>,
) -> Option<Found> {
    let name = table.required("name", name);
    let url = table.required("url", text);
    let endpoint = table.spanned("endpoint", text);
    let region = table.spanned("region", text);
    let style = table.spanned("style", style);
    let credentials = table.spanned("credentials", credentials);
    let ca = table.spanned("ca", file);
    let client_certificate = table.spanned("client_certificate", file);
    let proxy = table.spanned("proxy", proxy);
    let mount_point = table.spanned("mount_point", text);
    let stretches = table.optional("hours", stretches).unwrap_or_default();
    let fresh_outside = table.optional("running_lesson_at_any_hour", boolean).unwrap_or(true);
    let hours = Hours { stretches, fresh_outside };
    let pace = table.optional("pace_kbps", whole(64, 1_000_000)).map(Kbps);

    let (name, url) = (name?, url?);
    let is_s3 = url.get_ref().starts_with("s3:");
    let places = [span(&endpoint), span(&region), span(&style)];
    for (key, place) in OF_S3.into_iter().zip(places) {
        if let (Some(place), false) = (place, is_s3) {
            table.mistake(place, (messages::config_only_s3(key), messages::config_only_s3_remedy(key)));
        }
    }
    let mount_point = mount_point.and_then(|written| {
        let place = written.span();
        let mount_point = PathBuf::from(written.into_inner());
        let folder = folder_of(url.get_ref());
        if mount_point.is_absolute() && folder.is_some_and(|folder| folder.starts_with(&mount_point)) {
            return Some(mount_point);
        }
        table.mistake(place, (messages::config_mount_point(), messages::config_mount_point_remedy()));
        None
    });
    if is_s3 && !table.has("credentials") {
        let wrong = (messages::config_no_credentials(), messages::config_credentials_remedy());
        table.mistake(url.span(), wrong);
        return None;
    }
    let mut words = Vec::new();
    if has_password(url.get_ref()) {
        words.push(Mistake {
            span: url.span(),
            cause: messages::config_password_in_url(),
            remedy: messages::config_password_in_url_remedy(),
        });
    }
    let (ca_place, own_place) = (span(&ca), span(&client_certificate));
    let store = StoreOptions {
        url: url.get_ref().clone(),
        endpoint: endpoint.map(Spanned::into_inner),
        region: region.map(Spanned::into_inner),
        style: style.map(Spanned::into_inner).unwrap_or_default(),
        credentials: credentials.map(Spanned::into_inner),
        ca: ca.map(Spanned::into_inner),
        client_certificate: client_certificate.map(Spanned::into_inner),
        proxy: proxy.map(Spanned::into_inner).unwrap_or_default(),
        mount_point,
        ..StoreOptions::default()
    };
    // A key with a mistake of its own is noted already; no other follows from it.
    let is_whole = store.credentials.is_some() || !is_s3;
    if let (Err(error), true) = (Store::open_with(&store), is_whole) {
        let place = match &error {
            StoreError::Certificate { path, .. } if Some(path) == store.ca.as_ref() => ca_place,
            StoreError::Certificate { .. } => own_place,
            _ => None,
        };
        let cause = Text { en: error.to_string(), zh: error.text().zh };
        let (span, remedy) = (place.unwrap_or(url.span()), messages::config_archive_remedy());
        match error {
            // A file may come later; nobody goes unrecorded for it.
            StoreError::Certificate { .. } => words.push(Mistake { span, cause, remedy }),
            _ => table.mistake(span, (cause, remedy)),
        }
    }
    Some((name.span(), (Archive { name: name.into_inner(), hours, pace, store }, words)))
}

pub(super) fn span<T>(value: &Option<Spanned<T>>) -> Option<Range<usize>> {
    value.as_ref().map(Spanned::span)
}

/// Whether a URL carries a password that everybody who reads the file sees.
pub(super) fn has_password(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.password().is_some())
}

fn style(value: &DeValue<'_>) -> Result<Style, Wrong> {
    match text(value)?.as_str() {
        "virtual" => Ok(Style::Virtual),
        "path" => Ok(Style::Path),
        other => Err((messages::config_style(other), messages::config_style_remedy())),
    }
}

/// Never repeats what was written: it may be the secret itself.
pub(super) fn credentials(value: &DeValue<'_>) -> Result<Credentials, Wrong> {
    let wrong = |_| (messages::config_credentials(), messages::config_credentials_remedy());
    Credentials::parse(&text(value)?).map_err(wrong)
}

pub(super) fn file(value: &DeValue<'_>) -> Result<PathBuf, Wrong> {
    let written = text(value)?;
    match Credentials::parse(&written) {
        Ok(Credentials::File(path)) => Ok(path),
        _ => Err((messages::config_file(&written), messages::config_file_remedy())),
    }
}

pub(super) fn proxy(value: &DeValue<'_>) -> Result<Proxy, Wrong> {
    match text(value)?.as_str() {
        "environment" => Ok(Proxy::Environment),
        "none" => Ok(Proxy::None),
        url if url.starts_with("http://") || url.starts_with("https://") => Ok(Proxy::Url(url.to_owned())),
        _ => Err((messages::config_proxy(), messages::config_proxy_remedy())),
    }
}

fn stretches(value: &DeValue<'_>) -> Result<Vec<Stretch>, Wrong> {
    let list = value.as_array().ok_or_else(|| wrong_type(value, "[\"18:00-06:00\"]"))?;
    let stretch = |item: &Spanned<DeValue<'_>>| {
        let written = text(item.get_ref())?;
        let wrong = || (messages::config_hours(&written), messages::config_hours_remedy());
        Stretch::parse(&written).ok_or_else(wrong)
    };
    list.iter().map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lectern_api::Language;

    use super::super::{Config, ConfigError};
    use super::*;

    const BOX: &str = "[device]\nid='a'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n";

    fn parse(archive: &str) -> Result<Config, String> {
        let text = format!("{BOX}[[archive]]\nname='district'\n{archive}\n");
        Config::parse(Path::new("lectern.toml"), &text).map_err(|error| match error {
            ConfigError::Mistaken(mistakes) => {
                mistakes.render(Language::En) + &mistakes.render(Language::ZhCn)
            }
            other => other.to_string(),
        })
    }

    #[test]
    fn every_kind_of_store_is_accepted() {
        for url in
            ["file:///srv/a", "https://h/a", "http://h:81/a", "ftp://u@h/a", "ftps://h/a", "ftpes://h/a"]
        {
            let config = parse(&format!("url='{url}'")).unwrap();
            assert_eq!(config.archives[0].store.url, url);
            assert!(config.notices.is_empty(), "{url}");
        }
        let s3 = "url='s3://lessons/village'\nendpoint='https://oss-cn-hangzhou.aliyuncs.com'\n\
                  region='oss-cn-hangzhou'\nstyle='path'\ncredentials='credential:district'\nproxy='none'";
        let store = parse(s3).unwrap().archives.remove(0).store;
        assert_eq!((store.style, store.proxy), (Style::Path, Proxy::None));
        assert_eq!(store.credentials, Some(Credentials::Named("district".to_owned())));
    }

    #[test]
    fn every_mistake_has_its_line_and_a_remedy() {
        let report = parse(
            "url='https://h/a'\nendpoint='https://e'\nstyle='dns'\ncredentials='teacher'\n\
             ca='ca.pem'\nproxy='h:3128'\nregoin='x'",
        );
        let report = report.unwrap_err();
        for line in [10, 11, 12, 13, 14, 15] {
            assert!(report.contains(&format!("lectern.toml:{line}:")), "no mistake in line {line}\n{report}");
        }
        assert!(report.contains("did you mean `region`?"), "{report}");
        for bad in ["s3://b:1/x", "ftp://h/a#b", "https://h/a?b", "gopher://h", "file:a"] {
            let report = parse(&format!("url='{bad}'\ncredentials='file:/k'")).unwrap_err();
            assert!(report.contains("lectern.toml:9:"), "{bad}\n{report}");
        }
    }

    #[test]
    fn a_certificate_that_is_not_there_yet_is_told_and_keeps_nobody_from_recording() {
        let config = parse("url='https://h/a'\nca='file:/nowhere/ca.pem'").unwrap();
        assert_eq!(config.notices.len(), 1);
        let told = format!("{:?}", config.notices);
        assert!(told.contains("/nowhere/ca.pem"), "{told}");
    }

    #[test]
    fn a_mount_point_is_the_folder_or_above_it_and_nothing_else() {
        for mount_point in ["/media/disk", "/media/disk/lessons"] {
            let config = parse(&format!("url='file:///media/disk/lessons'\nmount_point='{mount_point}'"));
            assert_eq!(config.unwrap().archives[0].store.mount_point, Some(PathBuf::from(mount_point)));
        }
        for (url, mount_point) in [
            ("file:///media/disk", "/media/disk/lessons"),
            ("file:///media/disk-2", "/media/disk"),
            ("file:///media/disk", "media"),
            ("https://h/media/disk", "/media/disk"),
        ] {
            let report = parse(&format!("url='{url}'\nmount_point='{mount_point}'")).unwrap_err();
            assert!(report.contains("lectern.toml:10:"), "{url} {mount_point}\n{report}");
        }
    }

    #[test]
    fn keys_in_clear_text_are_refused_and_never_repeated() {
        for archive in [
            "url='s3://lessons'",
            "url='s3://AKIDgeheim:geheim@lessons'\ncredentials='file:/k'",
            "url='s3://lessons'\ncredentials='AKIDgeheim geheim'",
            "url='s3://lessons'\nsecret_access_key='geheim'\ncredentials='file:/k'",
            "url='https://u:geheim@h/a'\nstyle='x'",
            "url='https://h/a'\nproxy='socks://u:geheim@h'",
        ] {
            let report = parse(archive).unwrap_err();
            assert!(!report.contains("geheim"), "{report}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_accepted_with_a_word() {
        let config = parse("url='https://u:geheim@h/a'").unwrap();
        assert_eq!(config.notices.len(), 1);
        let shown = format!("{:?} {:?}", config.archives, config.notices);
        assert!(!shown.contains("geheim"), "{shown}");
    }
}
