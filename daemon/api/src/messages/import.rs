//! Importing a timetable: what is wrong, what was left out, what was understood.

use std::fmt::Display;

use crate::Text;

messages! {
    // ---- the file ----

    /// A file of no known form.
    unknown_form() {
        en: "this is neither iCalendar, nor CSES, nor a table, nor a list of holidays, nor a timetable",
        zh: "看不出这是什么文件：不是 iCalendar、CSES、表格、放假安排，也不是课表文件"
    }
    /// Remedy of [`unknown_form`].
    unknown_form_remedy() {
        en: "say the form with --form ical|cses|table|holidays, or save the table as CSV or XLSX",
        zh: "请用 --form ical|cses|table|holidays 指明，或把表格另存为 CSV 或 XLSX"
    }
    /// A file in no known encoding.
    undecodable() {
        en: "from here on the text is neither UTF-8 nor GBK",
        zh: "从这里起既不是 UTF-8 也不是 GBK 文本"
    }
    /// Remedy of [`undecodable`].
    undecodable_remedy() { en: "save the file as UTF-8", zh: "请把文件另存为 UTF-8 编码" }
    /// Nothing says when the term is.
    no_term() {
        en: "the file does not say when the term begins",
        zh: "文件里没有学期起止日期"
    }
    /// Remedy of [`no_term`].
    no_term_remedy() {
        en: "give the timetable in force with --base, or --monday and --end",
        zh: "请用 --base 给出现在用的课表，或用 --monday 和 --end 写明第一周的星期一和最后一天"
    }
    /// Periods without hours.
    no_bells() { en: "it is not known when the periods are", zh: "不知道每节课几点上" }
    /// Remedy of [`no_bells`].
    no_bells_remedy() {
        en: "give a timetable with bells with --base, or write the hours into the table: 第1节 08:20-09:00",
        zh: "请用 --base 给出写有作息时间的课表，或在表格里写上时间：第1节 08:20-09:00"
    }
    /// A dated change in the base that names no lesson any more.
    ignored_change(date) {
        en: "the base's change of {date}: it names a lesson that is no more, or that this file changes otherwise",
        zh: "原课表 {date} 的调课：那节课已经没有了，或本文件另有调整"
    }
    /// A file without lessons.
    no_lessons() { en: "there is no lesson in this file", zh: "文件里一节课也没有" }
    /// Remedy of [`no_lessons`].
    no_lessons_remedy() { en: "is it the right file, and the right term?", zh: "请确认文件和学期是否选对" }
    /// A key, property or column that must be there.
    lacks(name) { en: "there is no {name}", zh: "缺少 {name}" }
    /// Remedy of [`lacks`].
    lacks_remedy(name) { en: "add {name}", zh: "请补上 {name}" }
    /// Not a weekday.
    bad_weekday(found) { en: "`{found}` is not a weekday", zh: "`{found}` 不是星期几" }
    /// Remedy of [`bad_weekday`].
    bad_weekday_remedy() {
        en: "1 for Monday to 7 for Sunday, or 星期一 … 星期日",
        zh: "写 1（星期一）到 7（星期日），或 星期一…星期日"
    }
    /// Not a time of day.
    bad_time(found) { en: "`{found}` is not a time of day", zh: "`{found}` 不是时间" }
    /// Remedy of [`bad_time`].
    bad_time_remedy() { en: "for example 08:20", zh: "例如 08:20" }

    // ---- tables ----

    /// An Excel file of before 2007.
    old_excel() { en: "this is an old Excel file (.xls)", zh: "这是旧版 Excel 文件（.xls）" }
    /// Remedy of [`old_excel`].
    old_excel_remedy() { en: "open it and save it as .xlsx or as CSV", zh: "请打开后另存为 .xlsx 或 CSV" }
    /// An XLSX that cannot be read.
    bad_xlsx(detail) { en: "the spreadsheet cannot be read: {detail}", zh: "表格读不了：{detail}" }
    /// Remedy of [`bad_xlsx`].
    bad_xlsx_remedy() {
        en: "open it, save it again as .xlsx without a password, or as CSV",
        zh: "请打开后重新存为不带密码的 .xlsx，或存为 CSV"
    }
    /// A CSV that cannot be read.
    bad_csv(detail) { en: "this line of the table cannot be read: {detail}", zh: "表格这一行读不了：{detail}" }
    /// Remedy of [`bad_csv`].
    bad_csv_remedy() { en: "look for a quotation mark too many", zh: "请检查是否多了引号" }
    /// A table too large.
    table_large() { en: "the table is larger than a school's timetable", zh: "表格比一所学校的课表大得多" }
    /// Remedy of [`table_large`].
    table_large_remedy() {
        en: "keep the sheets with lessons only, at most 20,000 rows",
        zh: "请只保留课表，最多 20000 行"
    }
    /// Neither a list nor a grid.
    no_header() {
        en: "no row names columns (课程, 星期, 节次) or weekdays (星期一 … 星期五)",
        zh: "没找到表头：既没有“课程、星期、节次”，也没有“星期一…星期五”"
    }
    /// Remedy of [`no_header`].
    no_header_remedy() { en: "add a row with these names above the lessons", zh: "请在课的上面加一行表头" }
    /// A column that must be there.
    no_column(name) { en: "there is no column {name}", zh: "没有“{name}”这一列" }
    /// Remedy of [`no_column`].
    no_column_remedy(name) { en: "name the column {name} in this row", zh: "请在这一行写上列名“{name}”" }
    /// A column of no use.
    ignored_column(name) { en: "the column {name} is not used", zh: "“{name}”这一列用不到" }
    /// A row that is no lesson.
    ignored_row(text) {
        en: "a row without weekday and period: {text}",
        zh: "这一行没有星期和节次：{text}"
    }
    /// A row of a grid that is no period.
    ignored_label(label) {
        en: "a row that names no period: {label}",
        zh: "这一行不是第几节课：{label}"
    }
    /// A word in a cell.
    ignored_word(word) { en: "not understood: {word}", zh: "没看懂：{word}" }
    /// The same lesson twice.
    ignored_twice(place) { en: "the same lesson as at {place}", zh: "与 {place} 是同一节课" }

    // ---- iCalendar ----

    /// A line that is no property.
    bad_content_line() { en: "this line is not iCalendar", zh: "这一行不符合 iCalendar 写法" }
    /// Remedy of [`bad_content_line`].
    bad_content_line_remedy() {
        en: "export the calendar again; a long line goes on with a space in the next",
        zh: "请重新导出日历；长行要在下一行开头加空格接着写"
    }
    /// Not a point in time.
    bad_stamp(found) { en: "`{found}` is not a date and time", zh: "`{found}` 不是日期时间" }
    /// Remedy of [`bad_stamp`].
    bad_stamp_remedy() { en: "for example 20260907T082000", zh: "例如 20260907T082000" }
    /// Not a length.
    bad_duration(found) { en: "`{found}` is not a length of time", zh: "`{found}` 不是时长" }
    /// Remedy of [`bad_duration`].
    bad_duration_remedy() { en: "for example PT40M", zh: "例如 PT40M" }
    /// A zone that is not known.
    bad_zone(name) { en: "the time zone `{name}` is not known", zh: "不认识时区 `{name}`" }
    /// Remedy of [`bad_zone`].
    bad_zone_remedy() {
        en: "use an IANA name such as Asia/Shanghai, or no TZID at all for local time",
        zh: "请用 Asia/Shanghai 这样的时区名；当地时间可以不写 TZID"
    }
    /// A rule that cannot be followed.
    bad_rule(detail) { en: "this repetition cannot be followed: {detail}", zh: "看不懂这个重复规则：{detail}" }
    /// Remedy of [`bad_rule`].
    bad_rule_remedy() {
        en: "for example FREQ=WEEKLY;BYDAY=MO;UNTIL=20270122T155959Z",
        zh: "例如 FREQ=WEEKLY;BYDAY=MO;UNTIL=20270122T155959Z"
    }
    /// A rule without an end, and no term.
    endless_rule() {
        en: "this event repeats without an end, and the term is not known",
        zh: "这个日程一直重复，没有结束日期，又不知道学期起止"
    }
    /// Too many events.
    many_events(most) { en: "there are more than {most} events", zh: "日程超过 {most} 个" }
    /// Remedy of [`many_events`].
    many_events_remedy() { en: "export the calendar of one school and one term", zh: "请只导出一所学校、一个学期的日历" }
    /// An event of whole days.
    ignored_all_day() { en: "an event of whole days is no lesson", zh: "全天日程不是课" }
    /// A cancelled event.
    ignored_cancelled() { en: "the event is cancelled", zh: "日程已取消" }
    /// An event over midnight.
    ignored_midnight() { en: "an event over midnight, or of no length, is no lesson", zh: "跨过半夜或没有时长的日程不是课" }
    /// Instances outside the term.
    ignored_outside(count) { en: "{count} time(s) outside the term", zh: "有 {count} 次在学期之外" }
    /// A changed instance of nothing.
    ignored_no_master() { en: "a changed instance of an event that is not there", zh: "找不到它所更改的那次日程" }

    // ---- CSES ----

    /// YAML that cannot be read.
    bad_yaml(detail) { en: "this is not YAML: {detail}", zh: "这里不符合 YAML 写法：{detail}" }
    /// Remedy of [`bad_yaml`].
    bad_yaml_remedy() { en: "indent with spaces, and write `key: value`", zh: "用空格缩进，写成 `键: 值`" }
    /// YAML too large or too deep.
    yaml_large() { en: "the file is deeper or larger than CSES is", zh: "文件层数太多或太大，不是 CSES" }
    /// Remedy of [`yaml_large`].
    yaml_large_remedy() { en: "is it the right file?", zh: "请确认文件是否选对" }
    /// A YAML reference.
    yaml_alias() { en: "references (*name) are not followed", zh: "不支持 YAML 引用（*名称）" }
    /// Remedy of [`yaml_alias`].
    yaml_alias_remedy() { en: "write the value out", zh: "请把内容直接写出来" }
    /// YAML without a document.
    yaml_empty() { en: "the file is empty", zh: "文件是空的" }
    /// Remedy of [`yaml_empty`].
    yaml_empty_remedy() { en: "export it again", zh: "请重新导出" }
    /// Another version of CSES.
    cses_version(found) { en: "version {found} of CSES is not known", zh: "不认识 CSES 版本 {found}" }
    /// Remedy of [`cses_version`].
    cses_version_remedy() { en: "export it as version 1", zh: "请导出为版本 1" }
    /// A subject without an entry of its own.
    cses_subject(name) {
        en: "{name} is not among the subjects: its teacher and room are not known",
        zh: "科目表里没有 {name}，不知道教师和教室"
    }

    // ---- holidays ----

    /// JSON that cannot be read.
    bad_json(detail) { en: "this is not JSON: {detail}", zh: "这里不符合 JSON 写法：{detail}" }
    /// Remedy of [`bad_json`].
    bad_json_remedy() { en: "fetch the file again", zh: "请重新下载文件" }
    /// JSON without days.
    no_days() { en: "there is no list of days, or it is too long", zh: "没有 days 列表，或列表太长" }
    /// Remedy of [`no_days`].
    no_days_remedy() {
        en: "the form is {{\"days\": [{{\"name\", \"date\", \"isOffDay\"}}]}}, a file for each year",
        zh: "格式为 {{\"days\": [{{\"name\", \"date\", \"isOffDay\"}}]}}，每年一个文件"
    }
    /// A day that cannot be read.
    bad_day(detail) { en: "this day cannot be read: {detail}", zh: "这一天读不了：{detail}" }
    /// Remedy of [`bad_day`].
    bad_day_remedy() {
        en: "each day has name, date and isOffDay",
        zh: "每一天要有 name、date 和 isOffDay"
    }
    /// A day twice.
    day_twice(date) { en: "{date} stands here twice", zh: "{date} 写了两次" }
    /// Remedy of [`day_twice`].
    day_twice_remedy() { en: "keep one of them", zh: "只留一个" }

    // ---- the command line ----

    /// A file without mistakes.
    timetable_fine(path) { en: "{path}: no mistakes", zh: "{path}：没有错误" }
    /// Where the result was written to.
    import_written(path) { en: "written to {path}; nothing has been applied yet", zh: "已写入 {path}，尚未启用" }
    /// A file that cannot be written.
    import_unwritable(path, cause) {
        en: "cannot write {path}: {cause}; check the folder and its permissions",
        zh: "写不了 {path}：{cause}；请检查文件夹和权限"
    }
    /// A file that was refused.
    import_refused(count) {
        en: "{count} mistake(s) to put right; nothing was written",
        zh: "共 {count} 处要改，什么都没有写入"
    }
    /// A term's dates that are not both given.
    import_term() {
        en: "--monday and --end belong together, each a date such as 2026-08-31",
        zh: "--monday 和 --end 要一起写，都写日期，例如 2026-08-31"
    }
    /// A date that cannot be read.
    show_date(found) { en: "`{found}` is not a date such as 2026-09-07", zh: "`{found}` 不是日期，请写成 2026-09-07" }
    /// A room that the timetable does not have.
    show_room(room, rooms) { en: "there is no room {room}; there are: {rooms}", zh: "没有教室 {room}；课表里有：{rooms}" }
    /// What form a file was read as.
    import_form(form) { en: "Read as    {form}", zh: "文件形式　{form}" }
    /// The term.
    import_summary_term(monday, end, weeks) {
        en: "Term       {monday} to {end}, {weeks} weeks",
        zh: "学期　　　{monday} 至 {end}，共 {weeks} 周"
    }
    /// How many lessons.
    import_summary_lessons(lessons, days_en, days_zh) {
        en: "Lessons    {lessons} a week: {days_en}",
        zh: "课　　　　每周 {lessons} 节：{days_zh}"
    }
    /// In which weeks.
    import_summary_weeks(list) { en: "Weeks      {list}", zh: "周次　　　{list}" }
    /// What is taught.
    import_summary_subjects(list) { en: "Subjects   {list}", zh: "课程　　　{list}" }
    /// Who is taught.
    import_summary_classes(list) { en: "Classes    {list}", zh: "班级　　　{list}" }
    /// Who teaches.
    import_summary_teachers(list) { en: "Teachers   {list}", zh: "教师　　　{list}" }
    /// Where.
    import_summary_rooms(list) { en: "Rooms      {list}", zh: "教室　　　{list}" }
    /// Free days.
    import_summary_days(holidays, makeups) {
        en: "Free days  {holidays} holiday(s), {makeups} make-up day(s)",
        zh: "假期　　　{holidays} 个假期，{makeups} 个补班日"
    }
    /// Dated changes.
    import_summary_changes(count) { en: "Changes    {count} dated", zh: "调课　　　{count} 条" }
    /// Something that was left out.
    import_ignored(place, why_en, why_zh) { en: "Left out   {place}: {why_en}", zh: "没有用到　{place}：{why_zh}" }
    /// A doubt about what was read.
    import_doubt(en, zh) { en: "DOUBTFUL   {en}", zh: "请核对　　{zh}" }
}
