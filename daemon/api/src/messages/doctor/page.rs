//! The page that an examination fills.

use std::fmt::Display;

use crate::Text;

messages! {
    // ---- the page ----

    /// Its head.
    head(device, place, at) { en: "{device}  {place}  {at}", zh: "{device}　{place}　{at}" }
    /// Who it is when nobody says.
    unknown_box() { en: "this box", zh: "本盒" }
    /// An outcome, five columns wide.
    pass() { en: "PASS ", zh: "正常 " }
    /// An outcome, five columns wide.
    warn() { en: "WARN ", zh: "注意 " }
    /// An outcome, five columns wide.
    fail() { en: "FAIL ", zh: "故障 " }
    /// An outcome, five columns wide.
    skip() { en: "SKIP ", zh: "跳过 " }
    /// The last line.
    sum(fail, warn, pass, skip) {
        en: "{fail} failed, {warn} to look at, {pass} fine, {skip} left out",
        zh: "故障 {fail} 项，注意 {warn} 项，正常 {pass} 项，跳过 {skip} 项"
    }
    /// A check that did not come to its end.
    no_answer_in_time() { en: "no answer in time", zh: "规定时间内没有结果" }
    /// A check that needs the daemon.
    needs_daemon() { en: "needs the running lecternd", zh: "要 lecternd 运行才能查" }
    /// A check that needs the configuration.
    needs_configuration() {
        en: "not known without a configuration that can be read",
        zh: "配置文件读不出来，没法查"
    }
    /// A check that makes no sense while something else is broken.
    because_of(code) { en: "not tried: first {code}", zh: "没有查：先解决 {code}" }
    // ---- over MQTT ----

    /// A result that does not fit.
    more_findings(count) { en: "and {count} more", zh: "还有 {count} 项" }
}
