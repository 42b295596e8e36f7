//! `doctor` and `bundle_upload`: what a district asks of a box that it cannot
//! see.

use std::collections::BTreeMap;
use std::time::Duration;

use lectern_api::Clock;
use lectern_api::command::Refusal;
use lectern_api::doctor::{Examination, Outcome as Found};
use lectern_api::messages::doctor as words;
use lectern_doctor::{Bundle, Pictures, Places};
use lectern_mqtt::commands::Outcome;
use url::Url;

/// Findings that are told one by one: an answer is one MQTT message, and is kept
/// on the disk.
const MOST: usize = 8;
/// A bundle of 20 MB takes this at 1 Mbit/s; it is compressed ten times, as a
/// rule.
const UPLOAD: Duration = Duration::from_secs(180);

/// Looks at everything; the findings by their code, in both languages.
pub(super) async fn doctor(places: &Places, clock: &dyn Clock) -> Outcome {
    let found = lectern_doctor::examine(places, || clock.utc()).await;
    Outcome { result: summary(&found), ..Outcome::default() }
}

fn summary(found: &Examination) -> BTreeMap<String, String> {
    let mut result: BTreeMap<String, String> = [
        ("failed", found.count(Found::Fail)),
        ("warned", found.count(Found::Warn)),
        ("passed", found.count(Found::Pass)),
        ("skipped", found.count(Found::Skip)),
    ]
    .map(|(name, count)| (name.to_owned(), count.to_string()))
    .into();
    let findings = found.findings();
    for check in findings.iter().take(MOST) {
        let at = if check.unit.is_empty() { String::new() } else { format!("({})", check.unit) };
        let hint = check.hint.as_ref();
        let said = |text: &str, hint: Option<&str>| match hint {
            Some(hint) => format!("{text} → {hint}"),
            None => text.to_owned(),
        };
        let (en, zh) = (hint.map(|hint| hint.en.as_str()), hint.map(|hint| hint.zh.as_str()));
        result.insert(format!("{}{at}", check.code), said(&check.text.en, en));
        result.insert(format!("{}{at}.zh", check.code), said(&check.text.zh, zh));
    }
    let more = findings.len().saturating_sub(MOST);
    if more > 0 {
        let text = words::more_findings(more);
        result.insert("more".to_owned(), text.en);
        result.insert("more.zh".to_owned(), text.zh);
    }
    result
}

/// Collects a bundle and puts it there.
pub(super) async fn bundle(places: &Places, clock: &dyn Clock, url: &Url) -> Result<Outcome, Refusal> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let refused = |cause: &dyn std::fmt::Display| Refusal {
        code: "bundle_not_sent".to_owned(),
        text: words::bundle_not_sent(&host, cause),
    };
    // Whoever is far away and asks does not see the room.
    let bundle =
        Bundle::collect(places, || clock.utc(), Pictures::None).await.map_err(|error| refused(&error))?;
    let Bundle { manifest, bytes, name } = bundle;
    let result: BTreeMap<String, String> = [
        ("name", name),
        ("bytes", bytes.len().to_string()),
        ("files", manifest.files.len().to_string()),
        ("missing", manifest.missing.iter().map(|m| m.path.as_str()).collect::<Vec<_>>().join(" ")),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    put(url, bytes).await.map_err(|cause| refused(&cause))?;
    tracing::info!(host, ?result, "a bundle was sent");
    Ok(Outcome { result, ..Outcome::default() })
}

/// Puts bytes at an address, over TLS and to nobody whom that one names: a
/// bundle tells much of a box.
async fn put(url: &Url, bytes: Vec<u8>) -> Result<(), String> {
    // Neither the address nor what stands in it is repeated: it may be signed.
    let plain = |error: reqwest::Error| {
        let mut cause: &dyn std::error::Error = &error.without_url();
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        cause.to_string()
    };
    let client = reqwest::Client::builder()
        .https_only(true)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(UPLOAD)
        .build()
        .map_err(plain)?;
    let sent = client.put(url.clone()).header("content-type", "application/gzip").body(bytes).send();
    let status = sent.await.map_err(plain)?.status();
    if status.is_success() { Ok(()) } else { Err(status.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_api::Text;
    use lectern_api::doctor::Check;

    fn check(number: usize, outcome: Found) -> Check {
        let long = |c: char| c.to_string().repeat(200);
        Check {
            code: "net.reach".to_owned(),
            unit: format!("target-{number}"),
            outcome,
            text: Text { en: long('x'), zh: long('连') },
            hint: Some(Text { en: long('y'), zh: long('查') }),
            detail: vec!["a line of a log".repeat(1000)],
        }
    }

    #[test]
    fn the_answer_names_the_worst_and_stays_a_message() {
        let checks = (0..100).map(|n| check(n, if n == 90 { Found::Fail } else { Found::Warn })).collect();
        let found = Examination {
            device: None,
            place: String::new(),
            at: jiff::Timestamp::UNIX_EPOCH,
            took_ms: 0,
            checks,
        };
        let result = summary(&found);
        assert_eq!(result["failed"], "1");
        assert!(result["net.reach(target-90).zh"].contains("→"), "the only failure is told");
        assert_eq!(result["more"], "and 92 more");
        let bytes: usize = result.iter().map(|(key, value)| key.len() + value.len()).sum();
        assert!(bytes < lectern_mqtt::outbox::MAX_BODY_BYTES, "{bytes}");
    }

    #[tokio::test]
    async fn nothing_is_put_without_tls_and_a_refusal_repeats_no_address() {
        let url = Url::parse("http://127.0.0.1:9/b?token=geheim").unwrap();
        let error = put(&url, vec![1]).await.unwrap_err();
        assert!(!error.contains("geheim"), "{error}");
        let url = Url::parse("https://127.0.0.1:1/b?token=geheim").unwrap();
        let error = put(&url, vec![1]).await.unwrap_err();
        assert!(!error.contains("geheim"), "{error}");
    }
}
