//! Sentences about the running lesson and the shutter.

use std::fmt::Display;

use crate::Text;

messages! {
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
}
