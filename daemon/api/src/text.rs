//! A sentence in the two languages of the product.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The language a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub enum Language {
    /// 简体中文
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// English
    #[serde(rename = "en")]
    En,
}

impl Language {
    /// Reads a BCP 47 tag or a POSIX locale: `zh-CN`, `zh_CN.UTF-8`, `en`, `C`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.']).next().unwrap_or(tag);
        match primary.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::ZhCn),
            "en" | "c" | "posix" => Some(Self::En),
            _ => None,
        }
    }
}

impl Language {
    /// The language of whoever typed a command: `LC_ALL`, `LC_MESSAGES` or
    /// `LANG`, in this order; English where none of them says.
    #[must_use]
    pub fn of_environment() -> Self {
        let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let tag = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
        tag.and_then(|tag| Self::from_tag(&tag)).unwrap_or(Self::En)
    }
}

/// One sentence, in both languages. Both are made at the same place, from the
/// same facts, so that neither can fall behind the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// 简体中文.
    pub zh: String,
}

impl Text {
    /// The sentence in the given language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::ZhCn => &self.zh,
            Language::En => &self.en,
        }
    }
}

impl fmt::Display for Text {
    /// English: the language of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}
