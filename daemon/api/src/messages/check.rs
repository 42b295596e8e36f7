//! Sentences about the pre-class check, and about lessons that a signal or
//! sound begins.

use std::fmt::Display;

use crate::Text;

messages! {
    /// The check found nothing wrong.
    status_check_ready(bell, title) {
        en: "Check    all ready for {bell}  {title}",
        zh: "自检　　正常，{bell} 上《{title}》"
    }
    /// One thing that the check found wrong.
    status_check_trouble(what) { en: "CHECK    {what}", zh: "自检　　{what}" }
    /// What to do about it.
    status_check_hint(hint) { en: "         → {hint}", zh: "　　　　→ {hint}" }

    // ---- what was found, thing by thing ----

    /// A source that was opened a moment ago.
    check_opening(name) { en: "{name}: being opened", zh: "{name}：正在打开" }
    /// Nothing is looked at.
    check_shutter(name) {
        en: "{name}: not looked at, picture and sound are shut off",
        zh: "{name}：画面和声音已屏蔽，不检查"
    }
    /// A moving picture.
    check_camera_fine(name) { en: "{name}: the picture is there", zh: "{name}：画面正常" }
    /// A picture was seen, and too short a time to tell whether it moves.
    check_camera_watching(name) {
        en: "{name}: the picture is there, still watching whether it moves",
        zh: "{name}：有画面，正在看是否会动"
    }
    /// No frame comes.
    check_camera_absent(name) {
        en: "{name}: no picture from the camera, the class would not be seen",
        zh: "{name}：摄像机没有画面，录不到课堂"
    }
    /// A source that delivers, and what is wrong with what it delivers.
    check_flaw(name, flaw) { en: "{name}: {flaw}", zh: "{name}：{flaw}" }
    /// The board's picture is there.
    check_board_fine(name) { en: "{name}: the picture is there", zh: "{name}：大屏画面正常" }
    /// The board is off still.
    check_board_absent(name) {
        en: "{name}: no picture yet; boards may be switched on up to 3 minutes after the bell",
        zh: "{name}：还没收到大屏画面；上课后 3 分钟内开机都来得及"
    }
    /// Sound is there.
    check_sound_fine(name, decibels) {
        en: "{name}: hears the room ({decibels} dB)",
        zh: "{name}：有声音（{decibels} dB）"
    }
    /// No sound data arrive.
    check_sound_absent(name) {
        en: "{name}: no sound arrives, the class would not be heard",
        zh: "{name}：收不到声音，录不到讲课声"
    }
    /// Hint of `mic.silent`.
    mic_silent_hint() {
        en: "Switch the microphone on, look at its battery and its mute key, and say two sentences.",
        zh: "打开话筒，看看电池和静音键，说两句试试。"
    }
    /// Fault `mic.silent`.
    mic_silent() {
        en: "The microphone is connected but perfectly silent: it is switched off or muted. The picture is recorded as usual.",
        zh: "话筒接着但一点声音都没有：没开机或按了静音。画面照常录制。"
    }
    /// The lesson fits.
    check_disk_fine(minutes) {
        en: "disk: room for {minutes} min",
        zh: "本机空间：还能录 {minutes} 分钟"
    }
    /// The lesson does not fit.
    check_disk_small(minutes, needed) {
        en: "disk: room for {minutes} min only, the lesson takes {needed} min",
        zh: "本机空间只够录 {minutes} 分钟，这节课要 {needed} 分钟"
    }
    /// The disk does not answer.
    check_disk_unknown() { en: "disk: not known", zh: "本机空间：暂时读不出来" }
    /// Nobody was asked yet.
    check_reaching(name) { en: "{name}: being asked", zh: "{name}：正在试连" }
    /// It answers.
    check_reached(name, millis) {
        en: "{name}: answers within {millis} ms",
        zh: "{name}：连得上（{millis} 毫秒）"
    }
    /// A folder that is there.
    check_folder_fine(name) { en: "{name}: is there", zh: "{name}：存储文件夹正常" }
    /// A target that waits to be called.
    check_listener(name) {
        en: "{name}: waits to be called, nothing to check",
        zh: "{name}：等对方来连接，不用检查"
    }
    /// A target that is called in a way that cannot be tried.
    check_not_tried(name) {
        en: "{name}: cannot be tried without broadcasting",
        zh: "{name}：不开播就没法试连，没有检查"
    }
    /// A live target that does not answer.
    check_live_unreached(name, why) {
        en: "{name}: cannot be reached ({why}). The lesson is recorded all the same, but not seen live.",
        zh: "{name}：直播地址连不上（{why}）。课照样录，但看不到直播。"
    }
    /// Hint of [`check_live_unreached`].
    check_live_unreached_hint() {
        en: "Look whether the network cable is in; if other targets are reached, ask the district about the push address.",
        zh: "看看网线插好没有；别的地址连得上的话，请向区电教馆核对推流地址。"
    }
    /// An archive that does not answer.
    check_archive_unreached(name, why) {
        en: "{name}: {why}. The lesson is kept on this box meanwhile.",
        zh: "{name}：{why}。录像先存在本机。"
    }
    /// Why: the name means nothing.
    reach_no_name(host) { en: "nobody knows the name {host}", zh: "域名 {host} 解析不了" }
    /// Why: no answer.
    reach_no_answer(host) { en: "{host} does not answer", zh: "{host} 没有回应" }
    /// Why: nobody listens.
    reach_refused(host) { en: "{host} refuses the connection", zh: "{host} 拒绝连接" }
    /// Some of what is outside answers.
    check_uplink_fine(millis) {
        en: "network: the first answer after {millis} ms",
        zh: "网络：连得上外面（{millis} 毫秒）"
    }
    /// As [`check_uplink_fine`], with what went lately.
    check_uplink_rate(millis, kbps) {
        en: "network: the first answer after {millis} ms; the last upload went at {kbps} kbit/s",
        zh: "网络：连得上外面（{millis} 毫秒），最近上传 {kbps} kbit/s"
    }
    /// Nothing outside answers.
    check_uplink_down() {
        en: "network: nothing outside answers. The lesson is recorded all the same and uploaded later.",
        zh: "网络：外面的地址全都连不上。课照样录在本机，网好了再上传。"
    }
    /// Hint of [`check_uplink_down`].
    check_uplink_down_hint() {
        en: "Look whether the network cable is in and the router's lights are on.",
        zh: "看看网线插好没有、路由器灯亮不亮。"
    }
    /// Nothing outside is configured, or nobody was asked yet.
    check_uplink_unknown() { en: "network: not checked", zh: "网络：没有检查" }
    /// The clock is right.
    check_clock_fine() { en: "clock: right", zh: "时间：已校准" }
    /// The clock is not to be trusted.
    check_clock_unsynced() {
        en: "clock: nobody vouches for it, the lesson may begin early or late",
        zh: "时间：没有校准，上课可能早录或晚录"
    }
    // ---- lessons that a signal or sound begins ----

    /// A signal or sound while a planned lesson is near.
    planned_lesson_near() {
        en: "a planned lesson is near: it begins at its bell and not before",
        zh: "课表上的课快到了，打铃才开始录，不提前"
    }
    /// A signal or sound while nobody knows whether recording is allowed.
    hour_unknown() {
        en: "the time is not known, so nobody knows whether recording is allowed now",
        zh: "时间没有校准，不知道现在能不能录"
    }
    /// A trigger that names no source.
    config_trigger_unknown(name) { en: "there is no source `{name}`", zh: "没有名为 `{name}` 的来源" }
    /// Remedy of [`config_trigger_unknown`].
    config_trigger_unknown_remedy(known) {
        en: "write the name of a [[source]]: {known}",
        zh: "请写 [[source]] 里的 name：{known}"
    }
    /// `signal` names a microphone.
    config_trigger_no_picture(name) {
        en: "`{name}` has no picture, so no signal comes up there",
        zh: "`{name}` 没有画面，不能作信号触发"
    }
    /// Remedy of [`config_trigger_no_picture`].
    config_trigger_no_picture_remedy() {
        en: "name a source with the role board or camera",
        zh: "请写角色为 board 或 camera 的来源"
    }
    /// `sound` names a camera.
    config_trigger_no_sound(name) { en: "`{name}` has no sound", zh: "`{name}` 没有声音，不能作声音触发" }
    /// Remedy of [`config_trigger_no_sound`].
    config_trigger_no_sound_remedy() {
        en: "name a source with the role mic or line",
        zh: "请写角色为 mic 或 line 的来源"
    }
}
