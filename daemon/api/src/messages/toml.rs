//! Sentences about TOML: what a file's parser could not read, and what a value is.
//! The parser speaks English to programmers; here it is said to whoever edits a
//! box's file, often on a phone whose keyboard writes Chinese punctuation.

use std::fmt::Display;

use crate::Text;

/// TOML that cannot be read; `said` is what the parser says of it.
#[must_use]
pub fn syntax(said: &str) -> Text {
    let known = SYNTAX.iter().find(|(begin, _)| said.starts_with(begin));
    let zh = known.map_or_else(|| format!("这里读不懂：{said}"), |(_, zh)| (*zh).to_owned());
    Text { en: format!("this is not TOML: {said}"), zh }
}

/// Remedy of [`syntax`]; `line` is the file's, in which it was found.
#[must_use]
pub fn syntax_remedy(line: &str) -> Text {
    chinese_mark(line).map_or_else(form, |(mark, ascii)| punctuation(mark, ascii))
}

messages! {
    /// How a line of TOML is written.
    form() {
        en: "write `key = value`; texts stand in double quotes, tables in [brackets]",
        zh: "按“键 = 值”书写；文字加英文双引号，表名加方括号"
    }
    /// A mark of Chinese punctuation outside of texts, and what belongs there.
    punctuation(mark, ascii) {
        en: "`{mark}` is Chinese punctuation; write `{ascii}` in its place",
        zh: "`{mark}` 是中文标点，请换成英文的 `{ascii}`"
    }
    /// Remedy of [`wrong_type`].
    wrong_type_remedy(example) { en: "write it like this: {example}", zh: "请写成这样：{example}" }
}

/// The first mark that a Chinese keyboard writes where TOML has another, outside
/// of texts and comments.
fn chinese_mark(line: &str) -> Option<(char, char)> {
    let mut within = None;
    for mark in line.chars() {
        match (within, mark) {
            (Some(quote), mark) if quote == mark => within = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => within = Some(mark),
            (None, '#') => return None,
            (None, mark) => {
                if let Some(found) = MARKS.iter().find(|(chinese, _)| *chinese == mark) {
                    return Some(*found);
                }
            }
        }
    }
    None
}

const MARKS: [(char, char); 12] = [
    ('“', '"'),
    ('”', '"'),
    ('‘', '\''),
    ('’', '\''),
    ('：', '='),
    ('＝', '='),
    ('，', ','),
    ('【', '['),
    ('】', ']'),
    ('［', '['),
    ('］', ']'),
    ('＃', '#'),
];

/// What `toml` says, as far as it is told apart: the beginning of its words.
const SYNTAX: [(&str, &str); 25] = [
    ("duplicate key", "这个键写了两次"),
    ("cannot extend value", "这个键已经写过别的内容"),
    ("unclosed table", "表名后面缺少方括号 ]"),
    ("unclosed array table", "表名后面缺少方括号 ]]"),
    ("unclosed array", "列表后面缺少方括号 ]"),
    ("unclosed inline table", "后面缺少花括号 }"),
    ("invalid basic string", "文字后面缺少双引号，或者文字里有不能用的字符"),
    ("invalid literal string", "文字后面缺少单引号，或者文字里有不能用的字符"),
    ("missing opening quote", "文字前面缺少引号"),
    ("string values must be quoted", "等号后面缺少值，或者文字没有加英文引号"),
    ("invalid unquoted key", "键里有不能用的字；键由英文字母、数字、- 和 _ 组成"),
    ("unquoted keys cannot be empty", "等号前面缺少键"),
    ("missing key", "这里缺少键"),
    ("key with no value", "键后面缺少等号和值"),
    ("missing value", "等号后面缺少值"),
    ("missing assignment", "键和值之间缺少等号"),
    ("extra `=`", "多写了一个等号"),
    ("extra assignment", "多写了一个等号"),
    ("missing comma", "两项之间缺少英文逗号"),
    ("extra comma", "多写了一个逗号"),
    ("unexpected key or value", "这一行后面多出了内容"),
    ("unexpected content", "这一行后面多出了内容"),
    ("unexpected leading zero", "数字前面不能加 0"),
    ("invalid boolean", "这里只能写 true 或 false"),
    ("missing escaped value", "双引号里的反斜杠 \\ 要写成 \\\\"),
];

/// A value of another type than can stand here; `found` is TOML's name of it.
#[must_use]
pub fn wrong_type(found: &str) -> Text {
    let (en, zh) = match found {
        "string" => ("a text", "文字"),
        "integer" => ("a whole number", "整数"),
        "float" => ("a number with a point", "小数"),
        "boolean" => ("true or false", " true 或 false"),
        "datetime" => ("a date or time", "日期或时间"),
        "array" => ("a list", "列表"),
        "table" => ("a table", "一组设置"),
        other => (other, other),
    };
    Text { en: format!("{en} cannot stand here"), zh: format!("这里不能写{zh}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_of_a_chinese_keyboard_is_shown_with_what_belongs_there() {
        for (line, mark) in [
            ("place = “三年级”", Some(('“', '"'))),
            ("fps：25", Some(('：', '='))),
            ("【program】", Some(('【', '['))),
            ("grades = [1，2]", Some(('，', ','))),
            ("place = \"一，二\"， fps", Some(('，', ','))),
            ("place = \"一，二", None),
            ("fps = # 帧率：25", None),
            ("fps = 08", None),
        ] {
            assert_eq!(chinese_mark(line), mark, "{line}");
        }
        assert!(syntax_remedy("fps：25").zh.contains("换成英文的 `=`"));
    }

    #[test]
    fn what_the_parser_says_anew_is_still_said() {
        assert_eq!(syntax("duplicate key").zh, "这个键写了两次");
        assert!(syntax("something new, expected `x`").zh.contains("something new"));
    }
}
