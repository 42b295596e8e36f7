//! What looks like a secret, whoever's it is.

use regex::{Captures, Regex};

use super::HIDDEN;

/// Parts of a name behind which a secret stands.
pub(super) const SECRET_NAME: &str = "(?:passw(?:or)?d|passwd|passphrase|pwd|secret|token|api[_-]?key|\
                                      access[_-]?key(?:[_-]?id)?|private[_-]?key|stream[_-]?key|streamid|\
                                      signature|credential)";

/// Schemes whose paths hold keys.
pub(super) const LIVE: [&str; 5] = ["rtmp", "rtmps", "srt", "whip+http", "whip+https"];
/// A part of a path that long is a token, not a name.
pub(super) const TOKEN: usize = 32;

#[derive(Debug)]
pub(super) struct Rules {
    private_key: Option<Regex>,
    url: Option<Regex>,
    header: Option<Regex>,
    scheme: Option<Regex>,
    value: Option<Regex>,
}

/// A URL wherever it stands.
pub(super) fn url() -> Option<Regex> {
    Regex::new(r#"(?i)\b([a-z][a-z0-9+.-]*)://([^\s"'<>`]+)"#).ok()
}

impl Rules {
    pub(super) fn new() -> Self {
        let private_key = r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*-----|\z)";
        let header = r#"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)("?\s*[:=]\s*"?)[^\r\n"]+"#;
        let value = format!(
            r#"(?i)([a-z0-9_.-]*{SECRET_NAME}[a-z0-9_.-]*)(\\?["']?\s*[:=]\s*)("[^"\r\n]*"|'[^'\r\n]*'|[^\s"'&,;}}\])]+)"#
        );
        Self {
            private_key: Regex::new(private_key).ok(),
            url: url(),
            header: Regex::new(header).ok(),
            scheme: Regex::new(r"(?i)\b(bearer|basic|digest)\s+[a-z0-9._~+/=-]{6,}").ok(),
            value: Regex::new(&value).ok(),
        }
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let replace = |text: String, rule: &Option<Regex>, by: &dyn Fn(&Captures<'_>) -> String| match rule {
            Some(rule) => rule.replace_all(&text, by).into_owned(),
            // A rule of our own that is none: the test of all of them fails.
            None => HIDDEN.to_owned(),
        };
        let text = replace(text.to_owned(), &self.private_key, &|_| HIDDEN.to_owned());
        let text = replace(text, &self.url, &|found| without_secrets(&found[1], &found[2]));
        let text = replace(text, &self.header, &|found| format!("{}{}{HIDDEN}", &found[1], &found[2]));
        let text = replace(text, &self.scheme, &|found| format!("{} {HIDDEN}", &found[1]));
        replace(text, &self.value, &|found| value(found))
    }
}

/// Behind a name; a reference to a file is none itself.
fn value(found: &Captures<'_>) -> String {
    let value = found[3].trim_matches(['"', '\'']);
    let is_reference = ["file:", "credential:", HIDDEN.trim_end_matches(']'), "true", "false", "null"];
    if is_reference.iter().any(|reference| value.starts_with(reference)) || value.is_empty() {
        return found[0].to_owned();
    }
    let quote = found[3].chars().next().filter(|first| ['"', '\''].contains(first));
    let quote = quote.map_or_else(String::new, String::from);
    format!("{}{}{quote}{HIDDEN}{quote}", &found[1], &found[2])
}

/// A URL without user, password, values of its query, and keys in its path.
fn without_secrets(scheme: &str, rest: &str) -> String {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    // A password with an unescaped `/` puts its `@` behind the first slash.
    if !authority.contains('@') && rest.split('?').next().is_some_and(|path| path.contains('@')) {
        return format!("{scheme}://{HIDDEN}");
    }
    let host = match authority.rsplit_once('@') {
        Some((_, host)) => format!("{HIDDEN}@{host}"),
        None => authority.to_owned(),
    };
    let (rest, fragment) = rest.split_once('#').map_or((rest, ""), |(rest, _)| (rest, "#"));
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let is_live = LIVE.contains(&scheme.to_ascii_lowercase().as_str());
    let mut out = format!("{scheme}://{host}");
    for (number, part) in path.split('/').enumerate() {
        if number > 0 {
            out.push('/');
        }
        let is_key = (is_live && number > 1) || part.len() >= TOKEN;
        out.push_str(if is_key && !part.is_empty() { HIDDEN } else { part });
    }
    if let Some(query) = query {
        let parts = query.split('&').map(|part| match part.split_once('=') {
            Some((key, _)) => format!("{key}={HIDDEN}"),
            None => HIDDEN.to_owned(),
        });
        out.push('?');
        out.push_str(&parts.collect::<Vec<_>>().join("&"));
    }
    if !fragment.is_empty() {
        out.push_str(fragment);
        out.push_str(HIDDEN);
    }
    out
}
