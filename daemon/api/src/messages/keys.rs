//! Sentences about the keys of the box.

use std::fmt::Display;

use crate::Text;

messages! {
    /// Fault `key.missing`: lessons that another key encrypted.
    key_missing(lessons) {
        en: "The box has another key now: {lessons} earlier lessons cannot be opened on it. New lessons are recorded and uploaded as always.",
        zh: "盒子换了密钥，之前有〔{lessons}〕节录像在本机打不开。新课照常录、照常上传。"
    }
    /// Hint of `key.missing`.
    key_missing_hint() {
        en: "Put the key file back from its backup, or ask the administrator to read the lessons with the recovery key.",
        zh: "请把备份的密钥文件放回，或请管理员用恢复密钥读取。"
    }
    /// A key file is gone although it was in use.
    key_file_missing(path) {
        en: "The key file {path} is gone, and a new key was made. New lessons are recorded and uploaded as always.",
        zh: "密钥文件 {path} 不见了，盒子已换上新密钥。新课照常录、照常上传。"
    }
    /// A key file holds no key.
    key_file_damaged(path, aside) {
        en: "The key file {path} is damaged; it is kept as {aside}, and a new key was made. New lessons are recorded and uploaded as always.",
        zh: "密钥文件 {path} 损坏，原文件留作 {aside}，盒子已换上新密钥。新课照常录、照常上传。"
    }
    /// A key file that others could read or write.
    key_file_exposed(path, mode) {
        en: "The key file {path} could be used by others (mode {mode}); it is closed to them now.",
        zh: "密钥文件 {path} 之前其他用户也能读写（权限 {mode}），现已收回。"
    }
    /// A key that systemd gave cannot be used.
    key_credential_damaged(path) {
        en: "The key {path} that systemd gave is damaged; the key in the box's own folder is used. New lessons are recorded and uploaded as always.",
        zh: "systemd 给的密钥 {path} 损坏，盒子改用自己的密钥。新课照常录、照常上传。"
    }
    /// The keys are those of another box.
    keys_foreign(spool) {
        en: "The recordings in {spool} were made with other keys than those of this box. New lessons are recorded and uploaded as always.",
        zh: "{spool} 里的录像是用别的密钥录的，与本机密钥对不上。新课照常录、照常上传。"
    }
}
