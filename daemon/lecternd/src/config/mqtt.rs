//! `[mqtt]`: the broker that hears of this box.

use std::collections::BTreeSet;
use std::time::Duration;

use lectern_api::messages::{local, mqtt as words};
use lectern_api::mqtt::Root;
use lectern_archive::store::Proxy;
use lectern_mqtt::commands::KINDS;
use lectern_mqtt::link::Broker;
use toml::Spanned;
use toml::de::DeValue;

use super::Mistake;
use super::archive::{credentials, file, proxy};
use super::reader::{Reader, Wrong, text, whole, wrong_type};
use super::setting::{FromAfar, SETTINGS, Setting};

/// The broker, and what it may ask of the box.
#[derive(Debug, Clone)]
pub(crate) struct Mqtt {
    pub(crate) broker: Broker,
    /// Before every topic.
    pub(crate) root: Root,
    pub(crate) keepalive: Duration,
    pub(crate) heartbeat: Duration,
    /// A first connection waits up to so long.
    pub(crate) spread: Duration,
    /// Kinds of commands that are allowed.
    pub(crate) commands: BTreeSet<String>,
    /// Settings that `config_set` may change, as `table.key`.
    pub(crate) settings: BTreeSet<String>,
}

/// What a platform may ask unless somebody says otherwise: nothing that changes
/// the configuration, sends data elsewhere or interrupts a lesson that runs.
const ALLOWED: [&str; 8] =
    ["start", "stop", "prolong", "shutter", "timetable_push", "config_get", "doctor", "log_level"];

/// A silent box is to be known within 90 s; a broker waits one and a half of it.
const KEEPALIVE_S: (u32, u32, u32) = (10, 50, 55);
const HEARTBEAT_S: (u32, u32, u32) = (30, 900, 3600);
/// Ten thousand boxes that are switched on together come one by one.
const SPREAD_S: (u32, u32, u32) = (0, 30, 600);

pub(super) fn read(table: &mut Reader<'_, '_>) -> Option<(Mqtt, Vec<Mistake>)> {
    let url = table.required("url", |value| {
        let wrong = |error| (words::config_mqtt_url(error), words::config_mqtt_url_remedy());
        Broker::parse(&text(value)?).map_err(wrong)
    });
    let root = table.optional("root", |value| {
        let written = text(value)?;
        Root::new(&written).map_err(|_| (words::config_mqtt_root(&written), words::config_mqtt_root_remedy()))
    });
    let credentials = table.optional("credentials", credentials);
    let ca = table.spanned("ca", file);
    let client_certificate = table.spanned("client_certificate", file);
    let proxy = table.optional("proxy", plain_proxy);
    let (least, usual, most) = KEEPALIVE_S;
    let keepalive = table.optional("keepalive_s", whole(least, most)).unwrap_or(usual);
    let (least, usual, most) = HEARTBEAT_S;
    let heartbeat = table.optional("heartbeat_s", whole(least, most)).unwrap_or(usual);
    let (least, usual, most) = SPREAD_S;
    let spread = table.optional("spread_s", whole(least, most)).unwrap_or(usual);
    let commands = table.optional("commands", kinds);
    let settings = table.optional("settings", settings);

    let mut notices = Vec::new();
    for certificate in [&ca, &client_certificate].into_iter().flatten() {
        if let Err(error) = std::fs::File::open(certificate.get_ref()) {
            // The file may come later; the box records without a broker.
            notices.push(Mistake {
                span: certificate.span(),
                cause: words::config_mqtt_certificate(format!(
                    "{}: {error}",
                    certificate.get_ref().display()
                )),
                remedy: words::config_mqtt_certificate_remedy(),
            });
        }
    }
    let mut broker = url?.into_inner();
    broker.credentials = credentials;
    broker.ca = ca.map(Spanned::into_inner);
    broker.client_certificate = client_certificate.map(Spanned::into_inner);
    broker.proxy = proxy.unwrap_or_default();
    let mqtt = Mqtt {
        broker,
        root: root.unwrap_or_default(),
        keepalive: Duration::from_secs(keepalive.into()),
        heartbeat: Duration::from_secs(heartbeat.into()),
        spread: Duration::from_secs(spread.into()),
        commands: commands.unwrap_or_else(|| ALLOWED.map(str::to_owned).into()),
        settings: settings.unwrap_or_else(|| {
            SETTINGS.iter().filter(|row| row.from_afar == FromAfar::Yes).map(Setting::name).collect()
        }),
    };
    Some((mqtt, notices))
}

/// A proxy that is spoken to without TLS.
fn plain_proxy(value: &DeValue<'_>) -> Result<Proxy, Wrong> {
    match proxy(value)? {
        Proxy::Url(url) if !url.starts_with("http://") => {
            Err((words::config_mqtt_proxy(), words::config_mqtt_proxy_remedy()))
        }
        other => Ok(other),
    }
}

fn kinds(value: &DeValue<'_>) -> Result<BTreeSet<String>, Wrong> {
    let list = value.as_array().ok_or_else(|| wrong_type(value, "[\"start\", \"stop\"]"))?;
    let kind = |item: &Spanned<DeValue<'_>>| {
        let written = text(item.get_ref())?;
        if KINDS.contains(&written.as_str()) {
            return Ok(written);
        }
        Err((words::config_mqtt_command(&written), words::config_mqtt_command_remedy(KINDS.join(", "))))
    };
    list.iter().map(kind).collect()
}

fn settings(value: &DeValue<'_>) -> Result<BTreeSet<String>, Wrong> {
    let list = value.as_array().ok_or_else(|| wrong_type(value, "[\"device.place\"]"))?;
    let known: BTreeSet<String> = SETTINGS.iter().map(Setting::name).collect();
    let setting = |item: &Spanned<DeValue<'_>>| {
        let written = text(item.get_ref())?;
        if known.contains(&written) {
            return Ok(written);
        }
        let all = known.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        Err((local::config_mqtt_setting(&written), words::config_mqtt_command_remedy(all)))
    };
    list.iter().map(setting).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lectern_api::Language;
    use lectern_mqtt::link::Scheme;

    use super::super::{Config, ConfigError};
    use super::*;

    const BOX: &str = "[device]\nid='a'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n[mqtt]\n";

    fn parse(table: &str) -> Result<Mqtt, String> {
        let parsed = Config::parse(Path::new("lectern.toml"), &format!("{BOX}{table}\n"));
        parsed.map(|config| config.mqtt.unwrap()).map_err(|error| match error {
            ConfigError::Mistaken(mistakes) => {
                mistakes.render(Language::En) + &mistakes.render(Language::ZhCn)
            }
            unreadable @ ConfigError::Unreadable { .. } => unreadable.to_string(),
        })
    }

    #[test]
    fn a_url_is_enough_and_everything_can_be_said() {
        let plain = parse("url='mqtt://[::1]:1883'").unwrap();
        assert_eq!((plain.broker.scheme, plain.broker.port), (Scheme::Tcp, 1883));
        assert_eq!((plain.root.as_str(), plain.keepalive.as_secs()), ("te", 50));
        assert!(plain.commands.contains("start") && !plain.commands.contains("reboot"));
        let whole = parse(
            "url='wss://h/mqtt'\nroot='school/7'\ncredentials='credential:broker'\nca='file:/ca.pem'\n\
             client_certificate='file:/own.pem'\nproxy='http://p:3128'\nkeepalive_s=30\nheartbeat_s=60\n\
             spread_s=0\ncommands=['reboot']",
        );
        let whole = whole.unwrap();
        assert_eq!((whole.broker.port, whole.heartbeat.as_secs(), whole.spread), (443, 60, Duration::ZERO));
        assert_eq!(whole.commands, BTreeSet::from(["reboot".to_owned()]));
        assert!(plain.settings.contains("device.place") && !plain.settings.contains("live.url"));
        let named = parse("url='mqtt://h'\nsettings=['live.url']").unwrap().settings;
        assert_eq!(named, BTreeSet::from(["live.url".to_owned()]));
        assert!(parse("url='mqtt://h'\ncommands=[]").unwrap().commands.is_empty());
    }

    #[test]
    fn every_mistake_has_its_line_and_shows_no_secret() {
        let report = parse(
            "url='mqtt://u:geheim@h'\nroot='te/#'\ncredentials='geheim'\nca='ca.pem'\n\
             client_certificate=3\nproxy='https://u:geheim@p'\nkeepalive_s=600\nheartbeat_s=1\n\
             commands=['fly']\nkeepalve_s=30\nsettings=['mqtt.url']",
        );
        let report = report.unwrap_err();
        for line in 8..=18 {
            assert!(report.contains(&format!("lectern.toml:{line}:")), "no mistake in line {line}\n{report}");
        }
        assert!(report.contains("did you mean `keepalive_s`?") && !report.contains("geheim"), "{report}");
        assert!(parse("root='te'").unwrap_err().contains("url"));
    }

    #[test]
    fn a_certificate_that_is_not_there_yet_deserves_a_word() {
        let text = format!("{BOX}url='mqtts://h'\nca='file:/nowhere/ca.pem'\n");
        let config = Config::parse(Path::new("lectern.toml"), &text).unwrap();
        assert!(format!("{:?}", config.notices).contains("/nowhere/ca.pem"));
    }
}
