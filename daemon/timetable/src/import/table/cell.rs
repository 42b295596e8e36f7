//! The lessons in one cell of a grid: `数学`, `数学\n李梅\n(1-16周单)`,
//! `音乐(单)/美术(双)`, `科学 赵军 科学教室`.

use crate::hours::Slot;
use crate::import::names;
use crate::weeks::Weeks;

/// One lesson of a cell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) subject: String,
    pub(super) teacher: Option<String>,
    pub(super) room: Option<String>,
    pub(super) class: Option<String>,
    pub(super) weeks: Option<Weeks>,
    pub(super) slot: Option<Slot>,
    /// Words that are none of these.
    pub(super) rest: Vec<String>,
}

/// The lessons of a cell; none in one with only a dash.
pub(super) fn entries(text: &str, is_room: &dyn Fn(&str) -> bool) -> Vec<Entry> {
    let blocks = text.split("\n\n").flat_map(alternatives);
    blocks.filter_map(|block| entry(&block, is_room)).collect()
}

/// `音乐(单)/美术(双)` are two; `语文/书法` is the name of one.
fn alternatives(block: &str) -> Vec<String> {
    let parts: Vec<&str> = block.split(['/', '／', ';', '；']).collect();
    let told = |part: &&str| part.contains(['单', '双', '周']);
    if parts.len() > 1 && parts.iter().all(told) {
        return parts.into_iter().map(str::to_owned).collect();
    }
    vec![block.to_owned()]
}

fn entry(block: &str, is_room: &dyn Fn(&str) -> bool) -> Option<Entry> {
    let mut entry = Entry::default();
    for word in words(block) {
        if let Some(weeks) = weeks(&word) {
            entry.weeks = Some(weeks);
        } else if word.ends_with('节') && Slot::parse_periods(&word).is_some() {
            entry.slot = Slot::parse_periods(&word);
        } else if entry.subject.is_empty() {
            entry.subject = word;
        } else if entry.room.is_none() && is_room(&word) {
            entry.room = Some(word);
        } else if entry.class.is_none() && word.ends_with('班') && names::class_in(&word).is_some() {
            entry.class = Some(word);
        } else if entry.teacher.is_none() {
            entry.teacher = Some(word);
        } else {
            entry.rest.push(word);
        }
    }
    let nothing = entry.subject.chars().all(|c| "-—–/／无".contains(c));
    (!nothing).then_some(entry)
}

/// Words are set apart by white space, and by brackets; those of a class
/// belong to its name.
fn words(block: &str) -> Vec<String> {
    let mut out = Vec::new();
    for piece in block.split_whitespace() {
        if piece.ends_with('班') {
            out.push(piece.to_owned());
            continue;
        }
        let parts = piece.split(['(', ')', '（', '）', '[', ']', '【', '】', '@']);
        out.extend(parts.filter(|part| !part.is_empty()).map(str::to_owned));
    }
    out
}

/// Only what says that it is weeks: `周` is a surname too.
fn weeks(word: &str) -> Option<Weeks> {
    let told = word.ends_with(['周', '单', '双']);
    told.then(|| Weeks::parse(word)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Subject, teacher, room, weeks.
    type Told = (String, Option<String>, Option<String>, Option<String>);

    fn read(text: &str) -> Vec<Told> {
        let all = entries(text, &names::is_room);
        all.into_iter().map(|e| (e.subject, e.teacher, e.room, e.weeks.map(|w| w.to_string()))).collect()
    }

    fn one(subject: &str, teacher: &str, room: &str, weeks: &str) -> Told {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        (subject.to_owned(), some(teacher), some(room), some(weeks))
    }

    #[test]
    fn a_cell_is_read_as_schools_fill_it() {
        assert_eq!(read("数学"), [one("数学", "", "", "")]);
        assert_eq!(read("数学\n李梅\n(1-15周单)"), [one("数学", "李梅", "", "1,3,5,7,9,11,13,15")]);
        assert_eq!(read("科学 赵军 科学教室"), [one("科学", "赵军", "科学教室", "")]);
        assert_eq!(read("英语(周芳)\n301"), [one("英语", "周芳", "301", "")]);
        assert_eq!(read("音乐(单)/美术(双)"), [one("音乐", "", "", "odd"), one("美术", "", "", "even")]);
        assert_eq!(read("音乐 单周\n\n美术 双周"), [one("音乐", "", "", "odd"), one("美术", "", "", "even")]);
        assert_eq!(read("语文/书法"), [one("语文/书法", "", "", "")]);
        for nothing in ["", "—", "/", " - "] {
            assert_eq!(read(nothing), [], "{nothing}");
        }
    }
}
