//! The timetable: its form, what is planned, and why nothing is.

use std::fmt::Display;

use crate::Text;

messages! {
    // ---- days, slots, weeks ----

    /// 1
    monday() { en: "Monday", zh: "星期一" }
    /// 2
    tuesday() { en: "Tuesday", zh: "星期二" }
    /// 3
    wednesday() { en: "Wednesday", zh: "星期三" }
    /// 4
    thursday() { en: "Thursday", zh: "星期四" }
    /// 5
    friday() { en: "Friday", zh: "星期五" }
    /// 6
    saturday() { en: "Saturday", zh: "星期六" }
    /// 7
    sunday() { en: "Sunday", zh: "星期日" }
    /// One period.
    period(number) { en: "period {number}", zh: "第{number}节" }
    /// Several.
    periods(first, last) { en: "periods {first}-{last}", zh: "第{first}-{last}节" }
    /// Every week.
    weeks_every() { en: "every week", zh: "每周" }
    /// Weeks 1, 3, 5 …
    weeks_odd() { en: "odd weeks", zh: "单周" }
    /// Weeks 2, 4, 6 …
    weeks_even() { en: "even weeks", zh: "双周" }
    /// A list.
    weeks_listed(list) { en: "weeks {list}", zh: "第{list}周" }
    /// A date, a slot and a room.
    whereabouts(date, slot_en, slot_zh, room) { en: "{date} {slot_en} {room}", zh: "{date} {slot_zh} {room}" }

    // ---- why something is planned, or not ----

    /// As in the ordinary week.
    why_planned(lesson, hours) { en: "planned: {lesson}, {hours}", zh: "有课：{lesson}，{hours}" }
    /// An extra lesson.
    why_extra(lesson, hours) { en: "planned as an extra lesson: {lesson}, {hours}", zh: "补课：{lesson}，{hours}" }
    /// Moved or swapped to here.
    why_moved_here(lesson, hours, from_en, from_zh) {
        en: "planned: {lesson}, {hours}, moved here from {from_en}",
        zh: "有课：{lesson}，{hours}，由 {from_zh} 调来"
    }
    /// Too early in the year.
    why_before_term(monday) { en: "the term begins on {monday}", zh: "还没开学，{monday} 开学" }
    /// Too late in the year.
    why_after_term(end) { en: "the term ended on {end}", zh: "学期已于 {end} 结束" }
    /// A holiday.
    why_holiday(name) { en: "holiday: {name}", zh: "放假：{name}" }
    /// A make-up day without lessons.
    why_not_taught(name) {
        en: "make-up working day ({name}) without lessons",
        zh: "补班日（{name}），学校安排不上课"
    }
    /// A make-up day of unknown lessons.
    why_ambiguous(name) {
        en: "make-up working day ({name}): nobody has said whose lessons it has, so nothing is recorded",
        zh: "补班日（{name}），还不知道按星期几上课，所以不自动录"
    }
    /// Nothing on that weekday.
    why_weekday(day_en, day_zh) { en: "no lessons on a {day_en}", zh: "{day_zh}没有课" }
    /// Nothing then.
    why_no_lesson() { en: "the timetable has no lesson then", zh: "课表上这一节没有课" }
    /// Only in other weeks.
    why_other_weeks(weeks_en, weeks_zh, week) {
        en: "only in {weeks_en}; this is week {week}",
        zh: "这节课只在{weeks_zh}上，本周是第{week}周"
    }
    /// Cancelled.
    why_cancelled(reason) { en: "cancelled{reason}", zh: "这节课停上{reason}" }
    /// Moved away.
    why_moved(to_en, to_zh, reason) { en: "moved to {to_en}{reason}", zh: "已调到 {to_zh}{reason}" }
    /// Swapped away.
    why_swapped(to_en, to_zh, reason) {
        en: "swapped with another lesson, now {to_en}{reason}",
        zh: "已与别的课对调，改在 {to_zh}{reason}"
    }
    /// The school is suspended.
    why_suspended(reason, until) {
        en: "suspended for the whole school until {until}: {reason}",
        zh: "全校停录至 {until}：{reason}"
    }
    /// An exam.
    why_exam(name, until) { en: "suspended for an exam until {until}: {name}", zh: "考试期间停录至 {until}：{name}" }
    /// Another lesson took its place.
    why_displaced(subject) { en: "{subject} takes its place", zh: "被《{subject}》占用" }
    /// A slot that the bells do not know.
    why_no_bell(slot_en, slot_zh) {
        en: "the bell schedule of this day has no {slot_en}",
        zh: "当天作息时间里没有{slot_zh}"
    }
    /// A lesson runs.
    state_running(lesson, until) { en: "{lesson}, until {until}", zh: "正在上 {lesson}，到 {until}" }
    /// Between lessons.
    state_break(begin) { en: "no lesson now; the next begins at {begin}", zh: "现在没有课，下一节 {begin} 开始" }
    /// After the last lesson.
    state_over() { en: "today's lessons are over", zh: "今天的课上完了" }

    // ---- doubts about a new timetable ----

    /// Many more or fewer lessons.
    doubt_count(old, new, percent) {
        en: "about {new} lessons a week instead of {old}: more than {percent} % difference",
        zh: "每周约 {new} 节课，原来 {old} 节，相差超过 {percent}%"
    }
    /// Lessons at night.
    doubt_night(lesson) { en: "a lesson before 06:00 or after 22:00: {lesson}", zh: "有课在早上6点前或晚上10点后：{lesson}" }
    /// Lessons on a Sunday.
    doubt_sunday(lesson) { en: "a lesson on a Sunday: {lesson}", zh: "星期日有课：{lesson}" }

    // ---- mistakes in values ----

    /// How many mistakes there are, and the first.
    mistakes_first(count, place, cause_en, cause_zh) {
        en: "{count} mistake(s), the first at {place}: {cause_en}",
        zh: "共 {count} 处错误，第一处在 {place}：{cause_zh}"
    }
    /// More mistakes than are shown.
    and_more(count) { en: "and {count} more mistakes", zh: "还有 {count} 处错误" }
    /// Remedy of [`and_more`].
    and_more_remedy() { en: "put the first ones right and check again", zh: "先改前面的，再检查一遍" }
    /// A file too large.
    too_large(bytes, most) {
        en: "the file has {bytes} bytes, and at most {most} are read",
        zh: "文件有 {bytes} 字节，最多读 {most} 字节"
    }
    /// Remedy of [`too_large`].
    too_large_remedy() { en: "is this the timetable of one school?", zh: "请确认这是一所学校的课表" }
    /// Too many tables of a kind.
    too_many(heading, count, most) {
        en: "{count} times {heading}, and at most {most} are read",
        zh: "{heading} 有 {count} 个，最多 {most} 个"
    }
    /// Remedy of [`too_many`].
    too_many_remedy() { en: "take out what is no longer needed", zh: "请删掉不再需要的内容" }
    /// A text that cannot be shown in one line.
    bad_text(begin) { en: "the text \"{begin}…\" is too long or has several lines", zh: "文字“{begin}…”太长或有换行" }
    /// Remedy of [`bad_text`].
    bad_text_remedy(most) { en: "at most {most} characters on one line", zh: "请写在一行内，最多 {most} 个字" }
    /// Not a date.
    bad_date(found) { en: "`{found}` is not a date", zh: "`{found}` 不是日期" }
    /// Remedy of [`bad_date`].
    bad_date_remedy() { en: "write year-month-day, for example 2026-09-01", zh: "请按年-月-日写，例如 2026-09-01" }
    /// A time with a zone of its own.
    zoned_time(found) { en: "`{found}` has a time zone of its own", zh: "`{found}` 自带时区" }
    /// Remedy of [`zoned_time`].
    zoned_time_remedy() {
        en: "write the school's local time, for example 2026-09-01T14:00:00",
        zh: "请直接写当地时间，例如 2026-09-01T14:00:00"
    }
    /// Not a period.
    bad_period(found) { en: "`{found}` is not a period", zh: "`{found}` 不是节次" }
    /// Remedy of [`bad_period`].
    bad_period_remedy(most) {
        en: "a number from 0 to {most}, or a range such as \"3-4\"",
        zh: "请写 0 到 {most} 的数，或写成 \"3-4\""
    }
    /// Remedy of [`bad_period`] in a bell schedule.
    bad_period_key_remedy(most) {
        en: "number each period from 0 (early reading) to {most}: 1 = \"08:20-09:00\"",
        zh: "每节课写一个数（0 可作早读，最大 {most}），例如 1 = \"08:20-09:00\""
    }
    /// Not hours.
    bad_hours(found) {
        en: "`{found}` does not say from when to when on one day",
        zh: "`{found}` 不是同一天内的起止时间"
    }
    /// Remedy of [`bad_hours`].
    bad_hours_remedy() { en: "for example \"08:20-09:00\"", zh: "例如 \"08:20-09:00\"" }
    /// Not weeks.
    bad_weeks(found) { en: "`{found}` names no weeks", zh: "`{found}` 看不出是哪几周" }
    /// Remedy of [`bad_weeks`].
    bad_weeks_remedy() {
        en: "\"every\", \"odd\", \"even\", or weeks such as \"1-8,10\"",
        zh: "可写 \"每周\"、\"单周\"、\"双周\"，或 \"1-8,10\"、\"1-16单\""
    }
    /// Not a season.
    bad_season(found) { en: "`{found}` is not a part of the year", zh: "`{found}` 不是一年中的一段" }
    /// Remedy of [`bad_season`].
    bad_season_remedy() {
        en: "from month-day to month-day, for example \"10-01..04-30\"",
        zh: "请写成月-日..月-日，例如 \"10-01..04-30\""
    }
    /// Not somebody's lessons.
    bad_follows() { en: "this does not say whose lessons the day has", zh: "这里看不出按哪天上课" }
    /// Remedy of [`bad_follows`].
    bad_follows_remedy() {
        en: "a weekday (1 for Monday), a date, or \"none\" for no lessons",
        zh: "写星期几（1 是星期一）、某个日期，或 \"none\"（不上课）"
    }
    /// A period twice in one schedule.
    period_twice(number) { en: "period {number} stands here twice", zh: "第{number}节写了两次" }
    /// Remedy of [`period_twice`].
    period_twice_remedy() { en: "give each its own number", zh: "每节用不同的数" }
    /// Both ways to say when.
    slot_twice(period, time) { en: "both `{period}` and `{time}` are given", zh: "`{period}` 和 `{time}` 都写了" }
    /// Remedy of [`slot_twice`].
    slot_twice_remedy(period, time) { en: "keep `{period}` or `{time}`", zh: "`{period}`、`{time}` 只留一个" }
    /// No way to say when.
    no_slot(period, time) { en: "neither `{period}` nor `{time}` is given", zh: "没写 `{period}`，也没写 `{time}`" }
    /// Remedy of [`no_slot`].
    no_slot_remedy(heading, period, time) {
        en: "add `{period} = 3` or `{time} = \"19:00-19:40\"` below {heading}",
        zh: "在 {heading} 下面加 `{period} = 3` 或 `{time} = \"19:00-19:40\"`"
    }

    // ---- what does not fit together ----

    /// No term.
    no_term() { en: "there is no [term], so weeks have no dates", zh: "缺少 [term]，不知道第一周是哪天" }
    /// Remedy of [`no_term`].
    no_term_remedy() {
        en: "add [term] with monday = the Monday of week 1, and end = the last day",
        zh: "加上 [term]，写明 monday（第一周的星期一）和 end（最后一天）"
    }
    /// Week 1 does not begin on a Monday.
    not_monday(date) { en: "{date} is not a Monday", zh: "{date} 不是星期一" }
    /// Remedy of [`not_monday`].
    not_monday_remedy(monday) {
        en: "weeks count from a Monday; the one before is {monday}",
        zh: "周次从星期一算起，它前面的星期一是 {monday}"
    }
    /// An end before its beginning.
    ends_before() { en: "the end is not after the beginning", zh: "结束不在开始之后" }
    /// Remedy of [`ends_before`].
    ends_before_remedy() { en: "are the two the wrong way round?", zh: "是不是写反了？" }
    /// A term too long.
    term_long(weeks) { en: "the term has more than {weeks} weeks", zh: "学期超过 {weeks} 周" }
    /// Remedy of [`term_long`].
    term_long_remedy() { en: "write a file for each term", zh: "请每学期写一个文件" }
    /// No bells.
    no_bell() { en: "there is no [[bell]], so periods have no hours", zh: "缺少 [[bell]]，不知道每节几点上课" }
    /// Remedy of [`no_bell`].
    no_bell_remedy() {
        en: "add [[bell]] and [bell.periods] with 1 = \"08:20-09:00\" and so on",
        zh: "加上 [[bell]] 和 [bell.periods]，写 1 = \"08:20-09:00\" 等"
    }
    /// A bell schedule without periods.
    bell_empty() { en: "this bell schedule has no periods", zh: "这份作息时间里一节课也没有" }
    /// Remedy of [`bell_empty`].
    bell_empty_remedy() { en: "add 1 = \"08:20-09:00\" and so on", zh: "请加上 1 = \"08:20-09:00\" 等" }
    /// A bell schedule that never rings.
    bell_never() { en: "these bells never ring in this term", zh: "这份作息时间在本学期用不到" }
    /// Remedy of [`bell_never`].
    bell_never_remedy() { en: "look at from, to and season", zh: "请看 from、to、season 是否写对" }
    /// Periods that overlap.
    periods_overlap(period, hours, other, other_hours) {
        en: "period {period} ({hours}) begins before period {other} ({other_hours}) has ended",
        zh: "第{period}节（{hours}）开始时，第{other}节（{other_hours}）还没下课"
    }
    /// Remedy of [`periods_overlap`].
    periods_overlap_remedy() { en: "number periods in the order of the day", zh: "请按一天的先后编号，时间不要重叠" }
    /// A class twice.
    class_twice(name) { en: "the class {name} stands here twice", zh: "班级 {name} 写了两次" }
    /// Remedy of [`class_twice`].
    class_twice_remedy() { en: "keep one of them", zh: "只留一个" }
    /// A make-up day twice.
    makeup_twice(date) { en: "{date} is a make-up day twice", zh: "补班日 {date} 写了两次" }
    /// Remedy of [`makeup_twice`].
    makeup_twice_remedy() { en: "keep one of them", zh: "只留一个" }
    /// A make-up day in a holiday.
    makeup_in_holiday(date, name) {
        en: "{date} is a make-up day, and a holiday ({name})",
        zh: "{date} 既是补班日，又在假期（{name}）里"
    }
    /// Remedy of [`makeup_in_holiday`].
    makeup_in_holiday_remedy() { en: "correct one of the dates", zh: "请改正其中一个日期" }
    /// A make-up day that nobody has said the lessons of.
    makeup_open(date) {
        en: "nobody has said whose lessons the make-up day {date} has; until then nothing is recorded on it",
        zh: "补班日 {date} 还没写按星期几上课；不写则当天不自动录"
    }
    /// Remedy of [`makeup_open`].
    makeup_open_remedy() {
        en: "add `follows = ` a weekday (1 for Monday), a date, or \"none\"",
        zh: "加一行 `follows = `，写星期几（1 是星期一）、某个日期，或 \"none\"（不上课）"
    }
    /// A date outside the term.
    outside_term(date, monday, end) {
        en: "{date} is not in the term ({monday} to {end})",
        zh: "{date} 不在本学期内（{monday} 至 {end}）"
    }
    /// Remedy of [`outside_term`].
    outside_term_remedy() { en: "correct the date, or the term", zh: "请改日期，或改学期起止" }
    /// A lesson in no week.
    lesson_never(weeks) {
        en: "this lesson is in none of the term's {weeks} weeks",
        zh: "这节课不在本学期的 {weeks} 周之内"
    }
    /// Remedy of [`lesson_never`].
    lesson_never_remedy() { en: "correct its weeks, or the term's end", zh: "请改周次，或改学期结束日期" }
    /// A slot that bells know on some dates only.
    bell_sometimes(slot_en, slot_zh, count, first) {
        en: "on {count} date(s), the first {first}, the bells have no {slot_en}: the lesson is not planned then",
        zh: "有 {count} 天（最早 {first}）的作息时间里没有{slot_zh}，那些天这节课不会录"
    }
    /// Remedy of [`bell_sometimes`].
    bell_sometimes_remedy() { en: "add the period to every bell schedule", zh: "请在每份作息时间里都写上这一节" }
    /// A class without a grade.
    class_unknown(class) {
        en: "the grade of {class} is not known, so its bells are not",
        zh: "不知道 {class} 是几年级，所以不知道用哪份作息时间"
    }
    /// Remedy of [`class_unknown`].
    class_unknown_remedy(class) {
        en: "add [[class]] with name = \"{class}\" and its grade, or a [[bell]] without grades",
        zh: "加上 [[class]]，写 name = \"{class}\" 和 grade（年级），或写一份不分年级的 [[bell]]"
    }
    /// A slot that no bells know.
    period_unknown(slot_en, slot_zh) { en: "no bell schedule has {slot_en} then", zh: "作息时间里没有{slot_zh}" }
    /// Remedy of [`period_unknown`].
    period_unknown_remedy() { en: "correct the period, or add it to [bell.periods]", zh: "请改节次，或在 [bell.periods] 里加上" }
    /// No room.
    no_room() { en: "it is not known in which room this is", zh: "不知道在哪个教室上课" }
    /// Remedy of [`no_room`].
    no_room_remedy() {
        en: "add `room`, here, in the class's [[class]], or at the top of the file for all",
        zh: "加上 `room`：写在这里、写在该班的 [[class]]，或写在文件开头（全部通用）"
    }
    /// Two lessons at once in one room.
    room_clash(room, other_en, other_zh) {
        en: "in {room} there is another lesson at the same time: {other_en}",
        zh: "{room} 同一时间还有别的课：{other_zh}"
    }
    /// Remedy of [`room_clash`].
    room_clash_remedy() {
        en: "correct room, period or weeks; a lesson of two classes is one lesson, class = \"A、B\"",
        zh: "请改教室、节次或周次；两个班合上的课写成一节，class 写“甲班、乙班”"
    }
    /// Remedy of lessons that overlap in part.
    overlap_remedy() {
        en: "the one that begins later is recorded from its beginning",
        zh: "后开始的课一开始，就改录后一节"
    }
    /// Two lessons at once of one teacher.
    teacher_clash(teacher, other_en, other_zh) {
        en: "{teacher} has another lesson at the same time: {other_en}",
        zh: "{teacher} 同一时间还有别的课：{other_zh}"
    }
    /// Remedy of [`teacher_clash`].
    teacher_clash_remedy() { en: "fine if they are two people of one name", zh: "若是同名的两位老师，不用处理" }
    /// A move to where the lesson is.
    move_nowhere() { en: "this move does not say to where", zh: "没写调到哪里" }
    /// Remedy of [`move_nowhere`].
    move_nowhere_remedy() {
        en: "add to_date, to_period, to_room, or several of them",
        zh: "写上 to_date（日期）、to_period（节次）、to_room（教室）中的一个或几个"
    }
    /// A swap of different lengths.
    swap_length() { en: "the two lessons are not of the same length", zh: "两节课长短不一样" }
    /// Remedy of [`swap_length`].
    swap_length_remedy() { en: "write two moves instead", zh: "请改写成两次 [[move]]" }
    /// A room that no lesson is in.
    room_unknown(room) { en: "no lesson is ever in {room}", zh: "课表里没有教室 {room}" }
    /// Remedy of [`room_unknown`].
    room_unknown_remedy() { en: "is the name written as in the lessons?", zh: "请确认名称与课表里写的一样" }
    /// A change for everybody.
    pick_nobody() { en: "this does not say whose lesson is meant", zh: "没写是谁的课" }
    /// Remedy of [`pick_nobody`].
    pick_nobody_remedy() {
        en: "add class, room or teacher; for the whole school write [[suspend]]",
        zh: "写上 class（班级）、room（教室）或 teacher（教师）；全校停课请用 [[suspend]]"
    }
    /// A change of nothing.
    pick_nothing(date, why_en, why_zh) {
        en: "on {date} there is no such lesson to change: {why_en}",
        zh: "{date} 没有这节课可调：{why_zh}"
    }
    /// A part of [`pick_nothing`].
    pick_no_match() { en: "the ordinary week has none that fits", zh: "课表里对不上" }
    /// Remedy of [`pick_nothing`].
    pick_nothing_remedy() {
        en: "name the lesson where the ordinary week has it, or remove this change",
        zh: "请按原课表的日期、节次、班级写，或删掉这一条"
    }
    /// A change of several where one is meant.
    pick_several(count) { en: "{count} lessons fit this, and one is meant", zh: "有 {count} 节课都符合，只能是一节" }
    /// Remedy of [`pick_several`].
    pick_several_remedy() { en: "add the period, the class or the room", zh: "请加上节次、班级或教室" }
    /// Two changes of one lesson.
    changed_twice(subject, date, place) {
        en: "{subject} on {date} is already cancelled, moved or swapped (at {place})",
        zh: "{date} 的《{subject}》已经停课、调课或对调过（见 {place}）"
    }
    /// Remedy of [`changed_twice`].
    changed_twice_remedy() { en: "keep one of the two changes", zh: "两条只留一条" }
}
