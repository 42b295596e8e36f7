//! The configuration and the daemon.

use std::fmt::Display;

use crate::Text;

messages! {
    // ---- the configuration ----

    /// It has no mistakes.
    config_fine(path) { en: "{path}: no mistakes", zh: "{path}：没有错误" }
    /// One mistake.
    config_mistake(path, line, cause) { en: "{path}, line {line}: {cause}", zh: "{path} 第 {line} 行：{cause}" }
    /// More mistakes than are shown.
    config_more(count) { en: "and {count} more mistakes", zh: "还有 {count} 处错误" }
    /// Hint of [`config_more`].
    config_more_hint(path) {
        en: "lecternd check --config {path} shows all of them",
        zh: "运行 lecternd check --config {path} 查看全部"
    }
    /// It cannot be read.
    config_unread(path, cause) { en: "{path} cannot be read: {cause}", zh: "读不出配置 {path}：{cause}" }
    /// Hint of [`config_unread`].
    config_unread_hint() {
        en: "Look whether the file is there and may be read; or name another one with --config.",
        zh: "看文件在不在、有没有读权限；文件在别处就用 --config 指定。"
    }
    /// Nobody can check it.
    config_unchecked(cause) {
        en: "lecternd cannot be asked to check it: {cause}",
        zh: "没能让 lecternd 检查配置：{cause}"
    }
    /// Hint of [`config_unchecked`].
    config_unchecked_hint() {
        en: "Install lecternd again; its program is missing or broken.",
        zh: "请重装 lecternd，程序丢失或损坏。"
    }
    // ---- the daemon ----

    /// It answers.
    daemon_answers(version, socket) {
        en: "lecternd {version} answers on {socket}",
        zh: "lecternd {version} 正常应答（{socket}）"
    }
    /// It runs and does not answer.
    daemon_stuck(pid) {
        en: "lecternd runs (process {pid}) and does not answer",
        zh: "lecternd 在运行（进程 {pid}）但没有应答"
    }
    /// Hint of [`daemon_stuck`].
    daemon_stuck_hint() {
        en: "Make a bundle (lecternctl bundle OUT), then restart it: systemctl restart lecternd",
        zh: "先打诊断包（lecternctl bundle 文件名），再重启：systemctl restart lecternd"
    }
    /// It runs and has another socket.
    daemon_elsewhere(pid, socket) {
        en: "lecternd runs (process {pid}), but not on {socket}",
        zh: "lecternd 在运行（进程 {pid}），但不在 {socket}"
    }
    /// Hint of [`daemon_elsewhere`].
    daemon_elsewhere_hint() {
        en: "Give --socket as [control] socket of the configuration says.",
        zh: "请按配置里 [control] socket 的值填写 --socket。"
    }
    /// This user may not ask it.
    daemon_denied(socket) {
        en: "this user may not speak to lecternd on {socket}",
        zh: "当前用户无权访问 {socket}"
    }
    /// Hint of [`daemon_denied`].
    daemon_denied_hint() {
        en: "Run it as root (sudo lecternctl doctor).",
        zh: "请用 root 运行（sudo lecternctl doctor）。"
    }
    /// It does not run, and nothing more is known.
    daemon_down() { en: "lecternd is not running", zh: "lecternd 没有运行" }
    /// Hint of [`daemon_down`].
    daemon_down_hint() { en: "Start it: systemctl start lecternd", zh: "启动它：systemctl start lecternd" }
    /// Hint of [`daemon_down`] without systemd.
    daemon_down_by_hand_hint(config) {
        en: "Start it: lecternd run --config {config}",
        zh: "启动它：lecternd run --config {config}"
    }
    /// Somebody has stopped it.
    daemon_stopped() { en: "lecternd was stopped and not started again", zh: "lecternd 被停掉了，没有再启动" }
    /// It is being started.
    daemon_starting() { en: "lecternd is being started", zh: "lecternd 正在启动" }
    /// Hint of [`daemon_starting`].
    daemon_starting_hint() { en: "Wait half a minute and ask again.", zh: "等半分钟再查一次。" }
    /// It ended by itself.
    daemon_ended(how) { en: "lecternd is not running: it ended {how}", zh: "lecternd 没有运行：{how}" }
    /// A part of [`daemon_ended`].
    ended_with(code) { en: "with exit code {code}", zh: "退出码 {code}" }
    /// A part of [`daemon_ended`].
    ended_by(signal) { en: "by signal {signal}", zh: "被信号 {signal} 终止" }
    /// A part of [`daemon_ended`].
    ended_so(result) { en: "({result})", zh: "（{result}）" }
    /// systemd does not know it.
    daemon_no_unit() {
        en: "lecternd is not running, and systemd has no service lecternd",
        zh: "lecternd 没有运行，系统里也没有 lecternd 服务"
    }
    /// Hint of [`daemon_ended`] when the configuration has mistakes.
    daemon_config_hint() {
        en: "Mend the configuration (config.file), then: systemctl restart lecternd",
        zh: "先改好配置（见 config.file），再运行 systemctl restart lecternd"
    }
    /// Hint of [`daemon_ended`].
    daemon_ended_hint() {
        en: "The last lines of its log say why; then: systemctl restart lecternd",
        zh: "原因见下面日志最后几行；处理后运行 systemctl restart lecternd"
    }
    /// Units of the daemon that fail again and again.
    units_restarting(names) { en: "started again after failures: {names}", zh: "出错后自动重启过：{names}" }
    /// Hint of [`units_restarting`].
    units_restarting_hint() {
        en: "If the number grows, make a bundle (lecternctl bundle OUT) and send it in.",
        zh: "次数还在增加的话，请打诊断包（lecternctl bundle 文件名）上报。"
    }
    /// No unit has failed.
    units_fine(count) { en: "all {count} units run", zh: "{count} 个部件都在运行" }
    /// No fault is open.
    no_faults() { en: "no open faults", zh: "没有未恢复的故障" }
}
