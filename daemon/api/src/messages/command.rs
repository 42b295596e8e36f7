//! Answers to commands.

use std::fmt::Display;

use crate::Text;

messages! {
    /// A start was asked for while a lesson runs.
    lesson_running(lesson) {
        en: "lesson \"{lesson}\" is still running; stop it first",
        zh: "《{lesson}》还没下课，请先结束这节课"
    }
    /// A stop was asked for while none runs.
    no_lesson_running() {
        en: "no lesson is running, so there is nothing to stop",
        zh: "现在没有正在录的课"
    }
    /// The daemon ends.
    stopping() {
        en: "the box is stopping; try again in a minute",
        zh: "盒子正在关闭，请过一分钟再试"
    }
    /// Somebody who may only look.
    not_allowed() {
        en: "this account may only look; ask a teacher or an administrator",
        zh: "这个账号只能查看，请让任课老师或管理员操作"
    }
    /// A request that cannot be read.
    bad_request(detail) {
        en: "the request cannot be understood: {detail}",
        zh: "请求有误：{detail}"
    }
    /// A length out of range.
    bad_minutes(found) {
        en: "{found} minutes: a lesson takes 1 to 720 minutes",
        zh: "{found} 分钟不行：一节课可设 1–720 分钟"
    }
    /// A title that cannot be shown.
    bad_title() {
        en: "the title must have 1 to 120 characters on one line",
        zh: "课名请写 1–120 个字，不能换行"
    }
    /// A lesson that is not here.
    no_such_lesson(lesson) {
        en: "there is no lesson {lesson} on this box; `lecternctl lessons` lists them",
        zh: "盒子里没有编号为 {lesson} 的课；用 lecternctl lessons 查看有哪些"
    }
    /// A file that a lesson does not have, or has no more.
    no_such_file(path) {
        en: "the lesson has no file {path} on this box (any more); look in the archive",
        zh: "盒子里没有（或已清理）文件 {path}，请到存储里找"
    }
    /// The disk does not answer.
    spool_unreadable(cause) {
        en: "the buffer on the disk cannot be read: {cause}",
        zh: "本机缓存读不出来：{cause}"
    }
    /// Where a trial can be watched.
    where_to_watch(live, folder) {
        en: "On air. Watch: {live}   Recording: {folder}   End: Ctrl-C",
        zh: "正在直播。观看：{live}   录像保存在：{folder}   结束：按 Ctrl-C"
    }
    /// What a trial leaves behind.
    where_it_lies(folder) {
        en: "Ended. The recording is in {folder}; every lesson's folder plays from its index.m3u8.",
        zh: "已结束。录像在 {folder}，每节课的文件夹里打开 index.m3u8 即可播放。"
    }
    /// What was wrong before cannot be told.
    faults_unreadable(cause) {
        en: "former faults cannot be read from the disk: {cause}; the open ones are in `lecternctl status`",
        zh: "读不出以前的故障记录：{cause}；当前故障请看 `lecternctl status`"
    }
}
