//! Sentences about the running lesson and the shutter.

use std::fmt::Display;

use crate::Text;

messages! {
    /// A lesson that a person began at the box.
    trigger_hand() { en: "by hand", zh: "手动开始" }
    /// A lesson that the button began.
    trigger_button() { en: "by the button", zh: "按键开始" }
    /// A lesson that a person at the platform began.
    trigger_remote() { en: "from afar, over the broker", zh: "平台远程开始" }
    /// A lesson that the timetable began.
    trigger_timetable() { en: "by the timetable", zh: "按课表开始" }
    /// A lesson that a picture on the board's input began.
    trigger_signal() { en: "by the board's picture", zh: "大屏有画面自动开始" }
    /// A lesson that sound began.
    trigger_sound() { en: "by sound", zh: "有人说话自动开始" }
    /// A lesson that the start of the daemon began.
    trigger_launch() { en: "at the daemon's start", zh: "随程序启动开始" }
    /// A lesson that somebody will end cannot end later.
    nothing_to_prolong() {
        en: "this lesson has no planned end: it runs until somebody stops it",
        zh: "这节课没有设定下课时间，会一直录到有人按停止"
    }
    /// There is no room between this lesson and the next.
    next_lesson_follows(title) {
        en: "the next lesson follows at once ({title}); this one cannot be prolonged",
        zh: "下课后紧接着就是下一节（{title}），不能再延长"
    }
    /// Opening what is open.
    shutter_is_open() {
        en: "picture and sound are not shut off",
        zh: "画面和声音没有屏蔽"
    }
    /// Minutes that make no sense.
    bad_prolong(minutes) {
        en: "{minutes} minutes are not possible; choose 1 to 60",
        zh: "不能延长 {minutes} 分钟，请选 1 到 60"
    }
    /// A lesson ends later.
    lesson_prolonged(until) { en: "the lesson now ends at {until}", zh: "已延长，{until} 下课" }
    /// The shutter is closed until the lesson ends.
    shutter_closed() {
        en: "picture and sound are off until the lesson ends",
        zh: "画面和声音已屏蔽，下课后自动恢复"
    }
    /// The shutter is closed until the end of the day.
    shutter_closed_today() {
        en: "picture and sound are off until the end of the day",
        zh: "画面和声音已屏蔽，今天内一直有效"
    }
    /// The shutter is open.
    shutter_opened() { en: "picture and sound are on again", zh: "画面和声音已恢复" }
    /// The shutter is closed, with its end.
    status_shutter_until(until) {
        en: "SHUTTER  picture and sound are off until {until}",
        zh: "屏蔽　　画面和声音已屏蔽，到 {until} 恢复"
    }
    /// The shutter is closed.
    status_shutter() {
        en: "SHUTTER  picture and sound are off until the lesson ends",
        zh: "屏蔽　　画面和声音已屏蔽，下课后恢复"
    }
    /// What comes next.
    status_next(from, until, title) {
        en: "Next     {from}-{until}  {title}",
        zh: "下一节　{from}-{until}　{title}"
    }
}
