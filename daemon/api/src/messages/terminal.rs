//! What the command line prints.

use std::fmt::Display;

use crate::Text;

messages! {
    /// Nobody answers on the control socket.
    daemon_unreachable(socket, cause) {
        en: "lecternd does not answer on {socket} ({cause}); is it running, and is --socket right?",
        zh: "连不上 lecternd（{socket}：{cause}）；请确认它在运行、--socket 写对了"
    }
    /// This user may not ask.
    daemon_forbidden(socket) {
        en: "this user may not speak to lecternd on {socket}; run it as root (sudo), or as a member of the socket's group",
        zh: "当前用户无权访问 lecternd（{socket}）；请用 sudo 运行，或把用户加进这个文件所属的组"
    }
    /// This machine gives the program nothing to run with.
    no_runtime(cause) { en: "lecternctl cannot start: {cause}", zh: "lecternctl 启动不了：{cause}" }
    /// An answer that cannot be read.
    bad_answer(cause) {
        en: "the answer of lecternd cannot be understood ({cause}); are both of the same version?",
        zh: "看不懂 lecternd 的回答（{cause}）；两边版本一样吗？"
    }
    /// Not an id.
    not_a_lesson_id(text) {
        en: "`{text}` is no lesson's id; `lecternctl lessons` lists them",
        zh: "`{text}` 不是课的编号；用 lecternctl lessons 查看"
    }
    /// Not a track's name.
    not_a_track(text) {
        en: "`{text}` is no track's name; `lecternctl lesson show ID` lists them",
        zh: "`{text}` 不是音视频轨的名称；用 lecternctl lesson show 查看"
    }
    /// An archive or the box could not be read.
    store_failed(cause) { en: "{cause}", zh: "读取失败：{cause}" }
    /// An export ended early.
    export_failed(cause) { en: "the export failed: {cause}", zh: "导出失败：{cause}" }
    /// A recovery could not be carried out.
    recovery_failed(cause) { en: "the recovery failed: {cause}", zh: "恢复失败：{cause}" }
    /// A file for a new key exists already.
    key_exists(path) {
        en: "{path} exists and is not overwritten: lessons may depend on it; choose another file",
        zh: "{path} 已经存在，可能还有课要靠它恢复，不会覆盖；请换一个文件名"
    }
    /// A key could not be written.
    key_not_written(path, cause) {
        en: "the key could not be written to {path}: {cause}",
        zh: "密钥没能写入 {path}：{cause}"
    }
    /// A key could not be read.
    key_not_read(path, cause) {
        en: "no key could be read from {path}: {cause}",
        zh: "没能从 {path} 读出密钥：{cause}"
    }
    /// A pair of keys was made.
    key_made(path, public) {
        en: "the private key is in {path}; keep it away from the box. The public key, for the box's configuration: {public}",
        zh: "私钥已存入 {path}，请另行保管，不要留在录课盒里。公钥请填入录课盒的配置：{public}"
    }
    /// One lesson was recovered.
    lesson_recovered(title, id, fragments, folder) {
        en: "\"{title}\" ({id}): {fragments} fragments, in {folder}",
        zh: "《{title}》（{id}）：恢复了 {fragments} 个片段，在 {folder}"
    }
    /// Something could not be recovered.
    not_recovered(what) { en: "lost: {what}", zh: "没能恢复：{what}" }
    /// A folder holds no lesson.
    nothing_to_recover() {
        en: "this folder holds no lesson; give the spool's own folder, the one with `segments` in it",
        zh: "这个文件夹里没有课；请指定暂存区的文件夹（里面有 segments 的那一个）"
    }
    /// A lesson has begun.
    lesson_started(lesson) { en: "lesson {lesson} is on air", zh: "课 {lesson} 已开始" }
    /// A lesson has ended.
    lesson_stopped(lesson) {
        en: "lesson {lesson} has ended; its last seconds are being written",
        zh: "课 {lesson} 已结束，正在写入最后几秒"
    }
    /// There are no lessons.
    no_lessons() { en: "no lessons yet", zh: "还没有录过课" }
    /// The box and where it stands.
    status_box(id, place, version) {
        en: "Box      {id}  {place}  (version {version})",
        zh: "盒子　　{id}　{place}　（版本 {version}）"
    }
    /// Nothing runs.
    status_idle() { en: "Lesson   none", zh: "上课　　现在没有课" }
    /// What runs.
    status_lesson(title, state, recorded, gap) {
        en: "Lesson   {title}  {state}, recorded {recorded}{gap}",
        zh: "上课　　{title}　{state}，已录 {recorded}{gap}"
    }
    /// A part of [`status_lesson`].
    status_gap(gap) { en: ", missing {gap}", zh: "，缺录 {gap}" }
    /// Which box.
    identity_device(id) { en: "Box         {id}", zh: "盒子编号　{id}" }
    /// By what its signature is known.
    identity_key(key) { en: "Public key  {key}", zh: "签名公钥　{key}" }
    /// One source.
    status_source(name, role, state) {
        en: "Source   {name} ({role}): {state}",
        zh: "来源　　{name}（{role}）：{state}"
    }
    /// One live target.
    status_live(name, state, kbps) {
        en: "Live     {name}: {state}, {kbps} kbit/s",
        zh: "直播　　{name}：{state}，{kbps} kbit/s"
    }
    /// One archive.
    status_archive(name, state, pending) {
        en: "Archive  {name}: {state}, {pending}",
        zh: "存储　　{name}：{state}，{pending}"
    }
    /// An archive has everything there is.
    pending_nothing() { en: "nothing to go", zh: "没有待传" }
    /// The disk.
    spool_used(used, quota) { en: "Used     {used} of {quota}", zh: "已用　　{used}，共 {quota}" }
    /// What is left.
    spool_free(free, hours) {
        en: "Free     {free}, room for {hours}",
        zh: "可用　　{free}，还能录 {hours}"
    }
    /// What can be let go when room is needed.
    spool_reclaimable(bytes) {
        en: "         {bytes} of it are archived lessons that may go",
        zh: "　　　　其中 {bytes} 是已存好、可以腾出的课"
    }
    /// What an archive lacks still.
    spool_pending(archive, duration, bytes) {
        en: "Pending  {archive}: {duration}, {bytes}",
        zh: "待补传　{archive}：{duration}，{bytes}"
    }
    /// A lesson that is held.
    spool_held(lesson) { en: "Held     {lesson}", zh: "封存　　{lesson}" }
    /// The ballast is there.
    spool_ballast(bytes) { en: "Ballast  {bytes} in reserve", zh: "应急　　预留 {bytes}" }
    /// The ballast was given up.
    spool_no_ballast() {
        en: "Ballast  GIVEN UP: the disk is or was full",
        zh: "应急　　预留空间已用掉：硬盘满过"
    }
    /// A lesson that made way.
    spool_discarded(lesson, at) {
        en: "LOST     {lesson}, given up on {at} before it was uploaded",
        zh: "缺录　　{lesson}，{at} 没上传就腾了空间"
    }
    /// How long the disk lasts.
    status_spool(free) { en: "Disk     room for {free}", zh: "本机　　还能录 {free}" }
    /// One fault.
    status_fault(text, hint, code) {
        en: "FAULT    {text}\n         → {hint}  [{code}]",
        zh: "故障　　{text}\n　　　　→ {hint}　[{code}]"
    }
    /// No faults.
    status_no_faults() { en: "Faults   none", zh: "故障　　无" }
    /// A complete copy.
    check_fine(place, fragments, recorded, gap) {
        en: "{place}: complete, {fragments} fragments, {recorded}{gap}",
        zh: "{place}：完整，{fragments} 个片段，{recorded}{gap}"
    }
    /// An incomplete copy.
    check_bad(place, count) { en: "{place}: {count} problem(s)", zh: "{place}：有 {count} 处问题" }
    /// A file that was written.
    wrote(file) { en: "wrote {file}", zh: "已写入 {file}" }
    /// Something that is not in it.
    flaw(what) { en: "not complete: {what}", zh: "不完整：{what}" }
    /// Nothing was recorded, and the manifest says so.
    check_empty(place) { en: "{place}: nothing was recorded", zh: "{place}：什么都没录上" }
    /// A recovery that would write over an archive.
    recovery_would_overwrite(folder) {
        en: "{folder} holds a lesson already, perhaps a more complete one; choose an empty folder with --out",
        zh: "{folder} 里已经有这节课，可能更完整；请用 --out 换一个空文件夹"
    }
    /// 紧急
    severity_critical() { en: "CRITICAL", zh: "紧急" }
    /// 重要
    severity_major() { en: "MAJOR", zh: "重要" }
    /// 一般
    severity_minor() { en: "MINOR", zh: "一般" }
    /// 提示
    severity_warning() { en: "NOTICE", zh: "提示" }
    /// Nothing is wrong.
    no_open_faults() { en: "no faults", zh: "现在没有故障" }
    /// Above the faults that are over.
    past_faults() { en: "Past faults:", zh: "以往的故障：" }
    /// The first line of an open fault.
    fault_since(severity_en, severity_zh, code, unit, since) {
        en: "{severity_en}  {code} ({unit})  since {since}",
        zh: "{severity_zh}　{code}（{unit}）　{since} 起"
    }
    /// The first line of a fault that is over.
    fault_lasted(severity_en, severity_zh, code, unit, since, until) {
        en: "{severity_en}  {code} ({unit})  {since} to {until}",
        zh: "{severity_zh}　{code}（{unit}）　{since} 至 {until}"
    }
    /// Behind the first line of a fault: what `lecternctl repaired` is given.
    fault_number(id) { en: "  no. {id}", zh: "　编号 {id}" }
    /// Behind the first line of a fault that came back.
    fault_count(count) { en: ", {count} times", zh: "，反复 {count} 次" }
}
