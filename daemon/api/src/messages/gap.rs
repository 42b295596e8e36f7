//! Why there is a gap.

use crate::Text;

messages! {
    /// `not_running`
    gap_not_running() { en: "the box was not running", zh: "盒子没有运行（断电或重启）" }
    /// `pipeline_restarted`
    gap_restarted() { en: "the record was restarted", zh: "录制中断后自动重启" }
    /// `spool_too_slow`
    gap_too_slow() { en: "the disk was too slow", zh: "本机硬盘太慢" }
    /// `spool_refused`
    gap_refused() { en: "the disk was full or failed", zh: "本机存不下或硬盘出错" }
    /// `overload`
    gap_overload() { en: "the processor was too busy for the picture; the sound is there", zh: "机器太忙，丢了画面，声音还在" }
    /// `damaged`
    gap_damaged() { en: "damaged on the disk", zh: "硬盘上的录像损坏" }
    /// `made_way`
    gap_made_way() { en: "let go before it was uploaded, because the disk was full", zh: "硬盘已满，还没上传就按设置腾出了空间" }
    /// `shutter`
    gap_shutter() { en: "the privacy shutter was on", zh: "已按要求屏蔽画面和声音" }
    /// `joined_late`
    gap_joined_late() { en: "joined after the bell", zh: "上课铃响时盒子还没准备好，后来才接上" }
}
