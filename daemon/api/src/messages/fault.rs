//! Faults: what one means for the lesson, then one thing to do.

use std::fmt::Display;

use crate::Text;

messages! {
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
}
