//! `lecternctl doctor` and `lecternctl bundle`: what is wrong with the box, with
//! its daemon and without it.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::tz::TimeZone;
use lectern_api::doctor::{Check, Examination, Outcome};
use lectern_api::messages::doctor as words;
use lectern_api::{Clock as _, Language, SystemClock, Text};
use lectern_doctor::{Bundle, Pictures, Places};

use crate::Failure;
use crate::screen::Screen;
use crate::show::Page;

/// What a serial console shows.
const WIDTH: usize = 80;
/// Where the text begins, behind outcome and code.
const INDENT: &str = "      ";

/// Where the box is found when its daemon cannot tell.
#[derive(Debug, Args)]
pub(crate) struct Where {
    /// The box's configuration; else the one that its daemon runs with, else
    /// /etc/lectern/lectern.toml.
    #[arg(long, value_name = "FILE", env = "LECTERN_CONFIG")]
    config: Option<PathBuf>,
    /// The file that the daemon's log goes to, where there is no journal.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

impl Where {
    async fn places(&self, socket: &Path) -> Places {
        let places = match &self.config {
            Some(config) => Places::new(config, socket),
            None => Places::of_daemon(socket).await,
        };
        Places { log: self.log.clone(), ..places }
    }
}

/// Whether nothing is wrong. Where nothing at all could be looked at, nobody was
/// reached.
pub(crate) async fn run(place: &Where, socket: &Path, screen: &Screen) -> Result<bool, Failure> {
    let clock = SystemClock::new();
    let found = lectern_doctor::examine(&place.places(socket).await, || clock.utc()).await;
    screen.answer(&found, |language| page(&found, language));
    if found.saw_nothing() {
        return Err(Failure::Unreachable(words::daemon_down()));
    }
    Ok(found.findings().is_empty())
}

/// Writes a bundle.
pub(crate) async fn bundle(
    place: &Where,
    socket: &Path,
    out: &Path,
    pictures: Pictures,
    screen: &Screen,
) -> Result<bool, Failure> {
    let clock = SystemClock::new();
    let failed = |error: &dyn std::fmt::Display| Failure::No(words::bundle_failed(out.display(), error));
    if pictures == Pictures::OfEachSource {
        screen.complain(&words::pictures_warning());
    }
    let places = place.places(socket).await;
    let bundle = Bundle::collect(&places, || clock.utc(), pictures).await.map_err(|e| failed(&e))?;
    let path = bundle.write(out).map_err(|error| match error {
        lectern_doctor::BundleError::Write { cause, .. } => failed(&cause),
        other => failed(&other),
    })?;
    screen.answer(&bundle.manifest, |language| {
        let mut page = Page::new(language);
        let size = format!("{} kB", bundle.bytes.len().div_ceil(1000));
        let files = &bundle.manifest.files;
        let shown = files.iter().filter(|part| part.path.starts_with("pictures/")).count();
        page.line(&match shown {
            0 => words::bundle_written(path.display(), files.len(), size),
            _ => words::bundle_written_with_pictures(path.display(), files.len(), size, shown),
        });
        for missing in &bundle.manifest.missing {
            page.line(&words::bundle_missing(&missing.path, &missing.why));
        }
        wrapped(&page.text, "", "    ")
    });
    Ok(true)
}

/// What is fine first, in one line each; then what is to be done, so that it is
/// still on the screen of a console that does not scroll.
fn page(found: &Examination, language: Language) -> String {
    let mut page = Page::new(language);
    let zone = TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC);
    let at = found.at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S");
    let unknown = words::unknown_box();
    let device = found.device.as_deref().unwrap_or(unknown.in_language(language));
    page.line(&words::head(device, &found.place, at));
    page.plain("");
    let of = |outcomes: &'static [Outcome]| {
        found.checks.iter().filter(move |check| outcomes.contains(&check.outcome))
    };
    for check in of(&[Outcome::Pass, Outcome::Skip]) {
        page.plain(&line(check, language));
    }
    page.plain("");
    for check in of(&[Outcome::Warn]).chain(of(&[Outcome::Fail])) {
        page.plain(&finding(check, language));
    }
    let count = |outcome| found.count(outcome);
    page.line(&words::sum(
        count(Outcome::Fail),
        count(Outcome::Warn),
        count(Outcome::Pass),
        count(Outcome::Skip),
    ));
    page.text
}

/// Outcome, code, and which.
fn head(check: &Check, language: Language) -> String {
    let outcome = match check.outcome {
        Outcome::Pass => words::pass(),
        Outcome::Warn => words::warn(),
        Outcome::Fail => words::fail(),
        Outcome::Skip => words::skip(),
    };
    let unit = if check.unit.is_empty() { String::new() } else { format!(" ({})", check.unit) };
    format!("{} {}{unit}", outcome.in_language(language), check.code)
}

/// A check without a finding: one line where it fits.
fn line(check: &Check, language: Language) -> String {
    let text = check.text.in_language(language);
    let colon = Text { en: ": ".to_owned(), zh: "：".to_owned() };
    wrapped(&format!("{}{}{text}", head(check, language), colon.in_language(language)), "", INDENT)
}

/// A finding: what, what to do, what shows it.
fn finding(check: &Check, language: Language) -> String {
    let mut lines = vec![head(check, language), wrapped(check.text.in_language(language), INDENT, INDENT)];
    let hint = check.hint.as_ref().map(|hint| hint.in_language(language));
    lines.extend(hint.map(|hint| wrapped(hint, "    → ", INDENT)));
    lines.extend(check.detail.iter().map(|shown| wrapped(shown, "    | ", "    | ")));
    lines.join("\n")
}

fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let options = textwrap::Options::new(WIDTH).initial_indent(first).subsequent_indent(rest);
    textwrap::fill(text.trim_end(), options)
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    fn examination() -> Examination {
        let check = |code: &str, unit: &str, outcome, text, hint: Option<Text>| Check {
            code: code.to_owned(),
            unit: unit.to_owned(),
            outcome,
            text,
            hint,
            detail: Vec::new(),
        };
        let long = "/srv/lectern/a-folder-with-a-name/that-goes-on/and-on/until-nobody/reads/it/spool";
        let down = check(
            "daemon.answers",
            "",
            Outcome::Fail,
            words::daemon_down(),
            Some(words::daemon_down_by_hand_hint("/etc/lectern/lectern.toml")),
        );
        Examination {
            device: Some("LB-2026-000317".to_owned()),
            place: "张村小学 三年级二班".to_owned(),
            at: "2026-03-02T00:04:10Z".parse().unwrap(),
            took_ms: 12,
            checks: vec![
                Check { detail: vec!["ERROR cannot start ".to_owned() + long], ..down },
                check("disk.room", "spool", Outcome::Pass, words::room_fine(long, "12.3 GB"), None),
                check(
                    "clock.time",
                    "",
                    Outcome::Warn,
                    words::clock_alone("x"),
                    Some(words::clock_alone_hint()),
                ),
                check("source.device", "cam", Outcome::Skip, words::device_auto(), None),
            ],
        }
    }

    #[test]
    fn what_is_to_be_done_stands_at_the_end_the_worst_last() {
        let shown = page(&examination(), Language::En);
        assert!(shown.starts_with("LB-2026-000317  张村小学 三年级二班  2026-03-02 08:04:10\n\nPASS  disk"));
        let place = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text}: {shown}"));
        assert!(place("SKIP  source.device (cam): takes") < place("WARN  clock.time\n      x, and"));
        assert!(place("WARN  clock.time") < place("FAIL  daemon.answers\n      lecternd is not running\n"));
        assert!(shown.contains("\n    → Start it: lecternd run") && shown.contains("\n    | ERROR cannot"));
        assert!(shown.ends_with("\n1 failed, 1 to look at, 1 fine, 1 left out\n"), "{shown}");
        let shown = page(&examination(), Language::ZhCn);
        assert!(shown.ends_with("\n故障 1 项，注意 1 项，正常 1 项，跳过 1 项\n"), "{shown}");
    }

    #[test]
    fn no_line_is_wider_than_a_console() {
        for language in [Language::ZhCn, Language::En] {
            for line in page(&examination(), language).lines() {
                assert!(line.width() <= WIDTH, "{line}");
            }
        }
    }
}
