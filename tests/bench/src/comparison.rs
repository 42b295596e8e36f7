//! What the programs used, in terms of each other: medians over the rounds.

use crate::Name;
use crate::line::{Line, median, round, spread};
use crate::programs::{ALL, Program, Sample};

/// What lecternd may use of the bare pipeline's processor time, and beyond its
/// memory.
const CPU_TARGET: f64 = 1.05;
const MEMORY_TARGET_MB: f64 = 60.0;

/// Prints what was asked for; each round holds one sample of each program.
pub(crate) fn print(samples: &[[Sample; 3]], seconds: u32, asked: &impl Fn(Name) -> bool) {
    let of = |program: usize, get: &dyn Fn(&Sample) -> f64| -> Vec<f64> {
        samples.iter().map(|of_round| get(&of_round[program])).collect()
    };
    let middle = |program: usize, get: &dyn Fn(&Sample) -> f64| round(median(&of(program, get)));
    for (index, peer) in ALL.iter().enumerate().skip(1) {
        let compare = |name, unit, get: &dyn Fn(&Sample) -> f64, target: Option<f64>| {
            let ratios: Vec<f64> = samples.iter().map(|s| get(&s[0]) / get(&s[index])).collect();
            let ratio = median(&ratios);
            let detail = |program: usize| {
                serde_json::json!({
                    "live_fps": middle(program, &|s| s.fps),
                    "live_kbps": middle(program, &|s| s.live_kbps),
                    "record_kbps": middle(program, &|s| s.record_kbps),
                    "threads": middle(program, &|s| s.threads as f64),
                    "rss_anon_mean_mb": middle(program, &|s| s.anon_mb),
                    "spread": spread(&of(program, get)),
                })
            };
            let line = Line {
                name,
                value: middle(0, get),
                unit,
                peer: Some(peer.name()),
                peer_value: Some(middle(index, get)),
                ratio: Some(round(ratio)),
                target,
                met: target.map(|target| ratio <= target),
                details: serde_json::json!({
                    "ratio_spread": spread(&ratios), "rounds": samples.len(), "seconds": seconds,
                    "lecternd": detail(0), "other": detail(index),
                    "work": "RTSP camera and X11 screen, picture in picture 1280x720@25, noise as sound, \
                             two x264 superfast encodes (2500 to disk, 1500 to SRT), two AAC encodes",
                }),
            };
            line.print();
        };
        if asked(Name::Cpu) {
            let target = (*peer == Program::GstLaunch).then_some(CPU_TARGET);
            compare("cpu", "cores", &|s| s.cores, target);
        }
        if asked(Name::PeakRss) {
            compare("peak_rss", "MB", &|s| s.peak_mb, None);
        }
    }
    if asked(Name::MemoryBeyondPipeline) {
        let beyond: Vec<f64> = samples.iter().map(|s| s[0].peak_mb - s[1].peak_mb).collect();
        let value = median(&beyond);
        let line = Line {
            name: "memory_beyond_pipeline",
            value: round(value),
            unit: "MB",
            peer: Some(Program::GstLaunch.name()),
            target: Some(MEMORY_TARGET_MB),
            met: Some(value <= MEMORY_TARGET_MB),
            details: serde_json::json!({ "spread": spread(&beyond), "rounds": samples.len() }),
            ..Line::default()
        };
        line.print();
    }
}
