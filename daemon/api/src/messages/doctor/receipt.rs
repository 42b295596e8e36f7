//! Bundles and repair receipts.

use std::fmt::Display;

use crate::Text;

messages! {
    // ---- bundles ----

    /// It was written.
    bundle_written(path, files, size) {
        en: "{path}: {files} files, {size}. No pictures, no sound, no passwords.",
        zh: "{path}：{files} 个文件，{size}。不含图像、声音和密码。"
    }
    /// It was written, with pictures.
    bundle_written_with_pictures(path, files, size, pictures) {
        en: "{path}: {files} files, {size}, {pictures} of them PICTURES OF THE ROOM. No sound, no passwords.",
        zh: "{path}：{files} 个文件，{size}，其中 {pictures} 张是教室现场图像。不含声音和密码。"
    }
    /// Before a bundle with pictures is made, and behind it.
    pictures_warning() {
        en: "With --with-pictures the bundle shows who is in the classroom now. Give it only to somebody who may see the class, and delete it when the repair is done.",
        zh: "加上 --with-pictures，诊断包里会有教室此刻的画面，可能拍到学生。只能交给有权查看的人，修好后请删除。"
    }
    /// No picture: the shutter.
    picture_shutter() {
        en: "the privacy shutter is closed",
        zh: "已一键屏蔽，不取图像"
    }
    /// No picture came.
    picture_none() { en: "the source brings no picture", zh: "这一路没有画面" }
    /// No picture: the encoder.
    picture_failed(cause) { en: "{cause}", zh: "图像没能压缩（{cause}）" }
    /// A part that is missing.
    bundle_missing(name, why) { en: "  not in it: {name} ({why})", zh: "　缺：{name}（{why}）" }
    /// It cannot be written.
    bundle_failed(path, cause) { en: "{path} cannot be written: {cause}", zh: "写不了 {path}：{cause}" }
    /// It could not be sent.
    bundle_not_sent(host, cause) {
        en: "the bundle could not be sent to {host}: {cause}",
        zh: "诊断包没能传到 {host}：{cause}"
    }
    // ---- repair receipts ----

    /// No fault has this number.
    no_such_fault(id) {
        en: "there is no fault {id}; lecternctl --json faults lists their numbers",
        zh: "没有编号为 {id} 的故障；用 lecternctl --json faults 查看编号"
    }
    /// It is still there.
    still_wrong(text) { en: "Not repaired yet: {text}", zh: "还没修好：{text}" }
    /// Nobody looks at it now.
    not_seen(text) {
        en: "Nothing shows yet that it is over: {text} Begin a short lesson and ask again.",
        zh: "还看不出已经恢复：{text} 请开一节短课再试。"
    }
    /// It was noted.
    repaired(code, unit, took, by) {
        en: "Repaired: {code} ({unit}), {took} after it began. Noted for {by}.",
        zh: "已修复：{code}（{unit}），历时 {took}。登记人：{by}。"
    }
    /// The head of a list of receipts.
    repairs() { en: "Repairs:", zh: "维修记录：" }
    /// One of them.
    repair_line(code, unit, what) { en: "{code} ({unit}): {what}", zh: "{code}（{unit}）：{what}" }
    /// A part of [`repair_line`].
    repaired_by(by, took) { en: "repaired by {by}, {took} after it began", zh: "{by} 修复，历时 {took}" }
    /// A part of [`repaired_by`].
    repaired_part(part) { en: "; part: {part}", zh: "；更换：{part}" }
    /// A part of [`repaired_by`].
    repaired_note(note) { en: "; {note}", zh: "；{note}" }
    /// A name, part or note that is empty or too long.
    bad_receipt() {
        en: "who did it takes 1 to 64 characters, part and note up to 200",
        zh: "登记人填 1～64 个字，更换部件和备注最多 200 个字"
    }
    /// The event at the broker.
    repair_event(code, unit, by) {
        en: "{code} ({unit}) was repaired by {by}.",
        zh: "{by} 修复了 {code}（{unit}）。"
    }
    /// It could not be written down.
    receipt_not_written(cause) {
        en: "the repair could not be written down: {cause}; ask again",
        zh: "维修记录没能保存：{cause}；请再试一次"
    }
}
