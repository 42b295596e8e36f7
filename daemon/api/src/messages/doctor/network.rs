//! Cable, address, names, answers; timetable, broker, stores.

use std::fmt::Display;

use crate::Text;

messages! {
    // ---- the network ----

    /// A cable is in.
    carrier_fine(interfaces) { en: "{interfaces}: connected", zh: "{interfaces}：已连接" }
    /// No cable is in.
    carrier_none(interfaces) { en: "{interfaces}: no link", zh: "{interfaces}：没连上" }
    /// Hint of [`carrier_none`].
    carrier_hint() {
        en: "Plug the network cable in at both ends; look whether the switch has power.",
        zh: "两头重插网线，看交换机通电没有。"
    }
    /// There is no interface.
    no_interface() { en: "there is no network interface", zh: "没有网卡" }
    /// Hint of [`no_interface`].
    no_interface_hint() {
        en: "The network card is gone: switch the box off and on; if it lasts, send it in.",
        zh: "网卡不见了：给盒子断电重启；还不行就送修。"
    }
    /// It has addresses.
    address_fine(addresses) { en: "{addresses}", zh: "{addresses}" }
    /// It has none.
    address_none() { en: "the box has no address", zh: "盒子没有 IP 地址" }
    /// Hint of [`address_none`].
    address_hint() {
        en: "The router gives none: restart the router, or set a fixed address.",
        zh: "路由器没有分配地址：重启路由器，或设固定地址。"
    }
    /// A way out.
    route_fine(gateway) { en: "by {gateway}", zh: "经 {gateway}" }
    /// No way out.
    route_none() { en: "no way out of this network", zh: "没有出口网关" }
    /// Hint of [`route_none`].
    route_hint() { en: "Set the gateway, or ask whoever runs the network.", zh: "请设置网关，或联系网管。" }
    /// No way out, and none is needed.
    route_unneeded() {
        en: "no way out, and nothing configured needs one",
        zh: "没有出口网关，目前也用不到"
    }
    /// A name is known.
    name_fine(address) { en: "is {address}", zh: "解析为 {address}" }
    /// A name is not known.
    name_unknown(cause) { en: "nobody knows this name ({cause})", zh: "域名解析不了（{cause}）" }
    /// Hint of [`name_unknown`].
    name_hint() {
        en: "Look whether the name is written right; if no name is known, look at the router's DNS.",
        zh: "核对域名有没有写错；都解析不了就查路由器的 DNS。"
    }
    /// It answers.
    reach_fine(address, millis) { en: "{address} answers within {millis} ms", zh: "{address} 连得上（{millis} 毫秒）" }
    /// It refuses.
    reach_refused(address) { en: "{address} refuses: nothing listens there", zh: "{address} 拒绝连接：没有服务" }
    /// It is silent.
    reach_silent(address) { en: "{address} does not answer", zh: "{address} 没有应答" }
    /// Hint for whatever does not answer.
    reach_hint() {
        en: "Other addresses answer? Then ask whoever runs this one. None does? Then the router or the line.",
        zh: "别的地址通，就联系该服务的管理员；都不通，查路由器和外线。"
    }
    /// Hint for a camera on the network.
    reach_camera_hint() {
        en: "Look at the camera's power and cable, and whether its address is still this one.",
        zh: "查摄像机电源和网线，再核对它的 IP 地址。"
    }
    /// It calls us.
    reach_listener() { en: "waits to be called", zh: "等对方来连接" }
    /// Nothing to ask.
    reach_local() { en: "on this box", zh: "在本机" }
    /// A folder that is not there.
    store_missing(path) { en: "{path} is not there: not plugged in or not mounted", zh: "{path} 不在：没插上或没挂载" }
    /// Hint of [`store_missing`].
    store_missing_hint() {
        en: "Plug the medium in; recordings wait on this box meanwhile.",
        zh: "插好存储设备；录像先存在本机。"
    }
    // ---- the timetable ----

    /// The file is there.
    timetable_there(path) { en: "{path} is there", zh: "{path} 在" }
    /// The file is not there.
    timetable_missing(path) { en: "{path} is not there", zh: "{path} 不在" }
    /// Hint of [`timetable_missing`].
    timetable_missing_hint() {
        en: "Put the file there, or send one: lecternctl timetable push FILE",
        zh: "放好课表文件，或运行 lecternctl timetable push 文件名 导入。"
    }
    /// One is in force.
    timetable_in_force(number, lessons) {
        en: "version {number} is in force, {lessons} lessons a week",
        zh: "第 {number} 版生效中，每周 {lessons} 节"
    }
    /// None is configured.
    timetable_none() { en: "none; lessons are begun by hand", zh: "没有课表，手动上课" }
    // ---- broker, archives, machine ----

    /// Connected.
    broker_up() { en: "connected", zh: "已连接" }
    /// Not connected.
    broker_down(cause) { en: "not connected: {cause}", zh: "没有连上：{cause}" }
    /// Hint of [`broker_down`].
    broker_down_hint() {
        en: "The district does not see this box. Look at net.reach; then at credentials and certificates.",
        zh: "区里看不到这台盒子。先看 net.reach，再查账号和证书。"
    }
    /// The group robot's last message.
    robot_told(at) { en: "the group was last told at {at}", zh: "最近一次群消息：{at}" }
    /// There was nothing to say.
    robot_silent() { en: "nothing to tell the group yet", zh: "还没有需要发到群里的消息" }
    /// The group is not reached.
    robot_failed(count, cause) {
        en: "the group cannot be told ({count} tries): {cause}",
        zh: "群消息发不出去（已试 {count} 次）：{cause}"
    }
    /// Hint of [`robot_failed`].
    robot_failed_hint() {
        en: "It is tried again by itself. Look at net.reach, then at the robot's address and secret in its file; in the group, whether the robot is still there.",
        zh: "盒子会自动重发。先看 net.reach，再核对群机器人的地址和密钥文件，并看机器人是否还在群里。"
    }
    /// Not configured.
    not_configured() { en: "not configured", zh: "没有配置" }
    /// An archive has everything or takes it.
    archive_fine(minutes) { en: "{minutes} min wait for it", zh: "还有 {minutes} 分钟没传" }
    /// An archive refuses.
    archive_retrying(why) { en: "the last try failed: {why}", zh: "上次没传成：{why}" }
    /// The power is too weak.
    power_weak() { en: "the supply is too weak", zh: "供电不足" }
    /// Hint of [`power_weak`].
    power_weak_hint() { en: "Use the box's own power supply.", zh: "请换用原装电源。" }
    /// The power suffices.
    power_fine() { en: "suffices", zh: "供电正常" }
    /// How hot it is.
    heat_fine(name, degrees) { en: "{name}: {degrees} °C", zh: "{name}：{degrees} °C" }
    /// Too hot.
    heat_high(name, degrees) { en: "{name}: {degrees} °C, at its limit", zh: "{name}：{degrees} °C，已到上限" }
    /// Hint of [`heat_high`].
    heat_hint() { en: "Clear the vents, look whether the fan turns.", zh: "清理通风口，看风扇转不转。" }
    /// Memory.
    memory_fine(free) { en: "{free} available", zh: "可用 {free}" }
    /// Little memory.
    memory_low(free) { en: "only {free} available", zh: "只剩 {free}" }
    /// Hint of [`memory_low`].
    memory_hint() { en: "Make a bundle, then restart the box.", zh: "先打诊断包，再重启盒子。" }
}
