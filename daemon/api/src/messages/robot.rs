//! What the group robot says: what it means for the lesson, then one thing to
//! do; and its configuration.

use std::fmt::Display;

use crate::Text;

messages! {
    /// The first line: which box it is.
    head(place) { en: "[Classroom box] {place}", zh: "【录播盒子】{place}" }
    /// A fault that has begun, before its sentence.
    begun(severity, since) { en: "● {severity}, since {since}", zh: "● {severity}｜{since} 起" }
    /// What to do about it.
    hint(hint) { en: "→ {hint}", zh: "→ {hint}" }
    /// A fault that is over.
    over(since, text) { en: "✓ Over: {text} (since {since})", zh: "✓ 已恢复｜{text}（{since} 起）" }
    /// What did not fit.
    more() {
        en: "… and more: see the box's page or `lecternctl faults`",
        zh: "……其余请看盒子网页或运行 lecternctl faults"
    }
    /// The last message of a day.
    last() {
        en: "This is today's last message; the box goes on watching.",
        zh: "今天不再发送消息，盒子会继续自己检查。"
    }
    /// 紧急
    critical() { en: "Critical", zh: "紧急" }
    /// 重要
    major() { en: "Major", zh: "重要" }
    /// 一般
    minor() { en: "Minor", zh: "一般" }
    /// A robot of a kind that there is not.
    config_kind(found) { en: "there is no robot `{found}`", zh: "没有“{found}”这种群机器人" }
    /// Remedy of [`config_kind`].
    config_kind_remedy() {
        en: "write \"wecom\" (企业微信), \"dingtalk\" (钉钉) or \"feishu\" (飞书)",
        zh: "请写 \"wecom\"（企业微信）、\"dingtalk\"（钉钉）或 \"feishu\"（飞书）"
    }
    /// A robot's address that is no reference.
    config_credentials() {
        en: "the robot's address is a secret and stands in a file of its own",
        zh: "群机器人地址相当于密码，要放在单独的文件里"
    }
    /// Remedy of [`config_credentials`].
    config_credentials_remedy() {
        en: "write `credential:NAME` or `file:/path`; the file says url = \"https://…\"",
        zh: "请写 credential:名称 或 file:/路径，文件里写 url = \"https://…\""
    }
}
