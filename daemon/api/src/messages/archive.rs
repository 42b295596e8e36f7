//! What a check of an archive or an export finds.

use std::fmt::Display;

use crate::Text;

messages! {
    /// A manifest that cannot be made.
    manifest_unwritable(lesson, detail) {
        en: "the manifest of lesson {lesson} cannot be written: {detail}; report this to the maker",
        zh: "《{lesson}》的清单写不出来（{detail}），请联系厂家"
    }
    /// The manifest was written by a newer version.
    problem_version(found) {
        en: "the manifest has version {found}, which this program does not know; update it",
        zh: "清单是第 {found} 版，这个程序不认识，请升级"
    }
    /// More than any lesson has.
    problem_absurd(what, listed, limit) {
        en: "the manifest lists {listed} {what}, and no lesson has more than {limit}: it is none of a box, nothing was checked",
        zh: "清单里的 {what} 有 {listed} 个，超过一节课的上限 {limit}：不是盒子写的清单，没有核对"
    }
    /// Deleted on purpose.
    problem_deleted(at, by, reason) {
        en: "deleted on request by {by} at {at} (reason: {reason}); nothing was lost by accident",
        zh: "按申请删除：{at} 由 {by} 删除（原因：{reason}），不是丢失"
    }
    /// No signature.
    problem_unsigned() {
        en: "the manifest is not signed: nothing proves which box wrote it",
        zh: "清单没有签名，无法证明出自哪台盒子"
    }
    /// The signature does not hold.
    problem_altered() {
        en: "the manifest was altered after it was signed; read it from another store",
        zh: "清单在签名之后被改动过，请换一处存储核对"
    }
    /// Somebody else's signature.
    problem_other_key(found, expected) {
        en: "the manifest is signed with another key: {found} instead of {expected}",
        zh: "清单是用别的密钥签名的：是 {found}，应为 {expected}"
    }
    /// A part of the ledger is unreadable.
    problem_ledger(path, why) {
        en: "{path} cannot be understood: {why}; what it lists is not checked",
        zh: "{path} 读不懂：{why}；其中所列的片段没有核对"
    }
    /// More may come.
    problem_open() {
        en: "the lesson is still open: it runs, or its upload is not finished",
        zh: "这节课还没收尾：还在上课，或还没传完"
    }
    /// Neither media nor a gap.
    problem_nothing() {
        en: "the manifest lists no media and no gap: nothing says what became of the lesson",
        zh: "清单里既没有录像也没有缺录说明，不知道这节课怎么了"
    }
    /// Two tracks of one name.
    problem_track_twice(track) { en: "the track {track} is listed twice", zh: "轨道 {track} 列了两次" }
    /// Two runs of one number.
    problem_run_twice(track, run) {
        en: "run {run} of {track} is listed twice",
        zh: "{track} 的第 {run} 段列了两次"
    }
    /// A run that is not listed.
    problem_run_unknown(track, seq, run) {
        en: "fragment {seq} of {track} belongs to run {run}, which is not listed",
        zh: "{track} 的片段 {seq} 属于第 {run} 段，但清单里没有这一段"
    }
    /// A later fragment of an earlier run.
    problem_run_backwards(track, seq, run) {
        en: "fragment {seq} of {track} goes back to run {run}",
        zh: "{track} 的片段 {seq} 倒回到第 {run} 段"
    }
    /// Numbers are missing.
    problem_sequence_hole(track, first, count) {
        en: "{track} lacks {count} fragment(s) from number {first}",
        zh: "{track} 从第 {first} 号起少 {count} 个片段"
    }
    /// A number twice.
    problem_sequence_double(track, seq) {
        en: "fragment {seq} of {track} is listed twice or out of order",
        zh: "{track} 的片段 {seq} 重复或次序不对"
    }
    /// A path that no store could hold.
    problem_path_illegal(path) {
        en: "{path} is not a path inside a lesson",
        zh: "{path} 不是这节课里的路径"
    }
    /// Two entries are one file.
    problem_path_twice(path) { en: "{path} is listed for two entries", zh: "{path} 被两条记录共用" }
    /// A file is missing.
    problem_missing(path) { en: "{path} is missing", zh: "缺少 {path}" }
    /// A file cannot be read.
    problem_unreadable(path, why) { en: "{path} cannot be read: {why}", zh: "{path} 读不出来：{why}" }
    /// A wrong length.
    problem_length(path, listed, found) {
        en: "{path} has {found} bytes and should have {listed}",
        zh: "{path} 有 {found} 字节，应为 {listed} 字节"
    }
    /// Other content.
    problem_hash(path) {
        en: "{path} is damaged: its content does not match its SHA-256",
        zh: "{path} 已损坏：内容与记录的校验值不符"
    }
    /// No length in time.
    problem_no_duration(track, seq) {
        en: "fragment {seq} of {track} has no duration",
        zh: "{track} 的片段 {seq} 没有时长"
    }
    /// Time that nothing covers.
    problem_time_hole(track, from, to) {
        en: "{track} has nothing from {from} to {to}, and no gap says why",
        zh: "{track} 从 {from} 到 {to} 什么都没有，也没写缺录原因"
    }
    /// Many small holes.
    problem_time_lost(track, seconds) {
        en: "{track} loses {seconds} s in holes that are shorter than a frame each",
        zh: "{track} 的零碎空隙合计缺 {seconds} 秒"
    }
    /// Media over media.
    problem_time_overlap(track, seq, seconds) {
        en: "fragment {seq} of {track} begins {seconds} s before the end of an earlier one",
        zh: "{track} 的片段 {seq} 比前面的片段结束早 {seconds} 秒开始"
    }
    /// A gap the wrong way round.
    problem_gap_backwards(track, from, to) {
        en: "a gap of {track} ends at {to} and begins at {from}",
        zh: "{track} 的一处缺录结束于 {to}，却开始于 {from}"
    }
    /// Two gaps share time.
    problem_gaps_overlap(track, at) {
        en: "two gaps of {track} overlap at {at}",
        zh: "{track} 在 {at} 有两处缺录重叠"
    }
    /// A gap over media.
    problem_gap_over_media(track, at, seq) {
        en: "a gap of {track} at {at} covers fragment {seq}, which was recorded",
        zh: "{track} 在 {at} 标为缺录，但片段 {seq} 明明录上了"
    }
    /// A gap of an unknown track.
    problem_gap_without_track(track) {
        en: "a gap names the track {track}, which is not listed",
        zh: "有一处缺录属于轨道 {track}，但清单里没有这条轨道"
    }
    /// No playlist.
    problem_playlist_damaged(why) {
        en: "index.m3u8 cannot be understood: {why}",
        zh: "播放列表 index.m3u8 读不懂：{why}"
    }
    /// No end mark.
    problem_playlist_open() {
        en: "index.m3u8 has no end mark, so players wait for more",
        zh: "index.m3u8 没有结束标记，播放器会一直等"
    }
    /// A fragment is not listed.
    problem_playlist_lacks(path) { en: "index.m3u8 does not list {path}", zh: "index.m3u8 里没有 {path}" }
    /// Something is listed too often.
    problem_playlist_extra(path) {
        en: "index.m3u8 lists {path} once too often",
        zh: "index.m3u8 多列了一次 {path}"
    }
    /// Another order.
    problem_playlist_order(path) {
        en: "index.m3u8 lists {path} out of order",
        zh: "index.m3u8 里 {path} 的次序不对"
    }
    /// Another init segment.
    problem_playlist_map(path) {
        en: "index.m3u8 plays {path} with the init segment of another run",
        zh: "index.m3u8 用别的段的初始化文件播放 {path}"
    }
    /// A wrong duration.
    problem_playlist_duration(path) {
        en: "index.m3u8 gives a wrong duration for {path}",
        zh: "index.m3u8 里 {path} 的时长不对"
    }
    /// Other gaps.
    problem_playlist_gaps(listed, manifest) {
        en: "index.m3u8 has {listed} s of gaps and the manifest {manifest} s",
        zh: "index.m3u8 标的缺录是 {listed} 秒，清单是 {manifest} 秒"
    }
    /// No manifest where a lesson should be.
    verify_no_manifest(place) {
        en: "{place} holds no lesson: it has no manifest.json; check the address",
        zh: "{place} 里没有课：找不到 manifest.json，请核对地址"
    }
    /// A manifest that is none.
    verify_manifest(place, why) {
        en: "manifest.json at {place} is damaged: {why}; read it from another store",
        zh: "{place} 的 manifest.json 已损坏：{why}；请换一处存储读取"
    }
    /// A signature that holds and was not compared.
    signed_by(key) {
        en: "signed by {key}, not compared with a key you trust (--key)",
        zh: "签名公钥 {key}，未与可信公钥比对（可用 --key 指定）"
    }
    /// A signature of the expected key.
    signed_as_expected(key) { en: "signed by {key}, as expected", zh: "签名公钥 {key}，比对一致" }
    /// A text that is no key and no file.
    not_a_key(given) {
        en: "`{given}` is no public key: give 64 hex digits, or a file that holds them (`lecternctl identity` prints them)",
        zh: "`{given}` 不是公钥：请给 64 位十六进制数，或写着它的文件（lecternctl identity 会显示）"
    }

    // ---- exports ----

    /// Not in the file.
    flaw_missing(path, seconds) { en: "{path} is missing ({seconds} s)", zh: "缺少 {path}（{seconds} 秒）" }
    /// Not readable.
    flaw_unreadable(path, seconds, why) {
        en: "{path} cannot be read ({seconds} s): {why}",
        zh: "{path} 读不出来（{seconds} 秒）：{why}"
    }
    /// Left out.
    flaw_unusable(path, seconds) {
        en: "{path} is unusable and was left out ({seconds} s)",
        zh: "{path} 无法使用，已跳过（{seconds} 秒）"
    }
    /// Kept although damaged.
    flaw_damaged(path) {
        en: "{path} is damaged; it was kept, picture or sound may be disturbed",
        zh: "{path} 有损坏，已保留，画面或声音可能异常"
    }
}

/// What an archive lacks, as time in both languages and as bytes.
#[must_use]
pub fn pending(time_en: &str, time_zh: &str, bytes: impl Display) -> Text {
    Text { en: format!("{time_en} ({bytes}) to go"), zh: format!("还差 {time_zh}（{bytes}）") }
}

/// [`pending`], and how long it takes.
#[must_use]
pub fn pending_through(pending_en: &str, pending_zh: &str, time_en: &str, time_zh: &str) -> Text {
    Text {
        en: format!("{pending_en}, through in about {time_en}"),
        zh: format!("{pending_zh}，约 {time_zh}传完"),
    }
}
