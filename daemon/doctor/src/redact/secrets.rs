//! What this box holds secret.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use data_encoding::HEXLOWER_PERMISSIVE;
use percent_encoding::percent_decode_str;
use regex::Regex;

use super::rules::{LIVE, SECRET_NAME, TOKEN, url};

/// A part of a stream id that short is a word of its grammar.
const STREAM_WORD: usize = 6;
/// Values of a query that tell nothing.
const HARMLESS: [&str; 10] =
    ["mode", "latency", "transtype", "pbkeylen", "type", "timeout", "port", "m", "version", "format"];
/// Users that are in every book; hiding these words would garble every log.
const COMMON: [&str; 8] = ["admin", "root", "user", "guest", "lectern", "anonymous", "test", "live"];

/// A growing set of secrets.
#[derive(Debug, Default)]
pub(crate) struct Secrets(BTreeSet<Vec<u8>>);

impl Secrets {
    pub(crate) fn into_inner(self) -> BTreeSet<Vec<u8>> {
        self.0
    }

    /// As it stands and as it is meant.
    fn add(&mut self, text: &str) {
        let decoded = percent_decode_str(text).decode_utf8_lossy().into_owned();
        for form in [text, &decoded] {
            if !COMMON.contains(&form) {
                self.0.insert(form.as_bytes().to_vec());
            }
        }
    }

    /// URLs and named secrets of a configuration, broken or not.
    pub(crate) fn add_configuration(&mut self, text: &str) {
        self.add_text(text);
        // As TOML unescapes it.
        if let Ok(table) = text.parse::<toml::Table>() {
            self.add_value("", &toml::Value::Table(table));
        }
    }

    fn add_value(&mut self, key: &str, value: &toml::Value) {
        match value {
            toml::Value::Table(table) => table.iter().for_each(|(key, value)| self.add_value(key, value)),
            toml::Value::Array(array) => array.iter().for_each(|value| self.add_value(key, value)),
            toml::Value::String(text) => {
                self.add_text(text);
                if is_secret_name(key) && !is_reference(text) {
                    self.add(text);
                }
            }
            _ => {}
        }
    }

    /// URLs in a text, and values behind names of secrets.
    fn add_text(&mut self, text: &str) {
        if let Some(url) = url() {
            url.captures_iter(text).for_each(|found| self.add_url(&found[1], &found[2]));
        }
        let named = format!(r#"(?im)^\s*([a-z0-9_.-]*{SECRET_NAME}[a-z0-9_.-]*)\s*=\s*["']?([^"'\r\n]+)"#);
        if let Ok(named) = Regex::new(&named) {
            let values = named.captures_iter(text).map(|found| found[2].trim().to_owned());
            values.filter(|value| !is_reference(value)).for_each(|value| self.add(&value));
        }
    }

    fn add_url(&mut self, scheme: &str, rest: &str) {
        let scheme = scheme.to_ascii_lowercase();
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let user = place.rsplit_once('@').map(|(user, _)| user);
        if let Some(user) = user {
            self.add(user);
            user.split(':').for_each(|part| self.add(part));
        }
        let behind = place.rsplit_once('@').map_or(place, |(_, behind)| behind);
        for (number, part) in behind.split('/').enumerate().skip(1) {
            if part.len() >= TOKEN / 2 || (LIVE.contains(&&*scheme) && number > 1) {
                self.add(part);
            }
        }
        for (key, value) in query.split('&').map(|part| part.split_once('=').unwrap_or(("", part))) {
            if HARMLESS.contains(&key) {
                continue;
            }
            self.add(value);
            let meant = percent_decode_str(value).decode_utf8_lossy().into_owned();
            let words = meant.split([',', '=', '/', ':', '!', '#']).filter(|word| word.len() >= STREAM_WORD);
            words.for_each(|word| self.add(word));
        }
    }

    /// A file of credentials: values of `key = "value"`; else all of it.
    pub(crate) fn add_file(&mut self, text: &str) {
        if text.contains("-----BEGIN ") {
            // The rules hide private keys as a whole; their lines alone are secret too.
            let lines = text.lines().filter(|line| line.len() > TOKEN && !line.starts_with("-----"));
            lines.for_each(|line| self.add(line));
            return;
        }
        // Of an address also its parts: who refuses it repeats one of them.
        self.add_text(text);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let value = line.split_once('=').map_or(line, |(_, value)| value);
            self.add(value.trim().trim_matches(['"', '\'']));
        }
        if let Ok(table) = text.parse::<toml::Table>() {
            table.values().filter_map(toml::Value::as_str).for_each(|value| self.add(value));
        }
    }

    /// A folder of systemd's credentials: keys, or files as above.
    pub(crate) fn add_credentials(&mut self, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for content in entries.filter_map(|entry| std::fs::read(entry.ok()?.path()).ok()) {
            match std::str::from_utf8(&content) {
                Ok(text) if text.contains(['=', '\n']) => self.add_file(text),
                _ => self.add_key(&content),
            }
        }
    }

    /// A key in hex or bytes.
    pub(crate) fn add_key(&mut self, content: &[u8]) {
        let digits = content.trim_ascii();
        if let Ok(key) = HEXLOWER_PERMISSIVE.decode(digits)
            && !key.is_empty()
        {
            self.0.insert(key);
            self.0.insert(digits.to_vec());
        } else {
            self.0.insert(content.to_vec());
        }
    }

    /// Variables that are named like secrets, and URLs in any.
    pub(crate) fn add_environment(&mut self, variables: impl Iterator<Item = (OsString, OsString)>) {
        for (name, value) in variables {
            let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
            self.add_text(&value);
            if is_secret_name(&name) && !value.starts_with('/') {
                self.add(&value);
            }
        }
    }

    /// The environment of every daemon that runs.
    pub(crate) fn add_processes(&mut self, proc: &Path) {
        let Ok(entries) = std::fs::read_dir(proc) else { return };
        for entry in entries.filter_map(Result::ok) {
            let comm = std::fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            if comm.trim() == "lecternd" {
                let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
                let environment = String::from_utf8_lossy(&environment).into_owned();
                let variables = environment.split('\0').filter_map(|variable| variable.split_once('='));
                self.add_environment(variables.map(|(name, value)| (name.into(), value.into())));
            }
        }
    }
}

fn is_reference(value: &str) -> bool {
    value.starts_with("file:") || value.starts_with("credential:")
}

fn is_secret_name(name: &str) -> bool {
    let pattern = Regex::new(&format!("(?i){SECRET_NAME}"));
    pattern.is_ok_and(|pattern| pattern.is_match(name)) && !name.to_ascii_uppercase().ends_with("_DIRECTORY")
}
