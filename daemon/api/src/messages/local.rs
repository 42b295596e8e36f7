//! What is changed from afar: `local.toml`, and why a setting is refused.

use std::fmt::Display;

use crate::Text;

messages! {
    /// A key that `local.toml` may not hold.
    local_key(table, key) {
        en: "`{table}.{key}` cannot be set here",
        zh: "这里不能设置 {table}.{key}"
    }
    /// Remedy of [`local_key`].
    local_key_remedy(table, key) {
        en: "take it out; `{key}` of [{table}] belongs in lectern.toml",
        zh: "请删掉；[{table}] 的 {key} 要写在 lectern.toml 里"
    }
    /// A target or store without a name.
    local_no_name(kind) { en: "[[{kind}]] lacks `name`", zh: "[[{kind}]] 缺少 name" }
    /// Remedy of [`local_no_name`].
    local_no_name_remedy(kind) {
        en: "write the name of a [[{kind}]] of lectern.toml",
        zh: "请写 lectern.toml 里某个 [[{kind}]] 的 name"
    }
    /// A target or store that is not there.
    local_nobody(kind, name) {
        en: "lectern.toml has no [[{kind}]] `{name}`",
        zh: "lectern.toml 里没有名为 {name} 的 [[{kind}]]"
    }
    /// Remedy of [`local_nobody`].
    local_nobody_remedy(kind) {
        en: "a [[{kind}]] is added in lectern.toml only; take this one out, or mend its name",
        zh: "新的 [[{kind}]] 只能加在 lectern.toml 里；请删掉这一段，或改对名字"
    }
    /// A file that was set aside, in the log.
    local_set_aside(path) {
        en: "{path} cannot be used and was set aside; the box runs with lectern.toml alone",
        zh: "{path} 有错，已移到一边；盒子只按 lectern.toml 运行"
    }
    /// Fault `config.rejected`: a file that was set aside at the start.
    local_rejected(path, cause) {
        en: "Settings that were changed from afar are not in force: their file has a mistake ({cause}) and was set aside as {path}. Lessons are recorded as lectern.toml says.",
        zh: "远程改过的设置没有生效：设置文件有错（{cause}），已移到 {path}。盒子按 lectern.toml 的设置照常录课。"
    }
    /// Hint of [`local_rejected`].
    local_rejected_hint() {
        en: "Make the change again from the platform; or mend that file, name it local.toml again, and restart the box.",
        zh: "请在平台上重新改一次设置；或改好这个文件，改回 local.toml 这个名字，再重启盒子。"
    }
    /// Fault `config.rejected`: `local.toml` as it lies there now.
    local_mistaken(path, cause) {
        en: "Settings that were changed from afar cannot be used: {path} has a mistake ({cause}). From the next start on they no longer count; lessons are recorded as lectern.toml says.",
        zh: "远程改过的设置不能用：{path} 有错（{cause}）。下次启动起这些设置不再生效，盒子按 lectern.toml 照常录课。"
    }
    /// Hint of [`local_mistaken`].
    local_mistaken_hint(path, config) {
        en: "Mend {path}, or take it away; `lecternd check --config {config}` shows each mistake.",
        zh: "请改好 {path}，或移走它；运行 lecternd check --config {config} 可看到每一处错误。"
    }
    /// Fault `config.rejected`: `lectern.toml` as it lies there now.
    main_rejected(path, cause) {
        en: "The box will not start again: {path} has a mistake ({cause}). Until it is switched off, it goes on with the former configuration.",
        zh: "盒子下次开机会启动不了，课也录不上：{path} 有错（{cause}）。断电或重启之前，仍按原来的配置工作。"
    }
    /// Hint of [`main_rejected`].
    main_rejected_hint(path) {
        en: "Mend it before the box is switched off; `lecternd check --config {path}` shows each mistake.",
        zh: "请在断电前改好；运行 lecternd check --config {path} 可看到每一处错误。"
    }
    /// A mistake and where it stands.
    config_cause_at(cause, line) { en: "line {line}: {cause}", zh: "第 {line} 行：{cause}" }
    /// Which file a value came from: a heading.
    local_merged(path) {
        en: "{path} counts over it; together they say:",
        zh: "{path} 优先；合在一起是："
    }
    /// A setting that there is not, or that nobody may know.
    setting_unknown(key) {
        en: "`{key}` is no setting that can be read or changed from afar",
        zh: "{key} 不能远程查看或修改"
    }
    /// The same, with what was most likely meant.
    setting_unknown_nearest(key, known) {
        en: "`{key}` is no setting that can be read or changed from afar; did you mean `{known}`?",
        zh: "{key} 不能远程查看或修改；是不是想写 {known}？"
    }
    /// A setting that may hold a secret.
    setting_untold(key) {
        en: "`{key}` may hold a secret and is never told",
        zh: "{key} 可能含有密钥，不提供查看"
    }
    /// A setting that the configuration does not allow to be changed.
    setting_forbidden(key, name) {
        en: "`{key}` may not be changed from afar; add \"{name}\" to `[mqtt] settings` in lectern.toml",
        zh: "不允许远程修改 {key}；需要的话，请在 lectern.toml 的 [mqtt] settings 里加上 \"{name}\""
    }
    /// A value that is not TOML.
    setting_value(key, detail) {
        en: "`{key}`: the value is not TOML ({detail}); texts stand in double quotes",
        zh: "{key} 的值不符合 TOML 写法（{detail}）；文字要加英文双引号"
    }
    /// A setting that would be a mistake.
    setting_mistake(key, cause, remedy) { en: "`{key}`: {cause}; {remedy}", zh: "{key}：{cause}；{remedy}" }
    /// The file on the box that has mistakes of its own.
    setting_box(cause) {
        en: "the configuration on the box cannot be used: {cause}; mend it there first",
        zh: "盒子上的配置文件有错：{cause}；请先在盒子上改好"
    }
    /// A disk that does not take the change.
    setting_disk(cause) {
        en: "the change cannot be written ({cause}); nothing has changed",
        zh: "写不进磁盘（{cause}），没有改动任何设置"
    }
    /// A key of `[mqtt] settings` that there is not.
    config_mqtt_setting(found) { en: "there is no setting `{found}`", zh: "没有设置项“{found}”" }
    /// A restart that would interrupt a lesson.
    restart_in_lesson() {
        en: "a lesson runs or is about to begin; ask again afterwards, or with `force`",
        zh: "正在上课或马上要上课；请下课后再试，确需重启请加 force"
    }
    /// A restart that was asked for and did not come.
    restart_stuck() {
        en: "the daemon did not end in time; it is still running",
        zh: "程序没能按时退出，仍在运行"
    }
    /// A reboot that the privileged helper does not carry out.
    reboot_refused(why) {
        en: "the machine is not rebooted: {why}",
        zh: "没能重启整机：{why}"
    }
    /// A log that nobody can change.
    log_fixed() {
        en: "the log of this start cannot be changed",
        zh: "这次启动的日志级别不能修改"
    }
}
