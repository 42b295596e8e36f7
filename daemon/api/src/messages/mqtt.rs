//! The broker: its configuration, and why a command is refused.

use std::fmt::Display;

use crate::Text;

messages! {
    /// A command for which the time is over.
    command_late(until) {
        en: "the command came too late: it was wanted until {until}",
        zh: "命令来得太晚：有效期到 {until}"
    }
    /// A command that would be wanted for too long.
    command_too_long(hours) {
        en: "the command is wanted for too long: `valid_until` may lie {hours} h ahead at most",
        zh: "命令有效期太长：valid_until 最多在 {hours} 小时以后"
    }
    /// A command that cannot be judged, because nobody knows the time.
    command_no_time() {
        en: "the box does not know what time it is, so it cannot tell whether the command is still wanted; set its clock",
        zh: "盒子不知道现在几点，无法判断命令是否还有效；请先校时"
    }
    /// A command that cannot be understood.
    command_malformed(detail) {
        en: "the command cannot be understood: {detail}",
        zh: "命令看不懂：{detail}"
    }
    /// A command of a kind that this version does not know.
    command_unknown(kind) {
        en: "this version knows no command `{kind}`",
        zh: "本版本没有命令 {kind}"
    }
    /// A command that the configuration does not allow.
    command_forbidden(kind) {
        en: "the command `{kind}` is not allowed from the broker; add it to `[mqtt] commands` on the box",
        zh: "不允许从平台执行命令 {kind}；需要的话，请在盒子的 [mqtt] commands 里加上"
    }
    /// A command that was begun before the daemon ended.
    command_interrupted() {
        en: "the box was restarted while it carried the command out; look whether it was done, and ask again",
        zh: "执行中盒子重启了；请查看是否已完成，没有就重发"
    }
    /// A command that the disk does not take down.
    command_not_noted() {
        en: "the box cannot note the command on its disk, so it is not carried out: it might be done twice",
        zh: "盒子磁盘写不进去，为免重复执行，命令没有执行"
    }
    /// An examination beside too many others.
    command_busy() {
        en: "other examinations and bundles are under way; ask again in a few minutes",
        zh: "还有体检或诊断包命令没做完，请过几分钟再发"
    }
    /// A broker's URL that is none.
    config_mqtt_url(detail) { en: "{detail}", zh: "MQTT 地址不对：{detail}" }
    /// Remedy of [`config_mqtt_url`].
    config_mqtt_url_remedy() {
        en: "write \"mqtts://host\", \"wss://host/mqtt\" or \"mqtt://host\"; user and password go into the file of `credentials`",
        zh: "请写 \"mqtts://主机\"、\"wss://主机/mqtt\" 或 \"mqtt://主机\"；用户名和密码写进 credentials 的文件"
    }
    /// A root of topics that is none.
    config_mqtt_root(found) { en: "`{found}` is no root of topics", zh: "“{found}”不能作主题前缀" }
    /// Remedy of [`config_mqtt_root`].
    config_mqtt_root_remedy() {
        en: "write one to four names with `/` between them, such as \"te\"",
        zh: "请写一到四段名字，用 / 隔开，例如 \"te\""
    }
    /// A command that there is not.
    config_mqtt_command(found) { en: "there is no command `{found}`", zh: "没有命令“{found}”" }
    /// Remedy of [`config_mqtt_command`].
    config_mqtt_command_remedy(known) { en: "known are: {known}", zh: "可以写：{known}" }
    /// A proxy that a broker cannot be reached by.
    config_mqtt_proxy() {
        en: "a broker is reached through a proxy of plain HTTP only",
        zh: "MQTT 只能经 http:// 代理连接"
    }
    /// Remedy of [`config_mqtt_proxy`].
    config_mqtt_proxy_remedy() {
        en: "write \"http://host:port\", \"environment\" or \"none\"",
        zh: "请写 \"http://主机:端口\"、\"environment\" 或 \"none\""
    }
    /// A certificate of `[mqtt]` that cannot be read now.
    config_mqtt_certificate(detail) { en: "{detail}", zh: "证书文件现在读不出来：{detail}" }
    /// Remedy of [`config_mqtt_certificate`].
    config_mqtt_certificate_remedy() {
        en: "put the PEM file there; until then there is no connection to the broker",
        zh: "请放好 PEM 文件；在此之前连不上平台"
    }
}
