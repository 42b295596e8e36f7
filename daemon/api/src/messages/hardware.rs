//! The machine: what its faults mean for the lesson, one thing to do, and the
//! part to bring.

use std::fmt::Display;

use crate::Text;

messages! {
    // ---- heat, supply, memory ----

    /// `thermal.hot`
    thermal_hot(degrees) {
        en: "The box is hot: {degrees} °C. Recording goes on; if it gets hotter, the box slows down and at last switches off.",
        zh: "盒子太热：〔{degrees}〕℃。照常录制；再热下去会变慢，甚至自动断电。"
    }
    /// Hint of `thermal.hot`.
    thermal_hint() {
        en: "Let air to the box: nothing on it, out of the sun. Clean its vents; for a fan that stands still bring a new one.",
        zh: "把盒子放到通风处，不要压东西、不要晒太阳，清一清散热孔的灰；风扇不转的，维修时带一个新风扇。"
    }
    /// `thermal.throttled`
    thermal_throttled() {
        en: "The box is too hot and has slowed itself down: pictures may be missing from the recording.",
        zh: "盒子过热，已自动降速，录像可能卡顿。"
    }
    /// `power.undervoltage`
    power_undervoltage() {
        en: "The supply's voltage is too low: the box may restart at any moment and damage its storage card.",
        zh: "供电不足：盒子随时可能重启，还可能损坏存储卡。"
    }
    /// Hint of `power.undervoltage`.
    power_undervoltage_hint() {
        en: "Use the box's own power adapter, straight at the wall, with few USB devices. Bring a power adapter with its cable.",
        zh: "请用盒子原配的电源适配器，直接插墙上插座，少接 USB 设备；维修时带一个电源适配器和电源线。"
    }
    /// `memory.low`
    memory_low() {
        en: "Memory runs out: the box becomes slow, and the recording may stop.",
        zh: "内存不够用了：盒子变慢，录制可能中断。"
    }
    /// Hint of `memory.low`.
    memory_low_hint() {
        en: "Restart the box after class. If it happens again, report it: the box needs more memory or a repair of its software.",
        zh: "下课后重启盒子；再出现请报修，可能要换内存更大的盒子或更新软件。"
    }

    // ---- disks ----

    /// `storage.slow`
    storage_slow(disk, milliseconds) {
        en: "The disk {disk} is too slow: a write takes {milliseconds} ms, and the recording may not get there in time.",
        zh: "存储盘〔{disk}〕太慢：写一次要〔{milliseconds}〕毫秒，录像可能来不及保存。"
    }
    /// Hint of `storage.slow`.
    storage_slow_hint() {
        en: "Restart the box after class. If it happens again the disk or card is failing: bring a new one of the same size or larger.",
        zh: "下课后重启盒子；再出现说明存储盘（卡）快坏了，维修时带一块同样大小或更大的新盘（卡）。"
    }
    /// `storage.wear`: a disk that is old.
    storage_worn(disk, percent) {
        en: "The disk {disk} has used {percent} % of its life. Recording goes on.",
        zh: "存储盘〔{disk}〕寿命已用〔{percent}〕%。照常录制。"
    }
    /// `storage.wear`: a disk whose spare blocks run out.
    storage_spare(disk) {
        en: "The spare blocks of the disk {disk} run out. Recording goes on.",
        zh: "存储盘〔{disk}〕的备用块快用完了。照常录制。"
    }
    /// `storage.wear`: a disk that had to replace blocks.
    storage_replaced(disk, blocks) {
        en: "The disk {disk} has had to replace {blocks} bad blocks. Recording goes on.",
        zh: "存储盘〔{disk}〕已有〔{blocks}〕个坏块被替换。照常录制。"
    }
    /// `storage.wear`: a disk that fails.
    storage_failing(disk) {
        en: "The disk {disk} is failing: recordings that are not uploaded may be lost.",
        zh: "存储盘〔{disk}〕快坏了：还没上传的录像可能丢失。"
    }
    /// Hint of `storage.wear`.
    storage_wear_hint() {
        en: "Have the disk replaced within this term: bring a new one of the same size or larger.",
        zh: "请在本学期内换盘，维修时带一块同样大小或更大的新盘（卡）。"
    }
    /// Hint of `storage_failing`.
    storage_failing_hint() {
        en: "Let the box upload everything, then have the disk replaced this week: bring a new one of the same size or larger.",
        zh: "请先让盒子把录像传完，本周内换盘；维修时带一块同样大小或更大的新盘（卡）。"
    }

    // ---- resets ----

    /// `watchdog.reset`
    watchdog_reset() {
        en: "The box hung and has started itself again. It records as usual now.",
        zh: "盒子死机后已自动重启。现在录制正常。"
    }
    /// `watchdog.reset`, with what is known of the time without it.
    watchdog_reset_cost(cost_en, cost_zh) {
        en: "The box hung and has started itself again. {cost_en}",
        zh: "盒子死机后已自动重启。{cost_zh}"
    }
    /// Hint of `watchdog.reset`.
    watchdog_reset_hint() {
        en: "Nothing to do for once; if it happens again within a month, report it.",
        zh: "偶尔一次不用处理；一个月内再出现请报修。"
    }
    /// `reboot.unexpected`, and a chip remembers heat.
    reboot_by_heat(text_en, text_zh) {
        en: "{text_en} It was too hot.",
        zh: "{text_zh}原因：盒子过热。"
    }
    /// `reboot.unexpected`, and a chip remembers too little voltage.
    reboot_by_undervoltage(text_en, text_zh) {
        en: "{text_en} The supply's voltage was too low.",
        zh: "{text_zh}原因：供电不足。"
    }
    /// `reboot.unexpected`, and a chip remembers too much voltage.
    reboot_by_overvoltage(text_en, text_zh) {
        en: "{text_en} The supply's voltage was too high.",
        zh: "{text_zh}原因：供电电压过高。"
    }
    /// Hint of it.
    power_overvoltage_hint() {
        en: "Unplug the box and have socket and power adapter looked at before it is used again. Bring a power adapter.",
        zh: "先拔掉盒子电源，请电工查插座和电源适配器后再用；维修时带一个电源适配器。"
    }

    // ---- encoders ----

    /// `encoder.failed`
    encoder_failed() {
        en: "No encoder works: nothing can be recorded or broadcast.",
        zh: "视频编码坏了：现在录不了课，也不能直播。"
    }
    /// Hint of `encoder.failed`.
    encoder_failed_hint() {
        en: "Switch the box off and on. If it lasts, report it at once: bring a replacement box.",
        zh: "给盒子断电重启；还不行请马上报修，维修时带一台备用盒子。"
    }
    /// `encoder.fallback`
    encoder_fallback(chip) {
        en: "The encoder chip ({chip}) does not work: the processor does its work. Recording goes on, the box gets warmer.",
        zh: "编码芯片（{chip}）不工作，已改用处理器编码。照常录制，盒子会热一些。"
    }
    /// Hint of `encoder.fallback`.
    encoder_fallback_hint() {
        en: "Restart the box after class; if it happens again, report it: the box has to be exchanged.",
        zh: "下课后重启盒子；再出现请报修换盒子。"
    }

    // ---- network ----

    /// `uplink.down`: nothing is plugged in.
    uplink_no_cable(interface) {
        en: "No network: there is no signal on the cable ({interface}). Recordings stay on the box and are uploaded later.",
        zh: "断网了：网口〔{interface}〕没有信号，网线松了、坏了，或交换机没通电。录像存在本机，恢复后自动补传。"
    }
    /// Hint of `uplink_no_cable`.
    uplink_no_cable_hint() {
        en: "Look at the light of the network socket: dark, plug the cable in again or exchange it, and look whether the switch has power. Bring a network cable.",
        zh: "看网口灯：不亮就重插或换网线，再看交换机通没通电；维修时带一根网线。"
    }
    /// `uplink.down`: no access point or cell.
    uplink_no_radio(interface) {
        en: "No network: the wireless link ({interface}) is not connected. Recordings stay on the box and are uploaded later.",
        zh: "断网了：无线网络〔{interface}〕没连上。录像存在本机，恢复后自动补传。"
    }
    /// Hint of `uplink_no_radio`.
    uplink_no_radio_hint() {
        en: "Look whether the access point or the router has power; a cable is safer where there is a socket.",
        zh: "看无线路由器通没通电；有网口的教室改接网线更稳。"
    }

    // ---- certificates ----

    /// `certificate.expiring`
    certificate_expiring(days, date) {
        en: "The certificate for the district's broker expires in {days} days, on {date}: after that nobody hears of this box.",
        zh: "连接区平台的证书还有〔{days}〕天过期（{date}），过期后区里就看不到这台盒子了。录课不受影响。"
    }
    /// `certificate.expiring`, too late.
    certificate_expired(date) {
        en: "The certificate for the district's broker has expired on {date}: nobody hears of this box. Lessons are recorded.",
        zh: "连接区平台的证书已于 {date} 过期，区里看不到这台盒子。录课不受影响。"
    }
    /// Hint of both.
    certificate_hint() {
        en: "Ask the administrator for a new certificate and put it where `client_certificate` points; no restart is needed.",
        zh: "请向管理员要新证书，放到 client_certificate 写的位置，不用重启。"
    }

    // ---- configuration ----

    /// `[hardware] simulation` cannot be played.
    config_simulation(detail) {
        en: "the hardware cannot be simulated: {detail}",
        zh: "无法模拟硬件：{detail}"
    }
    /// Remedy of it.
    config_simulation_remedy() {
        en: "correct the script, or leave `simulation` out: then the real machine counts",
        zh: "请改正脚本；或删去 simulation，使用真实硬件"
    }
    /// A word about `[hardware] simulation`.
    config_simulated() {
        en: "the hardware is simulated: nobody hears of heat, power or disks of the real machine",
        zh: "硬件是模拟的：真实机器的温度、供电、硬盘出问题不会有人知道"
    }
    /// Remedy of it.
    config_simulated_remedy() {
        en: "leave `simulation` out in a classroom",
        zh: "教室里使用请删去 simulation"
    }
}
