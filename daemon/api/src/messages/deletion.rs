//! Sentences about deleting and keeping lessons.

use std::fmt::Display;

use crate::Text;

messages! {
    /// A lesson that was deleted.
    lesson_deleted(lesson) {
        en: "lesson {lesson} was deleted; only its dates are left",
        zh: "课 {lesson} 已按申请删除，只留下日期和时间"
    }
    /// A lesson that somebody holds.
    lesson_held(lesson, by, since, reason) {
        en: "lesson {lesson} is held by {by} since {since} ({reason}); an administrator can release it",
        zh: "课 {lesson} 已封存，不能删除：{by} 于 {since} 封存，原因是“{reason}”；请管理员先解除封存"
    }
    /// A deletion before its seven days are over.
    deletion_too_early(lesson, from) {
        en: "lesson {lesson} may be deleted from {from} on; if it cannot wait, add --now",
        zh: "课 {lesson} 的删除申请还没满7天，{from} 起可以删除；确实等不了请加 --now"
    }
    /// Deleting the running lesson.
    lesson_not_over(lesson) {
        en: "lesson {lesson} is not over; stop it first",
        zh: "课 {lesson} 还没下课，请先结束再删除"
    }
    /// Taking back a request that nobody made.
    deletion_not_requested(lesson) {
        en: "nobody asked to delete lesson {lesson}",
        zh: "没有人申请删除课 {lesson}"
    }
    /// Taking back the request of somebody else.
    deletion_of_another(by) {
        en: "{by} asked for it; only they or an administrator can take it back",
        zh: "这是 {by} 提出的申请，只有本人或管理员可以撤回"
    }
    /// Releasing what nobody holds.
    lesson_not_held(lesson) { en: "lesson {lesson} is not held", zh: "课 {lesson} 没有封存" }
    /// Holding what is not there any more.
    lesson_gone(lesson) {
        en: "lesson {lesson} is not on this box any more",
        zh: "课 {lesson} 已不在本机"
    }
    /// A reason that cannot be kept.
    bad_reason() {
        en: "give a reason of 1 to 200 characters in one line",
        zh: "请写明原因，1 到 200 个字，不要换行"
    }
    /// A lesson was deleted.
    deletion_done(lesson) {
        en: "lesson {lesson} is deleted; the archives follow as soon as they are reached",
        zh: "课 {lesson} 已按申请删除；存储处连上后会一并删除"
    }
    /// A deletion was asked for.
    deletion_requested(lesson) {
        en: "asked to delete lesson {lesson}; an administrator decides, after 7 days at the earliest",
        zh: "已申请删除课 {lesson}，满7天后由管理员处理"
    }
    /// A request was taken back.
    deletion_taken_back(lesson) {
        en: "lesson {lesson} stays; the request to delete it is withdrawn",
        zh: "课 {lesson} 保留，删除申请已撤回"
    }
    /// A hold was put on a lesson.
    hold_set(lesson) {
        en: "lesson {lesson} is held: nobody can delete it until it is released",
        zh: "课 {lesson} 已封存，解除之前谁也不能删除"
    }
    /// A hold was ended.
    hold_ended(lesson) { en: "lesson {lesson} is not held any more", zh: "课 {lesson} 已解除封存" }
    /// In a list: somebody wants it deleted.
    entry_requested(by, at, reason) {
        en: "deletion asked for by {by} on {at}: {reason}",
        zh: "申请删除：{by}，{at}，{reason}"
    }
    /// In a list: it is held.
    entry_held(by, since, reason) {
        en: "held by {by} since {since}: {reason}",
        zh: "封存：{by}，{since}，{reason}"
    }
    /// In a list: it was deleted.
    entry_deleted(by, at, reason) {
        en: "deleted on request by {by} on {at}: {reason}",
        zh: "按申请删除：{by}，{at}，{reason}"
    }
    /// In a list: retention let it go.
    entry_let_go(at, reason) {
        en: "let go from this box on {at}: {reason}",
        zh: "已按保留规则从本机清理：{at}（{reason}）"
    }
}
