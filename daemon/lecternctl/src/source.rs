//! How a source that delivers is, in words.

use lectern_api::Language;
use lectern_api::source::Exposure;
use lectern_api::status::SourceStatus;

/// What is wrong with its picture or sound, or that nothing is.
pub(crate) fn state(source: &SourceStatus, language: Language) -> String {
    let (picture, sound) = (source.picture.unwrap_or_default(), source.sound.unwrap_or_default());
    let wrong = [
        (picture.no_signal.is_some(), "没有信号", "NO SIGNAL"),
        (picture.black, "画面全黑", "BLACK"),
        (picture.frozen, "画面卡住", "FROZEN"),
        (picture.exposure == Exposure::Under, "画面太暗", "TOO DARK"),
        (picture.exposure == Exposure::Over, "画面太亮", "TOO BRIGHT"),
        (sound.silent, "没有声音", "SILENT"),
        (sound.clipping, "声音太大破音", "CLIPPED"),
        (sound.hum, "有电流声", "HUMS"),
    ];
    let word = |zh, en| match language {
        Language::ZhCn => zh,
        Language::En => en,
    };
    let words: Vec<&str> =
        wrong.iter().filter(|(is_so, ..)| *is_so).map(|(_, zh, en)| word(*zh, *en)).collect();
    if words.is_empty() { word("正常", "running").to_owned() } else { words.join(word("、", ", ")) }
}

#[cfg(test)]
mod tests {
    use lectern_api::source::{PictureStatus, SoundStatus};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_source_is_fine_or_its_flaws_are_said_in_both_languages() {
        let source: SourceStatus = serde_json::from_value(json!({
            "name": "mic", "role": "mic", "state": "running", "last_frame_age_ms": 10, "restarts": 0,
        }))
        .unwrap();
        assert_eq!(state(&source, Language::ZhCn), "正常");
        assert_eq!(state(&source, Language::En), "running");
        let sound = SoundStatus { clipping: true, hum: true, ..SoundStatus::default() };
        let loud = SourceStatus { sound: Some(sound), ..source.clone() };
        assert_eq!(state(&loud, Language::ZhCn), "声音太大破音、有电流声");
        assert_eq!(state(&loud, Language::En), "CLIPPED, HUMS");
        let picture = PictureStatus { frozen: true, ..PictureStatus::default() };
        let still = SourceStatus { picture: Some(picture), ..source };
        assert_eq!(state(&still, Language::ZhCn), "画面卡住");
    }
}
