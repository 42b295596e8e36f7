//! What the box has tried by itself, and which part may be needed.

use std::fmt::Display;

use crate::Text;

messages! {
    /// One step that was tried.
    fault_tried(at, what_en, what_zh, outcome_en, outcome_zh) {
        en: "tried {at}: {what_en}; {outcome_en}",
        zh: "已试 {at}：{what_zh}，{outcome_zh}"
    }
    /// Which part may be needed.
    fault_part(part_en, part_zh) {
        en: "may need a new part: {part_en}",
        zh: "可能要换配件：{part_zh}"
    }
    /// A source was opened anew.
    repair_restart_source() { en: "closed and opened the source", zh: "重新打开了画面或声音的来源" }
    /// A USB port was switched off and on.
    repair_replug() { en: "switched its USB port off and on", zh: "给它的USB口断电再通电（相当于重插）" }
    /// The next encoder was taken.
    repair_next_encoder() { en: "changed over to another encoder", zh: "换用了另一个编码器" }
    /// Another uplink was taken.
    repair_other_uplink() { en: "changed over to another network connection", zh: "换用了另一条上网线路" }
    /// Room was made.
    repair_free_room() { en: "let go of recordings that may go", zh: "清理了可以清理的录像" }
    /// The daemon began anew.
    repair_restart_daemon() { en: "restarted the recording program", zh: "重启了录播程序" }
    /// The machine began anew.
    repair_reboot() { en: "restarted the box", zh: "重启了盒子" }
    /// A step is under way.
    repair_running() { en: "under way", zh: "正在进行" }
    /// A step was carried out.
    repair_done() { en: "watching whether it helps", zh: "正在观察效果" }
    /// The fault was over after a step.
    repair_helped() { en: "then it was over", zh: "之后恢复了" }
    /// The fault was not over after a step.
    repair_no_help() { en: "no help", zh: "没有用" }
    /// A step could not be carried out.
    repair_failed() { en: "could not be done", zh: "没有做成" }
    /// Nobody can carry the step out on this box.
    repair_skipped() { en: "skipped: lectern-helper is not installed or not running", zh: "跳过：维护助手（lectern-helper）没有安装或没有运行" }
    /// The box ended in the middle of a step.
    repair_interrupted() { en: "interrupted", zh: "中途被打断" }
    /// A part.
    part_camera() { en: "camera", zh: "摄像机" }
    /// A part.
    part_cable() { en: "cable", zh: "线（网线或HDMI线）" }
    /// A part.
    part_microphone() { en: "microphone or its receiver", zh: "话筒或接收器" }
    /// A part.
    part_disk() { en: "disk", zh: "硬盘" }
    /// A part.
    part_power_supply() { en: "power supply or socket strip", zh: "电源适配器或插座" }
}
