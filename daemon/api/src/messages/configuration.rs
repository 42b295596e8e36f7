//! Sentences about the configuration file: what is wrong, and the remedy.

use std::fmt::Display;

use crate::Text;

messages! {
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
    /// A place that no screen could show.
    config_place() {
        en: "a place has 120 characters at most, and none that cannot be seen",
        zh: "地点最多 120 个字，不能有看不见的字符"
    }
    /// Remedy of [`config_place`].
    config_place_remedy() { en: "write it as a person would say it", zh: "请按平时的叫法写，例如“三年级二班教室”" }
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
}
