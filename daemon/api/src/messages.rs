//! Every sentence that a person reads, in both languages, in one place.
//!
//! A message is a function of its facts, so a sentence without its fact does
//! not compile, and neither does a sentence in one language only. Chinese is
//! written for a school, not translated back from English: what happened to
//! the lesson first, then one thing to do.

use std::fmt::Display;

pub use archive::*;
pub use check::*;
pub use clock::*;
pub use keys::*;
pub use lesson::*;
pub use stores::*;

use crate::Text;

macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) { en: $en:literal, zh: $zh:literal })*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name($($arg: impl Display),*) -> Text {
                Text { en: format!($en), zh: format!($zh) }
            }
        )*
    };
}

pub mod account;
mod archive;
pub mod book;
mod check;
mod clock;
pub mod import;
mod keys;
mod lesson;
mod stores;
pub mod timetable;

messages! {
    /// A recovery that would write over an archive.
    recovery_would_overwrite(folder) {
        en: "{folder} holds a lesson already, perhaps a more complete one; choose an empty folder with --out",
        zh: "{folder} 里已经有这节课，可能更完整；请用 --out 换一个空文件夹"
    }
    /// A start was asked for while a lesson runs.
    lesson_running(lesson) {
        en: "lesson \"{lesson}\" is still running; stop it first",
        zh: "《{lesson}》还没下课，请先结束这节课"
    }
    /// A stop was asked for while none runs.
    no_lesson_running() {
        en: "no lesson is running, so there is nothing to stop",
        zh: "现在没有正在录的课"
    }

    // ---- deleting and keeping lessons ----

    /// A lesson that was deleted.
    lesson_deleted(lesson) {
        en: "lesson {lesson} was deleted; only its dates are left",
        zh: "课 {lesson} 已按申请删除，只留下日期和时间"
    }
    /// A lesson that somebody holds.
    lesson_held(lesson, by, since, reason) {
        en: "lesson {lesson} is held by {by} since {since} ({reason}); an administrator can release it",
        zh: "课 {lesson} 已封存，不能删除：{by} 于 {since} 封存，原因是“{reason}”；请管理员先解除封存"
    }
    /// A deletion before its seven days are over.
    deletion_too_early(lesson, from) {
        en: "lesson {lesson} may be deleted from {from} on; if it cannot wait, add --now",
        zh: "课 {lesson} 的删除申请还没满7天，{from} 起可以删除；确实等不了请加 --now"
    }
    /// Deleting the running lesson.
    lesson_not_over(lesson) {
        en: "lesson {lesson} is not over; stop it first",
        zh: "课 {lesson} 还没下课，请先结束再删除"
    }
    /// Taking back a request that nobody made.
    deletion_not_requested(lesson) {
        en: "nobody asked to delete lesson {lesson}",
        zh: "没有人申请删除课 {lesson}"
    }
    /// Taking back the request of somebody else.
    deletion_of_another(by) {
        en: "{by} asked for it; only they or an administrator can take it back",
        zh: "这是 {by} 提出的申请，只有本人或管理员可以撤回"
    }
    /// Releasing what nobody holds.
    lesson_not_held(lesson) { en: "lesson {lesson} is not held", zh: "课 {lesson} 没有封存" }
    /// Holding what is not there any more.
    lesson_gone(lesson) {
        en: "lesson {lesson} is not on this box any more",
        zh: "课 {lesson} 已不在本机"
    }
    /// A reason that cannot be kept.
    bad_reason() {
        en: "give a reason of 1 to 200 characters in one line",
        zh: "请写明原因，1 到 200 个字，不要换行"
    }
    /// A lesson was deleted.
    deletion_done(lesson) {
        en: "lesson {lesson} is deleted; the archives follow as soon as they are reached",
        zh: "课 {lesson} 已按申请删除；存储处连上后会一并删除"
    }
    /// A deletion was asked for.
    deletion_requested(lesson) {
        en: "asked to delete lesson {lesson}; an administrator decides, after 7 days at the earliest",
        zh: "已申请删除课 {lesson}，满7天后由管理员处理"
    }
    /// A request was taken back.
    deletion_taken_back(lesson) {
        en: "lesson {lesson} stays; the request to delete it is withdrawn",
        zh: "课 {lesson} 保留，删除申请已撤回"
    }
    /// A hold was put on a lesson.
    hold_set(lesson) {
        en: "lesson {lesson} is held: nobody can delete it until it is released",
        zh: "课 {lesson} 已封存，解除之前谁也不能删除"
    }
    /// A hold was ended.
    hold_ended(lesson) { en: "lesson {lesson} is not held any more", zh: "课 {lesson} 已解除封存" }
    /// In a list: somebody wants it deleted.
    entry_requested(by, at, reason) {
        en: "deletion asked for by {by} on {at}: {reason}",
        zh: "申请删除：{by}，{at}，{reason}"
    }
    /// In a list: it is held.
    entry_held(by, since, reason) {
        en: "held by {by} since {since}: {reason}",
        zh: "封存：{by}，{since}，{reason}"
    }
    /// In a list: it was deleted.
    entry_deleted(by, at, reason) {
        en: "deleted on request by {by} on {at}: {reason}",
        zh: "按申请删除：{by}，{at}，{reason}"
    }
    /// In a list: retention let it go.
    entry_let_go(at, reason) {
        en: "let go from this box on {at}: {reason}",
        zh: "已按保留规则从本机清理：{at}（{reason}）"
    }

    // ---- the configuration file ----

    /// The file is in another encoding.
    config_not_utf8() {
        en: "the file is not UTF-8 text from here on",
        zh: "从这里起不是 UTF-8 文本"
    }
    /// Remedy of [`config_not_utf8`].
    config_not_utf8_remedy() {
        en: "save the file as UTF-8 (not GBK) and try again",
        zh: "请把文件另存为 UTF-8 编码（不要用 GBK）再试"
    }
    /// TOML that cannot be read.
    config_syntax(detail) {
        en: "this is not TOML: {detail}",
        zh: "这里不符合 TOML 写法：{detail}"
    }
    /// Remedy of [`config_syntax`].
    config_syntax_remedy() {
        en: "write `key = value`; texts stand in double quotes, tables in [brackets]",
        zh: "按“键 = 值”书写；文字加英文双引号，表名加方括号"
    }
    /// A table that a later version acts on.
    config_table_later(table) {
        en: "[{table}] is accepted, but this version does not act on it yet",
        zh: "[{table}] 写法没错，但这个版本还不会用到它"
    }
    /// Remedy of [`config_table_later`].
    config_table_later_remedy() {
        en: "nothing to do; it takes effect after an update",
        zh: "不用处理，升级后自动生效"
    }
    /// No `[device]`.
    config_no_device() {
        en: "there is no [device] table, so the box has no identity",
        zh: "缺少 [device]，盒子没有编号"
    }
    /// Remedy of [`config_no_device`].
    config_no_device_remedy() {
        en: "add [device] with id = \"the asset number on the box\"",
        zh: "加上 [device]，并写 id = \"盒子上的资产编号\""
    }
    /// No `[[source]]`.
    config_no_source() {
        en: "there is no [[source]], so there is nothing to record",
        zh: "缺少 [[source]]，没有可录的画面和声音"
    }
    /// Remedy of [`config_no_source`].
    config_no_source_remedy() {
        en: "add a [[source]] with name, role and uri, for example uri = \"auto\"",
        zh: "加上 [[source]]，写明 name、role、uri，例如 uri = \"auto\""
    }
    /// A required key is absent.
    config_key_missing(table, key) {
        en: "{table} lacks `{key}`",
        zh: "{table} 缺少 `{key}`"
    }
    /// Remedy of [`config_key_missing`].
    config_key_missing_remedy(table, key) {
        en: "add a line `{key} = …` below {table}",
        zh: "在 {table} 下面加一行 `{key} = …`"
    }
    /// A key that nothing reads.
    config_key_unknown(table, key) {
        en: "{table} has no key `{key}`",
        zh: "{table} 没有 `{key}` 这个键"
    }
    /// Remedy of [`config_key_unknown`] when one known key is close.
    config_key_unknown_nearest(known) {
        en: "did you mean `{known}`?",
        zh: "是不是想写 `{known}`？"
    }
    /// Remedy of [`config_key_unknown`] otherwise.
    config_key_unknown_list(known) {
        en: "known here are: {known}",
        zh: "这里可以写：{known}"
    }
    /// An empty text.
    config_empty() { en: "the text is empty", zh: "内容为空" }
    /// Remedy of [`config_empty`].
    config_empty_remedy() { en: "fill it in, or remove the line", zh: "请填写，或删掉这一行" }
    /// A value of the wrong type.
    config_type(found) {
        en: "a value of type {found} cannot stand here",
        zh: "这里不能写 {found} 类型的值"
    }
    /// Remedy of [`config_type`].
    config_type_remedy(example) {
        en: "write it like this: {example}",
        zh: "请写成这样：{example}"
    }
    /// A number out of range.
    config_range(found) { en: "{found} is out of range", zh: "{found} 超出范围" }
    /// Remedy of [`config_range`].
    config_range_remedy(low, high) {
        en: "a whole number from {low} to {high}",
        zh: "请写 {low} 到 {high} 的整数"
    }
    /// An odd picture size.
    config_odd(found) {
        en: "{found} is odd; colour is stored per two pixels, so sizes are even",
        zh: "{found} 是奇数；画面尺寸必须是偶数"
    }
    /// Remedy of [`config_odd`].
    config_odd_remedy(even) { en: "for example {even}", zh: "例如 {even}" }
    /// A name or id with characters that cannot stand in a path.
    config_id(found) {
        en: "`{found}` cannot be a name here: names become folders and topics",
        zh: "`{found}` 不能作名称：名称会用作文件夹名和主题名"
    }
    /// Remedy of [`config_id`].
    config_id_remedy() {
        en: "1 to 64 letters, digits, `-`, `_`, `.`; write Chinese names into `place`",
        zh: "用 1–64 个英文字母、数字、`-`、`_`、`.`；中文名称请写在 place"
    }
    /// A language that the box does not speak.
    config_language(found) { en: "no messages in `{found}`", zh: "没有 `{found}` 的文字" }
    /// Remedy of [`config_language`].
    config_language_remedy() { en: "\"zh-CN\" or \"en\"", zh: "请写 \"zh-CN\" 或 \"en\"" }
    /// A time zone that does not exist.
    config_time_zone(found) { en: "there is no time zone `{found}`", zh: "没有 `{found}` 这个时区" }
    /// Remedy of [`config_time_zone`].
    config_time_zone_remedy() {
        en: "an IANA name, for example \"Asia/Shanghai\"",
        zh: "请写 IANA 时区名，例如 \"Asia/Shanghai\""
    }
    /// A role that does not exist.
    config_role(found) { en: "there is no role `{found}`", zh: "没有 `{found}` 这种角色" }
    /// Remedy of [`config_role`].
    config_role_remedy() {
        en: "board, camera, mic, or line (the board computer's own sound)",
        zh: "可写 board（大屏）、camera（摄像机）、mic（话筒）、line（大屏电脑声音）"
    }
    /// A sound source as board or camera.
    config_role_no_picture() {
        en: "this source has no picture, but its role needs one",
        zh: "这个来源没有画面，不能作大屏或摄像机"
    }
    /// A picture source as microphone or line.
    config_role_no_sound() {
        en: "this source has no sound, but its role needs it",
        zh: "这个来源没有声音，不能作话筒或大屏声音"
    }
    /// Remedy of both.
    config_role_mismatch_remedy() { en: "change the role or the uri", zh: "请改 role 或 uri" }
    /// A relative path.
    config_relative(path) {
        en: "`{path}` is relative, and a service has no folder of its own",
        zh: "`{path}` 是相对路径，服务程序无法确定它在哪里"
    }
    /// Remedy of [`config_relative`].
    config_relative_remedy() { en: "begin the path with `/`", zh: "请写以 `/` 开头的完整路径" }
    /// A size that cannot be read.
    config_size(found) { en: "`{found}` is not a size", zh: "`{found}` 不是容量" }
    /// A size too small for a lesson.
    config_size_small(found) {
        en: "{found} does not hold one lesson",
        zh: "{found} 连一节课都存不下"
    }
    /// Remedy of both.
    config_size_remedy() {
        en: "at least \"256MiB\", for example \"20GiB\"",
        zh: "至少 \"256MiB\"，例如 \"20GiB\""
    }
    /// Hours that are none.
    config_hours(found) { en: "`{found}` is no stretch of a day", zh: "`{found}` 不是时段" }
    /// Remedy of [`config_hours`].
    config_hours_remedy() {
        en: "write begin and end, for example \"12:00-13:30\" or, over midnight, \"18:00-06:00\"",
        zh: "请写起止时间，例如 \"12:00-13:30\"；跨夜写 \"18:00-06:00\""
    }
    /// A recovery key that is none.
    config_recovery() { en: "this is not a public key", zh: "这不是公钥" }
    /// Remedy of [`config_recovery`].
    config_recovery_remedy() {
        en: "64 hex digits of an X25519 public key; never write the secret one here",
        zh: "请写 X25519 公钥的 64 位十六进制数；千万不要写私钥"
    }
    /// A name used twice.
    config_name_twice(name) { en: "the name `{name}` is used twice", zh: "名称 `{name}` 用了两次" }
    /// Remedy of [`config_name_twice`].
    config_name_twice_remedy() { en: "give each its own name", zh: "请各用不同的名称" }
    /// A source URI of an unknown kind.
    uri_source(text) { en: "`{text}` is not a source", zh: "`{text}` 不是可用的来源" }
    /// A live URL of an unknown kind.
    uri_live(text) { en: "`{text}` is not a live target", zh: "`{text}` 不是可用的直播地址" }
    /// Remedy of the two before.
    uri_remedy(known) { en: "one of: {known}", zh: "可写：{known}" }
    /// A URL without host.
    uri_host(text) { en: "`{text}` names no host", zh: "`{text}` 里没有服务器地址" }
    /// A URL that cannot be read.
    uri_bad(text, detail) { en: "`{text}` is not a URL: {detail}", zh: "`{text}` 不是网址：{detail}" }
    /// Remedy of both.
    uri_host_remedy() {
        en: "for example \"rtmp://live.example.cn/app/room3\"; IPv6 addresses stand in [ ]",
        zh: "例如 \"rtmp://live.example.cn/app/room3\"；IPv6 地址要加方括号"
    }
    /// An SRT URL without port.
    uri_port(text) { en: "`{text}` names no port", zh: "`{text}` 里没有端口号" }
    /// Remedy of [`uri_port`].
    uri_port_remedy() {
        en: "SRT has no usual port: write it, for example \"srt://live.example.cn:10080\"",
        zh: "SRT 没有默认端口，请写明，例如 \"srt://live.example.cn:10080\""
    }

    /// How many mistakes there are.
    config_mistakes(count) { en: "{count} mistake(s) to put right", zh: "共 {count} 处要改" }
    /// A configuration without mistakes.
    config_fine(path) { en: "{path}: no mistakes", zh: "{path}：没有错误" }
    /// A file that cannot be read.
    config_unreadable(path, cause) {
        en: "cannot read {path}: {cause}; check the path and its permissions",
        zh: "读不了 {path}：{cause}；请检查路径和权限"
    }

    // ---- answers to commands ----

    /// The daemon ends.
    stopping() {
        en: "the box is stopping; try again in a minute",
        zh: "盒子正在关闭，请过一分钟再试"
    }
    /// Somebody who may only look.
    not_allowed() {
        en: "this account may only look; ask a teacher or an administrator",
        zh: "这个账号只能查看，请让任课老师或管理员操作"
    }
    /// A request that cannot be read.
    bad_request(detail) {
        en: "the request cannot be understood: {detail}",
        zh: "请求有误：{detail}"
    }
    /// A length out of range.
    bad_minutes(found) {
        en: "{found} minutes: a lesson takes 1 to 720 minutes",
        zh: "{found} 分钟不行：一节课可设 1–720 分钟"
    }
    /// A title that cannot be shown.
    bad_title() {
        en: "the title must have 1 to 120 characters on one line",
        zh: "课名请写 1–120 个字，不能换行"
    }
    /// A lesson that is not here.
    no_such_lesson(lesson) {
        en: "there is no lesson {lesson} on this box; `lecternctl lessons` lists them",
        zh: "盒子里没有编号为 {lesson} 的课；用 lecternctl lessons 查看有哪些"
    }
    /// A file that a lesson does not have, or has no more.
    no_such_file(path) {
        en: "the lesson has no file {path} on this box (any more); look in the archive",
        zh: "盒子里没有（或已清理）文件 {path}，请到存储里找"
    }
    /// The disk does not answer.
    spool_unreadable(cause) {
        en: "the buffer on the disk cannot be read: {cause}",
        zh: "本机缓存读不出来：{cause}"
    }
    /// Where a trial can be watched.
    where_to_watch(live, folder) {
        en: "On air. Watch: {live}   Recording: {folder}   End: Ctrl-C",
        zh: "正在直播。观看：{live}   录像保存在：{folder}   结束：按 Ctrl-C"
    }

    /// What a trial leaves behind.
    where_it_lies(folder) {
        en: "Ended. The recording is in {folder}; every lesson's folder plays from its index.m3u8.",
        zh: "已结束。录像在 {folder}，每节课的文件夹里打开 index.m3u8 即可播放。"
    }

    // ---- slates ----

    /// Instead of a camera's picture.
    slate_camera(name) { en: "No picture from {name}", zh: "摄像机没有画面（{name}）" }
    /// Instead of the board.
    slate_board(name) { en: "No signal from {name}", zh: "没收到大屏画面（{name}）" }

    /// Instead of everything, while the privacy shutter is closed.
    slate_shutter() { en: "Privacy shutter", zh: "画面已屏蔽" }

    // ---- faults: what it means for the lesson, then one thing to do ----

    /// `pipeline.restarting`
    record_silent(seconds) {
        en: "Nothing has been recorded for {seconds} s. The box is restarting the record by itself; what is missing will be marked.",
        zh: "已有 {seconds} 秒没有录上。盒子正在自动重启录制，缺录的部分会标明。"
    }
    /// Hint of `pipeline.restarting`.
    record_silent_hint() {
        en: "Wait a minute; if it lasts, switch the box off and on.",
        zh: "等一分钟；还不好，请给盒子断电重启。"
    }
    /// `camera.lost`
    camera_lost() {
        en: "No picture from the camera: its power or network cable came loose. The board and the sound are recorded as usual.",
        zh: "摄像机没有画面：断电或网线松了。大屏和声音照常录制。"
    }
    /// Hint of `camera.lost`.
    camera_lost_hint() {
        en: "Look at the camera's light: dark, check its power; lit, check its cable. It comes back by itself.",
        zh: "看摄像机指示灯：不亮查电源，亮着查网线；接好后自动恢复，不用重启。"
    }
    /// `board.no_signal`
    board_no_signal() {
        en: "No picture from the board: the board or its computer is off, or the HDMI cable came loose.",
        zh: "没收到大屏画面：大屏或 OPS 没开机，或 HDMI 线松了。"
    }
    /// Hint of `board.no_signal`.
    board_no_signal_hint() {
        en: "Switch the board on; if it is on, plug the HDMI cable in again.",
        zh: "先开大屏；已开机就重插盒子上的 HDMI 线。"
    }
    /// `mic.lost`
    mic_lost() {
        en: "No sound arrives: the microphone's receiver or cable came loose. The picture is recorded as usual.",
        zh: "收不到声音：话筒接收器或音频线松了。画面照常录制。"
    }
    /// Hint of `mic.lost`.
    mic_lost_hint() {
        en: "Plug the receiver in again and say two sentences.",
        zh: "重插话筒接收器或音频线，说两句试试。"
    }
    /// `live.refused`
    live_refused() {
        en: "The live platform does not take the broadcast. The recording is not affected.",
        zh: "直播平台连不上或拒绝连接。录像不受影响。"
    }
    /// Hint of `live.refused`.
    live_refused_hint() {
        en: "It is tried again by itself; if it lasts, ask the district for a new push address.",
        zh: "会自动重连；一直不好，请向区电教馆要新的推流地址。"
    }
    /// `live.stalled`
    live_stalled() {
        en: "The live platform is connected but takes nothing. The recording is not affected.",
        zh: "直播平台连着但不收数据。录像不受影响。"
    }
    /// Hint of `live.stalled`.
    live_stalled_hint() {
        en: "Nothing to do: the box reconnects by itself. If it happens daily, tell the platform.",
        zh: "不用操作，盒子会自动重连；若每天如此，请联系直播平台。"
    }
    /// `archive.unreachable`
    archive_unreachable(minutes) {
        en: "Recordings cannot be uploaded for now: the store does not answer, or its folder cannot be written. They are safe on this box; {minutes} min are waiting.",
        zh: "录像暂时传不上去：存储服务器连不上，或存储文件夹打不开（U盘拔了、没有写权限）。已存本机，还有约 {minutes} 分钟没传。"
    }
    /// Hint of `archive.unreachable`.
    archive_unreachable_hint() {
        en: "It usually mends itself; after a day call the administrator. Do not unplug or move the box.",
        zh: "通常自动恢复；超过一天请联系管理员，不要断电搬走盒子。"
    }
    /// `spool.filling`
    spool_filling(minutes) {
        en: "The box is almost full: recordings pile up, about {minutes} min still fit.",
        zh: "本机空间快满了：录像积压，还能录约 {minutes} 分钟。"
    }
    /// Fault `spool.full`: nothing fits any more.
    spool_full() {
        en: "The box is full: the lesson cannot be recorded any more.",
        zh: "本机空间已满，课录不进去了。"
    }
    /// Hint of `spool.full`.
    spool_full_hint() {
        en: "Bring the network back so that recordings are uploaded, or delete lessons that nobody needs.",
        zh: "恢复网络让录像传走，或请管理员删除不用的课。"
    }
    /// Fault `spool.full`: lessons were given up.
    spool_made_way(count) {
        en: "The box was full: {count} lessons were given up before they were uploaded.",
        zh: "本机空间满了：〔{count}〕节课没来得及上传，已按设置腾出空间。"
    }
    /// Hint of `spool_made_way`.
    spool_made_way_hint() {
        en: "Bring the network back; `lecternctl lessons` shows which lessons are missing.",
        zh: "请尽快恢复网络；缺了哪几节课，可在课程列表里查看。"
    }
    /// Fault `spool.damaged`, and why a deletion is refused: decisions cannot be read.
    decisions_unreadable(path) {
        en: "Holds and deletions that were decided cannot be read ({path}); until that is mended no lesson is deleted.",
        zh: "封存、删除的记录读不出来了（{path}），修好之前不会删除任何课；录课和上传不受影响。"
    }
    /// Hint of `decisions_unreadable`.
    decisions_unreadable_hint() {
        en: "Put a good copy of decisions.jsonl in its place; or, when no lesson is on hold, take that file away. Then restart the box.",
        zh: "请把备份的 decisions.jsonl 放回原处；确认没有封存的课时，也可以移走这个文件。然后重启盒子。"
    }
    /// Hint of `spool.filling`.
    spool_filling_hint() {
        en: "Look whether the network is down, or export to a USB stick.",
        zh: "查网络是否断了，或插U盘导出。"
    }

    // ---- the command line ----

    /// Nobody answers on the control socket.
    daemon_unreachable(socket, cause) {
        en: "lecternd does not answer on {socket} ({cause}); is it running, and is --socket right?",
        zh: "连不上 lecternd（{socket}：{cause}）；请确认它在运行、--socket 写对了"
    }
    /// An answer that cannot be read.
    bad_answer(cause) {
        en: "the answer of lecternd cannot be understood ({cause}); are both of the same version?",
        zh: "看不懂 lecternd 的回答（{cause}）；两边版本一样吗？"
    }
    /// Not an id.
    not_a_lesson_id(text) {
        en: "`{text}` is no lesson's id; `lecternctl lessons` lists them",
        zh: "`{text}` 不是课的编号；用 lecternctl lessons 查看"
    }
    /// Not a track's name.
    not_a_track(text) {
        en: "`{text}` is no track's name; `lecternctl lesson show ID` lists them",
        zh: "`{text}` 不是音视频轨的名称；用 lecternctl lesson show 查看"
    }
    /// An archive or the box could not be read.
    store_failed(cause) { en: "{cause}", zh: "读取失败：{cause}" }
    /// An export ended early.
    export_failed(cause) { en: "the export failed: {cause}", zh: "导出失败：{cause}" }
    /// A recovery could not be carried out.
    recovery_failed(cause) { en: "the recovery failed: {cause}", zh: "恢复失败：{cause}" }
    /// A file for a new key exists already.
    key_exists(path) {
        en: "{path} exists and is not overwritten: lessons may depend on it; choose another file",
        zh: "{path} 已经存在，可能还有课要靠它恢复，不会覆盖；请换一个文件名"
    }
    /// A key could not be written.
    key_not_written(path, cause) {
        en: "the key could not be written to {path}: {cause}",
        zh: "密钥没能写入 {path}：{cause}"
    }
    /// A key could not be read.
    key_not_read(path, cause) {
        en: "no key could be read from {path}: {cause}",
        zh: "没能从 {path} 读出密钥：{cause}"
    }
    /// A pair of keys was made.
    key_made(path, public) {
        en: "the private key is in {path}; keep it away from the box. The public key, for the box's configuration: {public}",
        zh: "私钥已存入 {path}，请另行保管，不要留在录课盒里。公钥请填入录课盒的配置：{public}"
    }
    /// One lesson was recovered.
    lesson_recovered(title, id, fragments, folder) {
        en: "\"{title}\" ({id}): {fragments} fragments, in {folder}",
        zh: "《{title}》（{id}）：恢复了 {fragments} 个片段，在 {folder}"
    }
    /// Something could not be recovered.
    not_recovered(what) { en: "lost: {what}", zh: "没能恢复：{what}" }
    /// A folder holds no lesson.
    nothing_to_recover() {
        en: "this folder holds no lesson; give the spool's own folder, the one with `segments` in it",
        zh: "这个文件夹里没有课；请指定暂存区的文件夹（里面有 segments 的那一个）"
    }
    /// A lesson has begun.
    lesson_started(lesson) { en: "lesson {lesson} is on air", zh: "课 {lesson} 已开始" }
    /// A lesson has ended.
    lesson_stopped(lesson) {
        en: "lesson {lesson} has ended; its last seconds are being written",
        zh: "课 {lesson} 已结束，正在写入最后几秒"
    }
    /// There are no lessons.
    no_lessons() { en: "no lessons yet", zh: "还没有录过课" }
    /// The box and where it stands.
    status_box(id, place, version) {
        en: "Box      {id}  {place}  (version {version})",
        zh: "盒子　　{id}　{place}　（版本 {version}）"
    }
    /// Nothing runs.
    status_idle() { en: "Lesson   none", zh: "上课　　现在没有课" }
    /// What runs.
    status_lesson(title, state, recorded, gap) {
        en: "Lesson   {title}  {state}, recorded {recorded}{gap}",
        zh: "上课　　{title}　{state}，已录 {recorded}{gap}"
    }
    /// A part of [`status_lesson`].
    status_gap(gap) { en: ", missing {gap}", zh: "，缺录 {gap}" }
    /// Which box.
    identity_device(id) { en: "Box         {id}", zh: "盒子编号　{id}" }
    /// By what its signature is known.
    identity_key(key) { en: "Public key  {key}", zh: "签名公钥　{key}" }
    /// One source.
    status_source(name, role, state) {
        en: "Source   {name} ({role}): {state}",
        zh: "来源　　{name}（{role}）：{state}"
    }
    /// One live target.
    status_live(name, state, kbps) {
        en: "Live     {name}: {state}, {kbps} kbit/s",
        zh: "直播　　{name}：{state}，{kbps} kbit/s"
    }
    /// One archive.
    status_archive(name, state, pending) {
        en: "Archive  {name}: {state}, {pending}",
        zh: "存储　　{name}：{state}，{pending}"
    }
    /// An archive has everything there is.
    pending_nothing() { en: "nothing to go", zh: "没有待传" }
    /// The disk.
    spool_used(used, quota) { en: "Used     {used} of {quota}", zh: "已用　　{used}，共 {quota}" }
    /// What is left.
    spool_free(free, hours) {
        en: "Free     {free}, room for {hours}",
        zh: "可用　　{free}，还能录 {hours}"
    }
    /// What can be let go when room is needed.
    spool_reclaimable(bytes) {
        en: "         {bytes} of it are archived lessons that may go",
        zh: "　　　　其中 {bytes} 是已存好、可以腾出的课"
    }
    /// What an archive lacks still.
    spool_pending(archive, duration, bytes) {
        en: "Pending  {archive}: {duration}, {bytes}",
        zh: "待补传　{archive}：{duration}，{bytes}"
    }
    /// A lesson that is held.
    spool_held(lesson) { en: "Held     {lesson}", zh: "封存　　{lesson}" }
    /// The ballast is there.
    spool_ballast(bytes) { en: "Ballast  {bytes} in reserve", zh: "应急　　预留 {bytes}" }
    /// The ballast was given up.
    spool_no_ballast() {
        en: "Ballast  GIVEN UP: the disk is or was full",
        zh: "应急　　预留空间已用掉：硬盘满过"
    }
    /// A lesson that made way.
    spool_discarded(lesson, at) {
        en: "LOST     {lesson}, given up on {at} before it was uploaded",
        zh: "缺录　　{lesson}，{at} 没上传就腾了空间"
    }
    /// How long the disk lasts.
    status_spool(free) { en: "Disk     room for {free}", zh: "本机　　还能录 {free}" }
    /// One fault.
    status_fault(text, hint, code) {
        en: "FAULT    {text}\n         → {hint}  [{code}]",
        zh: "故障　　{text}\n　　　　→ {hint}　[{code}]"
    }
    /// No faults.
    status_no_faults() { en: "Faults   none", zh: "故障　　无" }
    /// A complete copy.
    check_fine(place, fragments, recorded, gap) {
        en: "{place}: complete, {fragments} fragments, {recorded}{gap}",
        zh: "{place}：完整，{fragments} 个片段，{recorded}{gap}"
    }
    /// An incomplete copy.
    check_bad(place, count) { en: "{place}: {count} problem(s)", zh: "{place}：有 {count} 处问题" }
    /// A file that was written.
    wrote(file) { en: "wrote {file}", zh: "已写入 {file}" }
    /// Something that is not in it.
    flaw(what) { en: "not complete: {what}", zh: "不完整：{what}" }

    /// Nothing was recorded, and the manifest says so.
    check_empty(place) { en: "{place}: nothing was recorded", zh: "{place}：什么都没录上" }

    // ---- why there is a gap ----

    /// `not_running`
    gap_not_running() { en: "the box was not running", zh: "盒子没有运行（断电或重启）" }
    /// `pipeline_restarted`
    gap_restarted() { en: "the record was restarted", zh: "录制中断后自动重启" }
    /// `spool_too_slow`
    gap_too_slow() { en: "the disk was too slow", zh: "本机硬盘太慢" }
    /// `spool_refused`
    gap_refused() { en: "the disk was full or failed", zh: "本机存不下或硬盘出错" }
    /// `overload`
    gap_overload() { en: "the processor was too busy for the picture; the sound is there", zh: "机器太忙，丢了画面，声音还在" }
    /// `damaged`
    gap_damaged() { en: "damaged on the disk", zh: "硬盘上的录像损坏" }
    /// `made_way`
    gap_made_way() { en: "let go before it was uploaded, because the disk was full", zh: "硬盘已满，还没上传就按设置腾出了空间" }
    /// `shutter`
    gap_shutter() { en: "the privacy shutter was on", zh: "已按要求屏蔽画面和声音" }
    /// `joined_late`
    gap_joined_late() { en: "joined after the bell", zh: "上课铃响时盒子还没准备好，后来才接上" }
}
