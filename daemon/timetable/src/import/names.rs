//! What names say: weekdays, grades, classes, rooms.

use crate::hours::{period_number, plain};

/// 1 for Monday … 7 for Sunday, from `星期一`, `周日`, `礼拜天`, `一`, `1`, `Mon`.
pub(super) fn weekday(text: &str) -> Option<u8> {
    let plain = plain(text).to_lowercase();
    if let Some(number) = plain.parse().ok().filter(|n| (1..=7).contains(n)) {
        return Some(number);
    }
    let english = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    if let Some(at) = english.iter().position(|day| plain.starts_with(day)) {
        return u8::try_from(at + 1).ok();
    }
    let bare = plain.strip_prefix("星期").or_else(|| plain.strip_prefix("礼拜"));
    let bare = bare.or_else(|| plain.strip_prefix('周')).unwrap_or(&plain);
    match bare {
        "日" | "天" | "七" => Some(7),
        _ if bare.chars().count() == 1 => period_number(bare).filter(|n| (1..=6).contains(n)),
        _ => None,
    }
}

/// A weekday that is meant as one: not a bare number.
pub(super) fn weekday_heading(text: &str) -> Option<u8> {
    let plain = plain(text);
    let named = ["星期", "礼拜", "周"].iter().any(|word| plain.starts_with(word));
    let english = plain.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    (named || english).then(|| weekday(&plain)).flatten()
}

/// The grade in the name of a class: `三(2)班`, `三年级2班`, `七年级(1)班`, `初二3班`,
/// `高一(5)班`, `3年级1班`.
pub(super) fn grade_of(class: &str) -> Option<u8> {
    let plain = plain(class);
    let school =
        [("初", 6_u8), ("高", 9)].iter().find_map(|(mark, below)| Some((plain.strip_prefix(mark)?, *below)));
    let (rest, below) = school.unwrap_or((&plain, 0));
    // `高一5班`: behind 初 and 高 the grade is one digit.
    let longest = if below > 0 { 1 } else { 2 };
    let number: String = rest
        .chars()
        .take(longest)
        .take_while(|c| c.is_ascii_digit() || "一二三四五六七八九十".contains(*c))
        .collect();
    let behind = &rest[number.len()..];
    // `301班` may be a class of grade 3, or a room: that is not guessed.
    let told = below > 0 || behind.starts_with('(') || behind.starts_with("年级");
    let grade = period_number(&number)?.checked_add(below)?;
    (told && (1..=12).contains(&grade)).then_some(grade)
}

/// The class in a heading: `张村小学三（2）班课程表` → `三（2）班`.
pub(super) fn class_in(heading: &str) -> Option<String> {
    let end = heading.find('班')? + '班'.len_utf8();
    let of_class =
        |c: char| c.is_ascii_digit() || "０１２３４５６７８９()（）一二三四五六七八九十年级初高".contains(c);
    let before = &heading[..end - '班'.len_utf8()];
    let begin = before.char_indices().rev().take_while(|(_, c)| of_class(*c)).last().map(|(at, _)| at)?;
    let name = heading[begin..end].trim_start_matches(|c: char| "()（）年级".contains(c));
    (name.chars().count() > 1).then(|| name.to_owned())
}

/// A name on one line, each run of white space a single space.
pub(super) fn tidy(name: &str) -> String {
    let words = name.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a word can only be a room.
pub(super) fn is_room(word: &str) -> bool {
    let ends = ["室", "楼", "馆", "场", "厅", "机房", "操场"].iter().any(|end| word.ends_with(end));
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let number = digits >= 3 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    ends || number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_read_as_schools_write_them() {
        for (text, day) in
            [("星期一", 1), ("周日", 7), ("礼拜天", 7), ("三", 3), ("5", 5), ("Sat", 6), ("７", 7)]
        {
            assert_eq!(weekday(text), Some(day), "{text}");
        }
        for bad in ["0", "8", "", "周", "星期八", "周老师"] {
            assert_eq!(weekday(bad), None, "{bad}");
        }
        assert_eq!(weekday_heading("1"), None);
    }

    #[test]
    fn grades_are_read_from_names_that_tell_them() {
        for (name, grade) in [
            ("三(2)班", 3),
            ("三年级二班", 3),
            ("初二（3）班", 8),
            ("高一5班", 10),
            ("七年级1班", 7),
            ("6年级1班", 6),
        ] {
            assert_eq!(grade_of(name), Some(grade), "{name}");
        }
        for unknown in ["301班", "实验班", "", "十三(1)班"] {
            assert_eq!(grade_of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_class_is_found_in_a_heading() {
        assert_eq!(class_in("张村小学三（2）班课程表").as_deref(), Some("三（2）班"));
        assert_eq!(class_in("七年级1班").as_deref(), Some("七年级1班"));
        assert_eq!(class_in("2026年秋 高一(5)班 课表").as_deref(), Some("高一(5)班"));
        assert_eq!(class_in("兴趣班"), None);
        assert_eq!(class_in("作息时间"), None);
    }
}
