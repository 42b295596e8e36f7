//! What `local.toml` may hold: every key that may be changed other than by
//! writing `lectern.toml` by hand. What is not in this table is neither told nor
//! changed from afar, secrets, brokers, stores and paths among it.

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setting {
    /// `program`, or `live` of which there are many.
    pub(crate) table: &'static str,
    pub(crate) key: &'static str,
    pub(crate) from_afar: FromAfar,
    /// Whether it may be told.
    pub(crate) is_told: bool,
    /// What counts where nobody says, as TOML; nothing where that follows from
    /// something else.
    pub(crate) default: Option<&'static str>,
}

/// Whether the broker may change it, once it may change anything at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FromAfar {
    /// Unless `[mqtt] settings` leaves it out.
    Yes,
    /// Only where `[mqtt] settings` names it: it would let a stranger see, hear
    /// or delete more.
    WhenNamed,
}

const fn free(table: &'static str, key: &'static str, default: &'static str) -> Setting {
    Setting { table, key, from_afar: FromAfar::Yes, is_told: true, default: Some(default) }
}

impl Setting {
    const fn without_default(self) -> Self {
        Self { default: None, ..self }
    }

    const fn when_named(self) -> Self {
        Self { from_afar: FromAfar::WhenNamed, ..self }
    }

    /// What it holds may be a secret.
    const fn untold(self) -> Self {
        Self { is_told: false, ..self }
    }

    /// `table.key`, as `[mqtt] settings` writes it.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.table, self.key)
    }

    /// Whether there are many tables of its kind, each with a name.
    pub(crate) fn is_of_many(&self) -> bool {
        MANY.contains(&self.table)
    }
}

/// Tables of which there are many: `table.NAME.key` from afar, in `local.toml` a
/// table with the `name` of one in `lectern.toml`.
pub(super) const MANY: [&str; 2] = ["live", "archive"];

/// The table.
pub(crate) const SETTINGS: [Setting; 24] = [
    free("device", "place", "").without_default(),
    free("device", "time_zone", "\"Asia/Shanghai\""),
    free("device", "language", "\"zh-CN\""),
    free("device", "power", "\"learned\""),
    free("program", "width", "1280"),
    free("program", "height", "720"),
    free("program", "fps", "25"),
    free("program", "bitrate_kbps", "2500"),
    free("program", "live_bitrate_kbps", "").without_default(),
    // Cameras that stay open.
    free("program", "standby", "false").when_named(),
    // The class would go wherever somebody says.
    free("live", "url", "").without_default().when_named().untold(),
    free("archive", "pace_kbps", "").without_default(),
    free("archive", "hours", "[]"),
    free("archive", "running_lesson_at_any_hour", "true"),
    // Lessons would leave the disk earlier.
    free("spool", "quota", "\"20GiB\"").when_named(),
    free("spool", "keep_days", "").without_default().when_named(),
    free("timetable", "room", "").without_default(),
    free("timetable", "refresh_minutes", "15"),
    // The talk of the break.
    free("timetable", "before_s", "0").when_named(),
    free("timetable", "after_s", "0").when_named(),
    free("mqtt", "keepalive_s", "50"),
    free("mqtt", "heartbeat_s", "900"),
    // An ear and an eye between lessons.
    free("trigger", "signal", "").without_default().when_named(),
    free("trigger", "sound", "").without_default().when_named(),
];

/// The row of a key in a table.
pub(crate) fn setting(table: &str, key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.table == table && setting.key == key)
}
