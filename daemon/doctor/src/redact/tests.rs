use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER};
use proptest::prelude::*;

use super::*;

fn of(text: &str, secrets: &[&str]) -> String {
    Redactor::new(secrets).redact(text)
}

/// Every byte percent-encoded for which the mask says so.
fn percent(secret: &str, mask: &[bool]) -> String {
    let encode = |(at, byte): (usize, u8)| {
        let is_plain = byte.is_ascii_alphanumeric() && !mask[at % mask.len()];
        if is_plain { char::from(byte).to_string() } else { format!("%{byte:02x}") }
    };
    secret.bytes().enumerate().map(encode).collect()
}

/// Whether a text gives a secret away, looked for by other means than those
/// that hid it.
fn tells(text: &str, secret: &str) -> bool {
    let mut layer = text.to_owned();
    for _ in 0..4 {
        if layer.contains(secret) {
            return true;
        }
        layer = percent_encoding::percent_decode_str(&layer).decode_utf8_lossy().into_owned();
    }
    let tokens = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/-_".contains(c)));
    let in_token = |token: &str| {
        let token = token.replace('-', "+").replace('_', "/");
        (0..4).any(|from| {
            let Some(cut) = token.get(from..) else { return false };
            let whole = &cut[..cut.len() / 4 * 4];
            BASE64
                .decode(whole.as_bytes())
                .is_ok_and(|bytes| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()))
        })
    };
    text.to_ascii_lowercase().contains(&HEXLOWER.encode(secret.as_bytes()))
        || tokens.into_iter().any(in_token)
}

#[test]
fn urls_keep_their_host_and_lose_what_opens_them() {
    for (url, kept) in [
        ("rtsp://lehrer:geheim@10.0.0.7:554/stream1", "rtsp://[hidden]@10.0.0.7:554/stream1"),
        (
            "rtmp://push.example/live/abc?sign=1&t=2",
            "rtmp://push.example/live/[hidden]?sign=[hidden]&t=[hidden]",
        ),
        ("srt://h:7001?streamid=x&latency=120", "srt://h:7001?streamid=[hidden]&latency=[hidden]"),
        ("https://u:se/cret@h/a", "https://[hidden]"),
        ("https://h/lessons/village", "https://h/lessons/village"),
        ("https://h/x#frag", "https://h/x#[hidden]"),
    ] {
        assert_eq!(of(&format!("sent to \"{url}\"."), &[]), format!("sent to \"{kept}\"."));
    }
}

#[test]
fn what_is_named_a_secret_is_hidden_and_a_reference_is_not() {
    for (line, kept) in [
        ("password = \"hunter2 long\"", "password = \"[hidden]\""),
        ("{\"api_key\": \"k1\", \"n\": 3}", "{\"api_key\": \"[hidden]\", \"n\": 3}"),
        ("Authorization: Basic dTpw", "Authorization: [hidden]"),
        ("got bearer abc.def-123", "got bearer [hidden]"),
        ("credentials = \"file:/etc/lectern/a\"", "credentials = \"file:/etc/lectern/a\""),
        ("secret_access_key=abc, next", "secret_access_key=[hidden], next"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nrest", "[hidden]\nrest"),
        ("-----BEGIN EC PRIVATE KEY-----\nMIIE", "[hidden]"),
        ("a fault of camera is over", "a fault of camera is over"),
    ] {
        assert_eq!(of(line, &[]), kept);
    }
}

#[test]
fn a_known_secret_is_found_in_every_form() {
    let secret = "pä$$ w0rd/#";
    for form in [
        secret.to_owned(),
        percent(secret, &[true]),
        percent(&percent(secret, &[false]), &[false]),
        BASE64.encode(format!("user:{secret}").as_bytes()),
        BASE64URL_NOPAD.encode(format!("us:{secret}").as_bytes()),
        BASE64.encode(format!("u:{secret}!").as_bytes()),
        HEXLOWER.encode(secret.as_bytes()),
        secret.replace(' ', "+"),
    ] {
        let text = of(&format!("before {form} behind"), &[secret]);
        assert!(text.contains(HIDDEN) && !tells(&text, secret), "{form}: {text}");
        assert!(text.starts_with("before ") && text.ends_with(" behind"), "{form}: {text}");
    }
}

#[test]
fn secrets_of_a_box_are_known_from_configuration_files_and_environment() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let config = format!(
        "[[live]]\nname='p'\nurl='rtmp://push/live/STREAMKEY77?txSecret=SIGNED88'\n[mqtt]\nurl='mqtt://b'\n\
         credentials='file:{}'\nbroken = \n[spool]\npath='{}'\n[keys]\npath='{}'\n[[source]]\n\
         uri='rtsp://lehrer:CAMERA99@h/'\n",
        path("mqtt.toml").display(),
        path("spool").display(),
        folder.path().display()
    );
    std::fs::write(path("lectern.toml"), &config).unwrap();
    std::fs::write(path("mqtt.toml"), "user = \"somebody\"\npassword = \"BROKER11\"\n").unwrap();
    std::fs::write(path("device.key"), [0xabu8; 32]).unwrap();
    std::fs::write(path("local.toml"), "[[archive]]\nurl = 'https://u:LOCAL22@h/'\n").unwrap();
    let environ = folder.path().join("proc/7");
    std::fs::create_dir_all(&environ).unwrap();
    std::fs::write(environ.join("comm"), "lecternd\n").unwrap();
    std::fs::write(environ.join("environ"), "https_proxy=http://x:PROXY33@p\0MY_TOKEN=ENVTOKEN44\0").unwrap();
    let places = Places { root: folder.path().to_owned(), ..Places::new(&path("lectern.toml"), &path("s")) };
    let plan = Plan::of(&config);
    let redactor = Redactor::of_box(&places, &plan);
    for secret in [
        "STREAMKEY77",
        "SIGNED88",
        "CAMERA99",
        "BROKER11",
        "LOCAL22",
        "PROXY33",
        "ENVTOKEN44",
        "somebody",
        &"ab".repeat(32),
    ] {
        let text = redactor.redact(&format!("said {secret} again"));
        assert_eq!(text, "said [hidden] again", "{secret}");
    }
    assert_eq!(redactor.redact("mqtt://b is down"), "mqtt://b is down");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_form_of_a_secret_survives(
        secret in "[a-zA-Z0-9 äé课/+&=@:%\"\\\\#!$]{6,24}",
        before in "[a-zA-Z0-9 /+=:%&?\n]{0,12}",
        behind in "[a-zA-Z0-9 /+=:%&?\n]{0,12}",
        mask in proptest::collection::vec(any::<bool>(), 1..6),
        form in 0..8_usize,
    ) {
        // What is written where a secret stood is none itself.
        prop_assume!(!HIDDEN.contains(secret.trim_matches('x')));
        let pad = &before[..before.len().min(2)];
        let planted = match form {
            0 => secret.clone(),
            1 => percent(&secret, &mask),
            2 => percent(&percent(&secret, &mask), &mask),
            3 => BASE64.encode(format!("{pad}{secret}{behind}").as_bytes()),
            4 => BASE64URL.encode(format!("{pad}{secret}").as_bytes()),
            5 => HEXLOWER.encode(secret.as_bytes()),
            6 => serde_json::to_string(&secret).unwrap(),
            _ => format!("rtmp://u:{}@h/live/{}?k={}", percent(&secret, &mask), percent(&secret, &mask), percent(&secret, &mask)),
        };
        let text = of(&format!("{before} {planted} {behind}"), &[&secret]);
        prop_assert!(!tells(&text, &secret), "{planted:?} -> {text:?}");
    }

    #[test]
    fn any_text_is_taken_and_taking_it_twice_changes_nothing_known(text in any::<String>()) {
        let redactor = Redactor::new(["geheimnis"]);
        let once = redactor.redact(&text);
        prop_assert!(!once.contains("geheimnis"));
    }
}
