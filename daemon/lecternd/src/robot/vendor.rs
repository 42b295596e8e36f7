//! The forms of the three vendors: where a text stands, how it is signed, and
//! what an answer means.
//!
//! - 企业微信: `{"msgtype":"text","text":{"content":…}}`, at most 2048 bytes of
//!   text; answers `errcode` (0: it is out). No signature.
//! - 钉钉: the same body; with a secret, `timestamp` (ms) and `sign` in the query,
//!   HMAC-SHA256 of `timestamp\nsecret` with the secret as its key, base64.
//! - 飞书: `{"msg_type":"text","content":{"text":…}}`; with a secret, `timestamp`
//!   (s) and `sign` in the body, HMAC-SHA256 of nothing with `timestamp\nsecret`
//!   as its key, base64; answers `code`.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

/// Whose robot it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 企业微信
    Wecom,
    /// 钉钉
    Dingtalk,
    /// 飞书
    Feishu,
}

/// The most bytes of a text that each of them takes.
pub(super) const MOST_BYTES: usize = 2000;

impl Kind {
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("wecom", Self::Wecom), ("dingtalk", Self::Dingtalk), ("feishu", Self::Feishu)];

    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

/// One message as it goes over the wire.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wire {
    pub(super) url: Url,
    pub(super) body: Value,
}

/// A text for a robot, signed where there is a secret.
pub(super) fn wire(kind: Kind, mut url: Url, secret: Option<&str>, text: &str, now: Timestamp) -> Wire {
    let body = match kind {
        Kind::Wecom => json!({ "msgtype": "text", "text": { "content": text } }),
        Kind::Dingtalk => {
            if let Some(secret) = secret {
                let timestamp = now.as_millisecond().to_string();
                let sign = sign(secret.as_bytes(), format!("{timestamp}\n{secret}").as_bytes());
                url.query_pairs_mut().append_pair("timestamp", &timestamp).append_pair("sign", &sign);
            }
            json!({ "msgtype": "text", "text": { "content": text } })
        }
        Kind::Feishu => {
            let mut body = json!({ "msg_type": "text", "content": { "text": text } });
            if let (Some(secret), Some(body)) = (secret, body.as_object_mut()) {
                let timestamp = now.as_second().to_string();
                let sign = sign(format!("{timestamp}\n{secret}").as_bytes(), b"");
                body.insert("timestamp".to_owned(), timestamp.into());
                body.insert("sign".to_owned(), sign.into());
            }
            body
        }
    };
    Wire { url, body }
}

fn sign(key: &[u8], text: &[u8]) -> String {
    // A key of any length is one: longer ones are hashed first (RFC 2104).
    let Ok(mut mac) = Hmac::<sha2_of_hmac::Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(text);
    BASE64.encode(&mac.finalize().into_bytes())
}

/// Whether a vendor has taken a message; otherwise its number and its words.
pub(super) fn accepted(answer: &[u8]) -> Result<(), (i64, String)> {
    let value: Value = serde_json::from_slice(answer).unwrap_or_default();
    let number = ["errcode", "code", "StatusCode"].iter().find_map(|key| value.get(*key)?.as_i64());
    let words = ["errmsg", "msg", "StatusMessage"].iter().find_map(|key| value.get(*key)?.as_str());
    match number {
        Some(0) => Ok(()),
        other => Err((other.unwrap_or(-1), words.unwrap_or_default().chars().take(120).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).unwrap()
    }

    fn url() -> Url {
        "https://h/robot/send?access_token=t".parse().unwrap()
    }

    #[test]
    fn each_vendor_gets_its_own_form() {
        let text = "【盒子】你好";
        for kind in [Kind::Wecom, Kind::Dingtalk] {
            let wire = wire(kind, url(), None, text, at(0));
            assert_eq!(wire.body, json!({ "msgtype": "text", "text": { "content": text } }));
            assert_eq!(wire.url, url());
        }
        let wire = wire(Kind::Feishu, url(), None, text, at(0));
        assert_eq!(wire.body, json!({ "msg_type": "text", "content": { "text": text } }));
    }

    /// Against Python's own hmac: `base64(hmac(b"SECgeheim",
    /// b"1767225600123\nSECgeheim", sha256))`, and `base64(hmac(b"1767225600\nSECgeheim",
    /// b"", sha256))`.
    #[test]
    fn signatures_are_those_of_the_vendors_examples() {
        let now = at(1_767_225_600_123);
        let signed = wire(Kind::Dingtalk, url(), Some("SECgeheim"), "x", now);
        let query: Vec<(String, String)> = signed.url.query_pairs().into_owned().collect();
        assert_eq!(query[1], ("timestamp".to_owned(), "1767225600123".to_owned()));
        assert_eq!(query[2], ("sign".to_owned(), DINGTALK.to_owned()));
        let signed = wire(Kind::Feishu, url(), Some("SECgeheim"), "x", now);
        assert_eq!(signed.body["timestamp"], "1767225600");
        assert_eq!(signed.body["sign"], FEISHU);
    }

    const DINGTALK: &str = "z6oEbZ/ttTJBnpOFvbVe4BMwILd7b+ranOUuQkTlmCI=";
    const FEISHU: &str = "BcVXsriFt6BWZOtdeHnoMXU15oagmScIdMRA7c4U5DE=";

    #[test]
    fn an_answer_is_a_success_only_when_it_says_so() {
        for good in [r#"{"errcode":0,"errmsg":"ok"}"#, r#"{"StatusCode":0,"code":0,"msg":"success"}"#] {
            assert_eq!(accepted(good.as_bytes()), Ok(()));
        }
        let refused = accepted(br#"{"errcode":310000,"errmsg":"sign not match"}"#);
        assert_eq!(refused, Err((310_000, "sign not match".to_owned())));
        for bad in ["", "<html>portal</html>", "{}", "[0]", r#"{"code":"0"}"#] {
            assert!(accepted(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
