//! Disks, keys, sources, clock, power and heat.

use std::fmt::Display;

use crate::Text;

messages! {
    // ---- disks ----

    /// There is room.
    room_fine(path, free) { en: "{path}: {free} free", zh: "{path}：剩余 {free}" }
    /// There is little room.
    room_little(path, free) { en: "{path}: only {free} free", zh: "{path}：只剩 {free}" }
    /// Hint of [`room_little`].
    room_hint() {
        en: "lecternctl spool shows what lies there; bring the network back so that lessons are uploaded.",
        zh: "用 lecternctl spool 查看占用；恢复网络让录像传走。"
    }
    /// No more files can be made.
    room_files(path) { en: "{path}: no further files can be made", zh: "{path}：文件数用尽，不能再建文件" }
    /// The file system can only be read.
    read_only(path) {
        en: "{path} can only be read: nothing can be recorded there",
        zh: "{path} 是只读的：录像写不进去"
    }
    /// Hint of [`read_only`].
    read_only_hint() {
        en: "The kernel does this when a disk fails: look at dmesg, save the recordings, change the disk.",
        zh: "硬盘出错时系统会改成只读：查 dmesg，先备份录像再换盘。"
    }
    /// This user may not write, or it is no folder.
    not_writable(path, cause) { en: "{path} cannot be written: {cause}", zh: "{path} 写不进去：{cause}" }
    /// Hint of [`not_writable`].
    not_writable_hint() {
        en: "Look who owns the folder and whether its disk is mounted.",
        zh: "看文件夹属于谁、硬盘挂载了没有。"
    }
    /// A folder that the daemon makes at its first start.
    not_yet(path) { en: "{path} is not there yet; lecternd makes it", zh: "{path} 还没有，lecternd 启动时会建" }
    /// It is there.
    folder_fine(path) { en: "{path} is there and can be written", zh: "{path} 在，可以写" }
    /// Segments can be read.
    segments_fine(count) { en: "{count} recording files can be read", zh: "{count} 个录像文件读取正常" }
    /// A segment cannot be read.
    segments_unread(count, file, cause) {
        en: "{count} recording files cannot be read, the first is {file}: {cause}",
        zh: "{count} 个录像文件读不出来，第一个是 {file}：{cause}"
    }
    /// Hint of [`segments_unread`].
    segments_unread_hint() {
        en: "The disk is failing: let everything be uploaded, then change it.",
        zh: "硬盘可能坏了：先让录像传完，再换盘。"
    }
    /// A disk says that it is well.
    disk_fine(disk, percent) { en: "{disk}: {percent} % of its life used", zh: "{disk}：寿命已用 {percent}%" }
    /// A disk is worn.
    disk_worn(disk, percent) {
        en: "{disk}: {percent} % of its life used, it may fail at any time",
        zh: "{disk}：寿命已用 {percent}%，随时可能损坏"
    }
    /// Hint of [`disk_worn`].
    disk_worn_hint() { en: "Plan its replacement.", zh: "请安排更换。" }
    /// No disk tells how worn it is.
    disk_mute() { en: "no disk tells how worn it is", zh: "硬盘不报告寿命" }
    // ---- keys ----

    /// The keys are there and nobody else may read them.
    keys_fine(path) { en: "{path}: both are there, nobody else may read them", zh: "{path}：两个密钥都在，别人读不到" }
    /// systemd keeps them.
    keys_by_systemd() { en: "systemd keeps them as credentials", zh: "由 systemd 凭据保管" }
    /// A key is missing.
    key_missing_file(path) { en: "{path} is missing", zh: "{path} 不见了" }
    /// Hint of [`key_missing_file`].
    key_missing_hint() {
        en: "Put your copy back before the next start; without it earlier lessons cannot be opened.",
        zh: "下次启动前把备份放回去；没有它，以前的课打不开。"
    }
    /// Others may read a key.
    key_exposed(path, mode) { en: "{path} may be read by others (mode {mode})", zh: "别人也能读 {path}（权限 {mode}）" }
    /// Hint of [`key_exposed`].
    key_exposed_hint(path) { en: "chmod 600 {path}", zh: "运行 chmod 600 {path}" }
    /// A key is no key.
    key_damaged(path) { en: "{path} is damaged: it holds no key", zh: "{path} 损坏，不是有效密钥" }
    /// The file of credentials is not there or open to others.
    credentials_unread(path, cause) { en: "credentials {path}: {cause}", zh: "账号文件 {path}：{cause}" }
    /// Hint of [`credentials_unread`].
    credentials_hint() {
        en: "Put the file there, readable for lecternd alone (mode 600).",
        zh: "请放好该文件，只让 lecternd 可读（权限 600）。"
    }
    // ---- sources ----

    /// The device is there.
    device_there(device, label) { en: "{device} is there: {label}", zh: "{device} 在：{label}" }
    /// The device is not there.
    device_missing(device) { en: "{device} is not there", zh: "{device} 不在" }
    /// Hint of [`device_missing`].
    device_missing_hint(there) {
        en: "Look at its cable and power. Plugged in now: {there}",
        zh: "查线和电源。现在接着的有：{there}"
    }
    /// Nothing at all is plugged in.
    nothing_there() { en: "nothing", zh: "没有设备" }
    /// A part of the test room.
    device_test() { en: "of the built-in test room, not a real device", zh: "内置测试画面，不是真设备" }
    /// Whatever is there.
    device_auto() { en: "takes the first device that is there", zh: "自动选用第一个设备" }
    /// A device on the network.
    device_by_network() { en: "on the network, see net.reach", zh: "网络设备，见 net.reach" }
    /// A sound server or a screen.
    device_by_server() { en: "of a sound or screen server", zh: "由声音或屏幕服务提供" }
    /// What the daemon sees of it.
    source_running(age) { en: "delivers; the newest frame is {age} ms old", zh: "正常，最新一帧在 {age} 毫秒前" }
    /// Not needed now.
    source_idle() { en: "closed: no lesson needs it now", zh: "现在没有课，未打开" }
    /// Being opened.
    source_opening() { en: "being opened", zh: "正在打开" }
    /// Lost.
    source_lost() { en: "delivers nothing; it is tried again and again", zh: "没有画面或声音，一直在重试" }
    /// Hint of [`source_lost`].
    source_lost_hint() { en: "Look at its power and its cable.", zh: "查它的电源和连线。" }
    // ---- the clock ----

    /// The time is believed.
    clock_fine(at) { en: "{at}, a time server vouches for it", zh: "{at}，已与时间服务器校准" }
    /// The daemon believes it.
    clock_believed(at) { en: "{at}, believed", zh: "{at}，可信" }
    /// Nobody vouches for it.
    clock_alone(at) { en: "{at}, and nobody vouches for it", zh: "{at}，没有校准过" }
    /// Hint of [`clock_alone`].
    clock_alone_hint() {
        en: "Compare it with your watch. Right: nothing to do. Wrong: lecternctl clock set TIME",
        zh: "和手表对一下：对就不用管，不对就运行 lecternctl clock set 时间"
    }
    /// It is impossible.
    clock_wrong(at) {
        en: "{at} cannot be: no lesson begins by this clock",
        zh: "{at} 肯定不对，不会按它打铃上课"
    }
    /// Hint of [`clock_wrong`].
    clock_wrong_hint() {
        en: "Set it: lecternctl clock set TIME; then change the clock's battery.",
        zh: "运行 lecternctl clock set 时间，再换时钟电池。"
    }
}
