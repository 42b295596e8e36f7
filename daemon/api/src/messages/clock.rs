//! Sentences about what time it is.

use std::fmt::Display;

use crate::{Text, TimeSource};

messages! {
    /// Fault `clock.unsynced`: the clock stood still while the box was off.
    clock_unknown() {
        en: "The box does not know what time it is: it was without power, its own clock did not run on, and no time server answers. No lesson begins by itself; starting by hand works as always.",
        zh: "盒子不知道现在几点：断过电，自带时钟没走，又连不上校时服务器。到点不会自动开录，手动开始照常。"
    }
    /// Fault `clock.unsynced`: a lesson keeps the clock from being set back.
    clock_ahead(minutes) {
        en: "The box's clock is {minutes} min fast. It is set right as soon as this lesson ends; until then no lesson begins by itself.",
        zh: "盒子的时间快了〔{minutes}〕分钟。这节课录完自动改正，在此之前到点不会自动开录。"
    }
    /// Fault `clock.unsynced`: the same, by less.
    clock_ahead_a_little(seconds) {
        en: "The box's clock is {seconds} s fast. It is set right as soon as this lesson ends.",
        zh: "盒子的时间快了〔{seconds}〕秒，这节课录完自动改正。"
    }
    /// Hint where nothing is to be done.
    clock_ahead_hint() {
        en: "Nothing to do. A lesson that is to be recorded at once can be started by hand.",
        zh: "不用操作；马上有课要录，请手动开始。"
    }
    /// Fault `clock.unsynced`: only the clock chip tells the time.
    clock_by_rtc() {
        en: "The time may be wrong: no time server answers, the box goes by its own battery clock. Lessons begin by it.",
        zh: "时间可能不准：连不上校时服务器，用的是盒子自带的时钟。仍按这个时间上课。"
    }
    /// Fault `clock.unsynced`: only the system tells the time.
    clock_by_system() {
        en: "The time may be wrong: no time server answers, the box goes by the time it was started with. Lessons begin by it.",
        zh: "时间可能不准：连不上校时服务器，用的是开机时的系统时间。仍按这个时间上课。"
    }
    /// Fault `clock.unsynced`: a server tells the time and cannot be proved.
    clock_by_hint() {
        en: "The time may be wrong: no time server answers, the box goes by the time of its archive's server. Lessons begin by it.",
        zh: "时间可能不准：连不上校时服务器，用的是存储服务器报的时间。仍按这个时间上课。"
    }
    /// Fault `clock.unsynced`: it was right once.
    clock_aged() {
        en: "The time may be wrong: no time server has answered for days. Lessons begin by the box's own time.",
        zh: "时间可能不准：好几天没连上校时服务器。仍按本机时间上课。"
    }
    /// Hint of `clock.unsynced`.
    clock_hint() {
        en: "Ask the network's administrator to let NTP (UDP 123) through. Until then tell the box the time: `lecternctl clock set TIME`.",
        zh: "请网管放行校时（NTP，UDP 123 端口）；放行之前可用 lecternctl clock set 人工校时。"
    }
    /// A time that cannot be.
    clock_impossible(utc) {
        en: "{utc} cannot be the time: the box's software is newer; check the date",
        zh: "{utc} 不可能是现在的时间：盒子的软件都比它新；请核对日期"
    }
    /// A person's time where a better source is there.
    clock_known_better(source_en, source_zh, seconds) {
        en: "the box has its time from {source_en}, right within {seconds} s; it need not be set by hand",
        zh: "盒子的时间来自{source_zh}，误差不超过 {seconds} 秒，不用手动校时"
    }
    /// A time that cannot be read.
    clock_bad_time(text) {
        en: "`{text}` is no time; write it with its offset, such as 2026-09-07T08:00:00+08:00",
        zh: "`{text}` 不是时间；请带上时区写，例如 2026-09-07T08:00:00+08:00"
    }
    /// `[clock] rtc` is no name.
    config_rtc(text) {
        en: "`{text}` is no clock chip's name",
        zh: "`{text}` 不是时钟芯片的名字"
    }
    /// How it should be.
    config_rtc_remedy() {
        en: "write a name from /sys/class/rtc, such as rtc0, or none when it has no battery",
        zh: "请填 /sys/class/rtc 里的名字（如 rtc0）；没有电池就填 none"
    }
    /// The clock, in the status.
    status_clock(time, verdict, source) {
        en: "Clock    {time}  {verdict}, {source}",
        zh: "时间　　{time}　{verdict}，{source}"
    }
    /// How far it may be off.
    clock_within(seconds) {
        en: "         right within {seconds} s",
        zh: "　　　　误差不超过 {seconds} 秒"
    }
    /// What the system's clock says.
    clock_corrected(seconds) {
        en: "         the system's clock is off by {seconds} s; the box does not go by it",
        zh: "　　　　系统时钟差 {seconds} 秒，盒子不按它走"
    }
    /// When it jumped last.
    clock_jumped(time) {
        en: "         set last to {time}",
        zh: "　　　　最近一次校到 {time}"
    }
    /// `believed`
    verdict_believed() { en: "right", zh: "准确" }
    /// `unsure`
    verdict_unsure() { en: "MAY BE WRONG", zh: "可能不准" }
    /// `unknown`
    verdict_unknown() { en: "UNKNOWN: no lesson begins by itself", zh: "不知道几点：到点不会自动开录" }
}

fn pair(en: &str, zh: &str) -> Text {
    Text { en: en.to_owned(), zh: zh.to_owned() }
}

/// Who vouches for the time, within a sentence.
#[must_use]
pub fn time_source(source: TimeSource) -> Text {
    match source {
        TimeSource::Ntp => pair("a time server", "校时服务器"),
        TimeSource::Server => pair("the archive's server", "存储服务器"),
        TimeSource::Person => pair("a person", "人工校时"),
        TimeSource::Rtc => pair("the box's battery clock", "盒子自带的时钟"),
        TimeSource::ServerHint => pair("the archive's server, unproved", "存储服务器（未经核实）"),
        TimeSource::System => pair("the system's clock", "系统时钟"),
        TimeSource::LastKnown => pair("the last time that was known", "断电前最后的时间"),
        TimeSource::None | TimeSource::Unknown => pair("nobody", "没有来源"),
    }
}
