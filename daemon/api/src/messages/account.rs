//! What became of planned lessons, and why not more.

use std::fmt::Display;

use crate::Text;

messages! {
    // ---- causes ----

    /// `suspended`
    cause_suspended() { en: "recording was suspended", zh: "已暂停录课" }
    /// `shutter`
    cause_shutter() { en: "the privacy shutter was closed", zh: "隐私遮挡已关闭画面和声音" }
    /// `stopped_by_hand`
    cause_stopped_by_hand() { en: "ended by hand", zh: "有人手动结束" }
    /// `power_lost`
    cause_power_lost() { en: "no power, or reset", zh: "断电或被强行重启" }
    /// `switched_off`
    cause_switched_off() { en: "the box was shut down", zh: "盒子已关机" }
    /// `software_down`
    cause_software_down() { en: "the recorder was not running", zh: "盒子开着，录课程序没有运行" }
    /// `not_running`
    cause_not_running() { en: "the box was not running", zh: "盒子没有运行" }
    /// `clock_unknown`
    cause_clock_unknown() { en: "the box did not know the time", zh: "盒子不知道时间" }
    /// `disk_refused`
    cause_disk_refused() { en: "the disk was full or failed", zh: "硬盘已满或出错" }
    /// `disk_slow`
    cause_disk_slow() { en: "the disk was too slow", zh: "硬盘太慢" }
    /// `damaged`
    cause_damaged() { en: "damaged on the disk", zh: "硬盘上的录像损坏" }
    /// `made_way`
    cause_made_way() { en: "let go before it was archived, because the disk was full", zh: "硬盘已满，没上传就腾出了空间" }
    /// `pipeline_down`
    cause_pipeline_down() { en: "the record failed", zh: "录制出错" }
    /// `off_or_clock_unknown`
    cause_off_or_clock_unknown() { en: "the box was off or did not know the time", zh: "盒子没开或不知道时间" }
    /// `unknown`
    cause_unknown() { en: "for a reason that is not known", zh: "原因不明" }

    // ---- one lesson ----

    /// It has not begun.
    to_come() { en: "to come", zh: "还没上" }
    /// It runs and nothing is missing.
    running_whole() { en: "being recorded, whole so far", zh: "正在录，至今完整" }
    /// It runs and something is missing.
    running_with_gaps(missing_en, missing_zh, list_en, list_zh) {
        en: "being recorded, {missing_en} missing so far: {list_en}",
        zh: "正在录，至今缺 {missing_zh}：{list_zh}"
    }
    /// It runs and nothing has been recorded.
    running_without(list_en, list_zh) { en: "NOT being recorded so far: {list_en}", zh: "至今没录上：{list_zh}" }
    /// Everything was recorded.
    whole() { en: "recorded whole", zh: "完整录制" }
    /// Something is missing.
    with_gaps(missing_en, missing_zh, list_en, list_zh) {
        en: "{missing_en} missing: {list_en}", zh: "缺 {missing_zh}：{list_zh}"
    }
    /// Nothing was recorded.
    missed(list_en, list_zh) { en: "not recorded: {list_en}", zh: "未录：{list_zh}" }
    /// The timetable has taken it out.
    not_owed(why_en, why_zh) { en: "not owed: {why_en}", zh: "不用录：{why_zh}" }
    /// A stretch and its cause.
    stretch(from, until, cause_en, cause_zh) {
        en: "{from}-{until} {cause_en}", zh: "{from}–{until} {cause_zh}"
    }
    /// A length of time under a minute.
    seconds(seconds) { en: "{seconds} s", zh: "{seconds} 秒" }
    /// A length of whole minutes.
    minutes(minutes) { en: "{minutes} min", zh: "{minutes} 分钟" }
    /// A length of time.
    minutes_and_seconds(minutes, seconds) { en: "{minutes} min {seconds} s", zh: "{minutes} 分 {seconds} 秒" }
    /// More stretches than are listed.
    more_stretches(count) { en: "and {count} more", zh: "另有 {count} 处" }

    // ---- faults ----

    /// Fault `lesson.missed`: one lesson.
    lesson_missed(title, date, slot_en, slot_zh, why_en, why_zh) {
        en: "{title}, {date} {slot_en}: {why_en}.",
        zh: "《{title}》（{date} {slot_zh}）{why_zh}。"
    }
    /// Hint of one.
    lesson_missed_hint(id) {
        en: "See to the cause, then: lecternctl lesson acknowledge {id}",
        zh: "请处理原因；已知晓的话：lecternctl lesson acknowledge {id}"
    }
    /// Fault `lesson.missed`: many, in a long absence.
    lessons_missed_absent(days, lessons) {
        en: "The box was off for {days} days; {lessons} lessons were not recorded.",
        zh: "停电〔{days}〕天，未录〔{lessons}〕节。"
    }
    /// Fault `lesson.missed`: many.
    lessons_missed(lessons, list_en, list_zh) {
        en: "{lessons} lessons were not recorded: {list_en}.",
        zh: "有〔{lessons}〕节课未录：{list_zh}。"
    }
    /// A cause and how often.
    cause_counted(cause_en, cause_zh, count) { en: "{cause_en} ({count})", zh: "{cause_zh} {count} 节" }
    /// Hint of many.
    lessons_missed_hint() {
        en: "lecternctl lessons --missed lists them; lecternctl lesson acknowledge --all takes note of them.",
        zh: "明细：lecternctl lessons --missed；全部已知晓：lecternctl lesson acknowledge --all"
    }
    /// Fault `reboot.unexpected` in a lesson.
    reboot_in_lesson(title, from, until) {
        en: "The box lost its power or was reset; {title} is missing from {from} to {until}.",
        zh: "盒子断电或被强行重启，《{title}》本节从〔{from}〕到〔{until}〕缺录。"
    }
    /// Fault `reboot.unexpected`, and no lesson lacks anything.
    reboot_between_lessons(from, until) {
        en: "The box lost its power or was reset between {from} and {until}; no lesson lacks anything.",
        zh: "盒子在〔{from}〕到〔{until}〕之间断电或被强行重启，没有缺录。"
    }
    /// Hint of it.
    reboot_hint() {
        en: "Check plug and socket; if it happens again without a power cut, have the box looked at.",
        zh: "请检查插头和插座；没有停电却再次发生，请报修。"
    }

    // ---- configuration ----

    /// `[device] power` says something else.
    config_power(found) { en: "`{found}` does not say when the mains are off", zh: "看不懂 `{found}`：要写什么时候断电" }
    /// Remedy of [`config_power`].
    config_power_remedy() {
        en: "\"learned\" (from the last three weeks), \"evenings\" (off outside of school hours) or \"always\" (never off)",
        zh: "请写 \"learned\"（按最近三周的习惯）、\"evenings\"（放学后断电）或 \"always\"（从不断电）"
    }

    // ---- asking ----

    /// An acknowledgement of a lesson that has no account.
    no_account(lesson) {
        en: "there is no settled account of lesson {lesson}; see `lecternctl lessons --term`",
        zh: "没有课 {lesson} 的记录，请看 lecternctl lessons --term"
    }
    /// Taken note of.
    acknowledged(count) { en: "{count} lessons taken note of", zh: "已知晓 {count} 节" }
    /// The facts cannot be read.
    accounts_unreadable(cause) {
        en: "the accounts cannot be read: {cause}",
        zh: "录课记录读不出来：{cause}"
    }
    /// A report of days that make no sense.
    bad_stretch(from, to) {
        en: "from {from} to {to} are no days of a report; at most 400 days, the last not before the first",
        zh: "{from} 到 {to} 不是报告的日期范围；最多 400 天，先后不能颠倒"
    }
    /// No timetable is in force.
    nothing_planned() { en: "nothing is planned in these days", zh: "这几天课表没有课" }
    /// The box keeps accounts since then.
    accounts_since(at) {
        en: "accounts are kept since {at}; nothing is known of lessons before",
        zh: "从 {at} 起有记录，之前的课不清楚"
    }
    /// The last line of a list.
    summed_up(lessons, complete, missed, to_come, not_owed) {
        en: "{lessons} lessons: {complete} recorded, {missed} missed, {to_come} to come; {not_owed} not owed",
        zh: "共 {lessons} 节：已录 {complete}，缺录 {missed}，未上 {to_come}；不用录 {not_owed}"
    }
    /// Recordings that stand in no timetable.
    beside_the_timetable() { en: "beside the timetable:", zh: "课表以外：" }
    /// A report was written to a file.
    report_written(file, lessons) { en: "{file}: {lessons} lessons", zh: "{file}：{lessons} 节课" }
    /// A report could not be written.
    report_unwritable(file, cause) {
        en: "{file} cannot be written: {cause}",
        zh: "写不了 {file}：{cause}"
    }
    /// XLSX goes into a file only.
    report_needs_file() {
        en: "a spreadsheet goes into a file: name it with --out",
        zh: "表格要存成文件，请用 --out 指定文件名"
    }
}
