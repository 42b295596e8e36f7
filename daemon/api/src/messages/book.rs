//! The timetable in the daemon: where it comes from, when it takes effect.

use std::fmt::Display;

use crate::Text;

messages! {
    // ---- the configuration ----

    /// A URL of a timetable that is none.
    config_timetable_url(url) {
        en: "`{url}` is no address of a timetable",
        zh: "`{url}` 不是课表的地址"
    }
    /// Remedy of [`config_timetable_url`].
    config_timetable_url_remedy() {
        en: "file:///etc/lectern/timetable.toml, or https://host/path",
        zh: "请写 file:///etc/lectern/timetable.toml 或 https://主机/路径"
    }
    /// A key that only means something for a web address.
    config_timetable_only_web(key) {
        en: "`{key}` means something for http:// and https:// only",
        zh: "`{key}` 只用于 http:// 和 https:// 地址"
    }
    /// Remedy of [`config_timetable_only_web`].
    config_timetable_only_web_remedy(key) { en: "remove `{key}`", zh: "请删掉 `{key}`" }
    /// A certificate that cannot be used.
    config_timetable_ca(cause) {
        en: "the certificates cannot be used: {cause}",
        zh: "证书用不了：{cause}"
    }
    /// Remedy of [`config_timetable_ca`].
    config_timetable_ca_remedy() {
        en: "give a PEM file that this user may read",
        zh: "请给出本用户可读的 PEM 文件"
    }

    // ---- reading sources ----

    /// A file that cannot be read.
    source_unreadable(path, cause) {
        en: "the timetable {path} cannot be read: {cause}",
        zh: "课表 {path} 读不了：{cause}"
    }
    /// A file that is not there.
    source_absent(path) { en: "there is no timetable at {path}", zh: "{path} 没有课表文件" }
    /// Something that is no file.
    source_no_file(path) { en: "{path} is not a file", zh: "{path} 不是文件" }
    /// A server that cannot be reached.
    web_unreachable(host, cause) {
        en: "the timetable cannot be fetched: {host} cannot be reached ({cause})",
        zh: "取不到课表：连不上 {host}（{cause}）"
    }
    /// A server that takes too long.
    web_slow(host, seconds) {
        en: "the timetable cannot be fetched: {host} did not deliver it within {seconds} s",
        zh: "取不到课表：{host} 在 {seconds} 秒内没有传完"
    }
    /// A connection that broke.
    web_interrupted(host, cause) {
        en: "the timetable was not fetched whole: the connection to {host} broke ({cause})",
        zh: "课表没取完整：与 {host} 的连接中断（{cause}）"
    }
    /// A server whose certificate is not trusted.
    web_tls(host, cause) {
        en: "the timetable is not fetched: no trust in {host} ({cause}); check its certificate, `ca` and this clock",
        zh: "没有取课表：{host} 的证书不可信（{cause}），请检查证书、`ca` 和本机时间"
    }
    /// A status that is no success.
    web_status(host, status) {
        en: "the timetable cannot be fetched: {host} answers {status}",
        zh: "取不到课表：{host} 答复 {status}"
    }
    /// Who the box is, is not believed.
    web_unauthorised(host, status) {
        en: "the timetable cannot be fetched: {host} wants another user or password ({status})",
        zh: "取不到课表：{host} 不认用户名或密码（{status}）"
    }
    /// A web page in place of the timetable.
    web_portal(host) {
        en: "a web page came in place of the timetable from {host}: perhaps the network wants a login, or the address is that of a page",
        zh: "从 {host} 取到的是网页，不是课表：可能网络要先登录认证，或地址填成了网页地址"
    }
    /// A redirect that is not followed.
    web_moved(host, to) {
        en: "the timetable is not fetched: {host} points to {to}, which is not followed",
        zh: "没有取课表：{host} 转到了 {to}，不跟随"
    }
    /// A password that cannot be had.
    web_credentials(cause) { en: "the timetable is not fetched: {cause}", zh: "没有取课表，凭据用不了：{cause}" }
    /// Too large to be a timetable.
    source_large(place, most) {
        en: "{place} has more than {most} bytes: that is no timetable of one school",
        zh: "{place} 超过 {most} 字节，不像一所学校的课表"
    }
    /// Sent, and too large.
    sent_large(most) {
        en: "the file has more than {most} bytes: that is no timetable of one school",
        zh: "文件超过 {most} 字节，不像一所学校的课表"
    }
    /// No version is named.
    which_version() { en: "say which version", zh: "请写明第几版" }
    /// An empty file.
    source_empty(place) { en: "{place} is empty", zh: "{place} 是空文件" }

    // ---- understanding ----

    /// Only holidays, and no timetable to put them into.
    only_days() {
        en: "these are holidays only, and no timetable is in force that they could be put into",
        zh: "这里只有放假安排，而本机还没有课表可以放进去"
    }
    /// Remedy of [`only_days`].
    only_days_remedy() {
        en: "give the box its timetable first",
        zh: "请先给盒子一份课表"
    }
    /// A reader that gave up.
    reader_failed(cause) {
        en: "the file could not be read to its end ({cause}); save it anew, or in another form",
        zh: "这个文件读不下去（{cause}），请重新保存，或换一种格式"
    }
    /// What is wrong and what to do.
    mistake(cause_en, cause_zh, remedy_en, remedy_zh) {
        en: "{cause_en} ({remedy_en})",
        zh: "{cause_zh}（{remedy_zh}）"
    }
    /// About a file as a whole.
    in_file(field, what_en, what_zh) { en: "{field}{what_en}", zh: "{field}{what_zh}" }
    /// About a line.
    in_line(line, field, what_en, what_zh) { en: "line {line}, {field}{what_en}", zh: "第{line}行 {field}{what_zh}" }
    /// About a cell of a spreadsheet.
    in_cell(cell, field, what_en, what_zh) { en: "cell {cell}, {field}{what_en}", zh: "单元格 {cell} {field}{what_zh}" }
    /// A file with mistakes.
    pushed_mistaken(count, list_en, list_zh) {
        en: "{count} mistake(s), nothing of it is used; the timetable in force stays:\n{list_en}",
        zh: "有 {count} 处错误，这份课表没有采用，仍用原来的：\n{list_zh}"
    }

    // ---- doubts ----

    /// The room of this box is not in it any more.
    doubt_room_gone(room, old) {
        en: "{room} has no lessons any more, {old} a week before",
        zh: "{room} 一节课也没有了，原来每周 {old} 节"
    }
    /// The room of this box has many more or fewer.
    doubt_room(room, old, new) {
        en: "{room} has about {new} lessons a week instead of {old}",
        zh: "{room} 每周约 {new} 节课，原来 {old} 节"
    }
    /// From a stick.
    doubt_stick(place) {
        en: "it lies on a USB stick ({place})",
        zh: "来自U盘（{place}）"
    }

    // ---- deciding ----

    /// Nothing waits.
    nothing_pending() {
        en: "no timetable waits to come into force",
        zh: "没有等待生效的课表"
    }
    /// Another one waits.
    other_pending(asked, pending) {
        en: "version {asked} is not to come; version {pending} is: look at it first",
        zh: "待生效的不是第 {asked} 版，而是第 {pending} 版，请先看一下"
    }
    /// Several are to come, and none is said.
    several_pending(versions) {
        en: "several timetables are to come, versions {versions}: say which",
        zh: "有几份课表待生效：第 {versions} 版，请写明哪一版"
    }
    /// Not kept.
    no_version(number, known) {
        en: "version {number} is not kept; there are {known}",
        zh: "没有保存第 {number} 版，现有：{known}"
    }
    /// In force already.
    version_in_force(number) {
        en: "version {number} is in force already",
        zh: "第 {number} 版正在使用"
    }
    /// No timetable.
    no_timetable() {
        en: "the box has no timetable yet",
        zh: "本机还没有课表"
    }
    /// The room is not known.
    no_room_known(rooms) {
        en: "it is not known which room this box stands in; write `room` below [timetable], one of: {rooms}",
        zh: "不知道盒子在哪间教室；请在 [timetable] 下写 room，可选：{rooms}"
    }
    /// Not a make-up day.
    not_makeup(date, days) {
        en: "{date} is no make-up day in the timetable; these are: {days}",
        zh: "课表里 {date} 不是补班日；补班日有：{days}"
    }
    /// Whose lessons cannot be.
    bad_follows(cause_en, cause_zh) { en: "{cause_en}", zh: "{cause_zh}" }
    /// A span of days too long, or the wrong way round.
    bad_span(most) {
        en: "ask for 1 to {most} days, from the first to the last",
        zh: "请查询 1 到 {most} 天，起始日期在前"
    }
    /// It could not be written down.
    not_kept(cause) {
        en: "the timetable is in use and could not be written to the disk ({cause}); after a restart the former one would be used",
        zh: "课表已采用，但写不进磁盘（{cause}）；重启后会用回原来的"
    }

    // ---- faults ----

    /// No timetable.
    fault_missing() {
        en: "The box has no timetable: no lesson begins by itself.",
        zh: "盒子没有课表：不会自动录课。"
    }
    /// Hint of [`fault_missing`].
    fault_missing_hint() {
        en: "Look at why with `lecternctl timetable versions`, or bring it: `lecternctl timetable push FILE`, or a USB stick.",
        zh: "用 lecternctl timetable versions 看原因；或用 lecternctl timetable push 文件、U盘送一份来。"
    }
    /// The room is not in it.
    fault_room() {
        en: "The timetable does not tell which room this box stands in: no lesson begins by itself.",
        zh: "课表里对不上这台盒子的教室：不会自动录课。"
    }
    /// Hint of [`fault_room`].
    fault_room_hint(rooms) {
        en: "Write `room = \"…\"` below [timetable] in the configuration; the timetable has: {rooms}.",
        zh: "请在配置的 [timetable] 下写 room = \"…\"；课表里有：{rooms}。"
    }
    /// A make-up day of unknown lessons, today.
    fault_ambiguous_today(date, name) {
        en: "Today, {date}, is a make-up day ({name}), and nobody has said whose lessons it has: nothing is recorded by itself.",
        zh: "今天（{date}）补班（{name}），不知按星期几上课：今天不会自动录课。"
    }
    /// Tomorrow.
    fault_ambiguous_tomorrow(date, name) {
        en: "Tomorrow, {date}, is a make-up day ({name}), and nobody has said whose lessons it has.",
        zh: "明天（{date}）补班（{name}），不知按星期几上课。"
    }
    /// Later.
    fault_ambiguous(date, name, days) {
        en: "In {days} days, on {date}, is a make-up day ({name}), and nobody has said whose lessons it has.",
        zh: "{days} 天后（{date}）补班（{name}），不知按星期几上课。"
    }
    /// Hint of the three above.
    fault_ambiguous_hint(date) {
        en: "Ask the school office and say so: `lecternctl timetable makeup {date} friday`, or `none` for no lessons.",
        zh: "请问教务处后告诉盒子，例如：lecternctl timetable makeup {date} 星期五；不上课就写“不上课”。"
    }
    /// One waits for a person.
    fault_pending(number, doubt_en, doubt_zh) {
        en: "A new timetable (version {number}) waits for a person: {doubt_en}. The former one is used until then.",
        zh: "有一份新课表（第 {number} 版）等人确认：{doubt_zh}。确认前仍用原来的。"
    }
    /// One comes by itself.
    fault_pending_from(number, from) {
        en: "A new timetable (version {number}) comes into force on {from}.",
        zh: "新课表（第 {number} 版）从 {from} 起生效。"
    }
    /// Hint of the two above.
    fault_pending_hint(number) {
        en: "Look at it with `lecternctl timetable versions`; to use it at once: `lecternctl timetable confirm {number}`.",
        zh: "用 lecternctl timetable versions 查看；要马上使用：lecternctl timetable confirm {number}。"
    }
    /// One was refused.
    fault_rejected(place, mistake_en, mistake_zh) {
        en: "The timetable from {place} has mistakes and is not used: {mistake_en}",
        zh: "{place} 的课表有错误，没有采用：{mistake_zh}"
    }
    /// Hint of [`fault_rejected`].
    fault_rejected_hint() {
        en: "Put it right; `lecternctl timetable check FILE` names every mistake. The former one is used until then.",
        zh: "请改正；lecternctl timetable check 文件 会列出每一处错误。改好前仍用原来的。"
    }
    /// Hint of a source that cannot be read.
    fault_unreachable_hint() {
        en: "The last good timetable is used meanwhile; look at its address and at the network.",
        zh: "这期间仍用上一份好的课表；请检查课表地址和网络。"
    }

    // ---- the command line ----

    /// In force.
    report_in_force(number, since, place) {
        en: "In force    version {number}, since {since}, from {place}",
        zh: "正在使用  第 {number} 版，{since} 起，来自 {place}"
    }
    /// None.
    report_none() { en: "In force    none", zh: "正在使用  无" }
    /// Dates of another version.
    report_dates(number) {
        en: "            holidays and dated changes of version {number} already",
        zh: "          放假和调课已按第 {number} 版"
    }
    /// The room.
    report_room(room) { en: "Room        {room}", zh: "教室      {room}" }
    /// The room is not known.
    report_no_room(rooms) {
        en: "Room        not known; the timetable has: {rooms}",
        zh: "教室      对不上；课表里有：{rooms}"
    }
    /// The one to come.
    report_pending_from(number, from, place) {
        en: "To come     version {number} on {from}, from {place}",
        zh: "即将生效  第 {number} 版，{from} 起，来自 {place}"
    }
    /// The one that waits.
    report_pending(number, place) {
        en: "WAITS       version {number} for `lecternctl timetable confirm {number}`, from {place}",
        zh: "等待确认  第 {number} 版，来自 {place}；确认：lecternctl timetable confirm {number}"
    }
    /// A doubt.
    report_doubt(doubt_en, doubt_zh) { en: "            {doubt_en}", zh: "          {doubt_zh}" }
    /// The last refused file.
    report_refused(place, at, count) {
        en: "REFUSED     from {place} at {at}, {count} mistake(s):",
        zh: "未采用    来自 {place}，{at}，{count} 处错误："
    }
    /// Trouble with the source.
    report_trouble(cause_en, cause_zh) { en: "TROUBLE     {cause_en}", zh: "故障      {cause_zh}" }
    /// An open make-up day.
    report_makeup_open(date, name) {
        en: "ASKED       whose lessons has {date} ({name})? `lecternctl timetable makeup {date} friday`",
        zh: "待回答    {date}（{name}）按星期几上课？lecternctl timetable makeup {date} 星期五"
    }
    /// An answered one.
    report_makeup(date, follows_en, follows_zh, by) {
        en: "Answered    {date}: {follows_en} (said {by})",
        zh: "已回答    {date}：{follows_zh}（{by}）"
    }
    /// One version.
    report_version(mark, number, received, lessons, hash, place) {
        en: "{mark} {number:>4}  {received}  {lessons:>4} lessons  {hash}  {place}",
        zh: "{mark} {number:>4}  {received}  {lessons:>4} 节  {hash}  {place}"
    }
    /// Pushed, in force.
    pushed_in_force(number) {
        en: "version {number} is in force now; a lesson that is on goes on to its end",
        zh: "第 {number} 版已生效；正在上的课照原计划录完"
    }
    /// Pushed, unchanged.
    pushed_unchanged(number) {
        en: "nothing changes: version {number} says the same",
        zh: "没有变化：与第 {number} 版内容相同"
    }
    /// Pushed, to come.
    pushed_from(number, from) {
        en: "version {number} comes into force on {from}; at once with `lecternctl timetable confirm {number}`",
        zh: "第 {number} 版从 {from} 起生效；要马上生效：lecternctl timetable confirm {number}"
    }
    /// Its dated part is in force.
    pushed_dates() {
        en: "its holidays and dated changes are in force now",
        zh: "其中的放假和调课已马上生效"
    }
    /// Pushed, waits.
    pushed_waits(number) {
        en: "version {number} waits for a person: `lecternctl timetable confirm {number}`",
        zh: "第 {number} 版要有人确认才生效：lecternctl timetable confirm {number}"
    }
    /// Left out.
    pushed_ignored(what_en, what_zh) { en: "left out: {what_en}", zh: "未采用：{what_zh}" }
    /// Gone back.
    rolled_back(number) {
        en: "version {number} is in force again; a lesson that is on goes on to its end",
        zh: "已换回第 {number} 版；正在上的课照原计划录完"
    }
    /// Answered.
    makeup_set(date, follows_en, follows_zh) {
        en: "{date}: {follows_en}",
        zh: "{date}：{follows_zh}"
    }
    /// Lessons of a weekday.
    follows_weekday(day_en, day_zh) { en: "the lessons of {day_en}", zh: "按{day_zh}上课" }
    /// Lessons of a date.
    follows_date(date) { en: "the lessons of {date}", zh: "补 {date} 的课" }
    /// No lessons.
    follows_nothing() { en: "no lessons", zh: "不上课" }
    /// What is going on at the moment.
    show_now(why_en, why_zh) { en: "Now: {why_en}", zh: "现在：{why_zh}" }
}
