use lectern_api::manifest::{LessonInfo, MANIFEST_VERSION, ManifestState, Trigger};
use lectern_api::{DeviceId, LessonId};
use serde_json::json;

use super::*;

fn manifest() -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        device: DeviceId::new("LB-1").unwrap(),
        lesson: LessonInfo {
            id: LessonId::new("2026-03-02.1").unwrap(),
            title: "语文 \"一\"".to_owned(),
            date: jiff::civil::date(2026, 3, 2),
            since: "2026-03-02T00:00:00.123456789Z".parse().unwrap(),
            until: None,
            planned_until: None,
            trigger: Trigger::Hand,
            planned: None,
        },
        state: ManifestState::Closed,
        runs: Vec::new(),
        tracks: Vec::new(),
        gaps: Vec::new(),
        deletion: None,
        signature: None,
    }
}

fn signed(seed: u8) -> Value {
    let mut manifest = manifest();
    Signer::from_seed(&[seed; 32]).sign(&mut manifest).unwrap();
    serde_json::to_value(&manifest).unwrap()
}

#[test]
fn a_signature_holds_however_the_json_is_written() {
    let key = Signer::from_seed(&[7; 32]).public_key();
    let value = signed(7);
    for text in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
        assert_eq!(check(&serde_json::from_str(&text).unwrap()), Standing::Valid(key));
    }
}

#[test]
fn nothing_can_be_changed_added_or_left_out() {
    let mut changed = signed(7);
    changed["lesson"]["title"] = json!("数学");
    assert_eq!(check(&changed), Standing::Broken);
    let mut added = signed(7);
    added["later"] = json!({"a": 1});
    assert_eq!(check(&added), Standing::Broken);
    let mut less = signed(7);
    less.as_object_mut().unwrap().remove("gaps");
    assert_eq!(check(&less), Standing::Broken);
}

#[test]
fn fields_that_this_reader_does_not_know_are_covered() {
    let mut later = serde_json::to_value(manifest()).unwrap();
    later["later"] = json!({"b": [1, 2.5], "a": "é"});
    let covered = serde_json_canonicalizer::to_vec(&later).unwrap();
    let signer = Signer::from_seed(&[7; 32]);
    let value = HEXLOWER.encode(&signer.0.sign(&covered).to_bytes());
    later["signature"] =
        json!({"algorithm": ALGORITHM, "public_key": signer.public_key().to_string(), "value": value});
    assert_eq!(check(&later), Standing::Valid(signer.public_key()));
    later["later"]["a"] = json!("e");
    assert_eq!(check(&later), Standing::Broken);
}

#[test]
fn a_foreign_signature_names_its_own_key_and_a_borrowed_name_breaks_it() {
    let ours = Signer::from_seed(&[7; 32]).public_key();
    let theirs = Signer::from_seed(&[8; 32]).public_key();
    let mut value = signed(8);
    assert_eq!(check(&value), Standing::Valid(theirs));
    value["signature"]["public_key"] = json!(ours.to_string());
    assert_eq!(check(&value), Standing::Broken);
}

#[test]
fn what_is_no_signature_is_told_from_a_missing_one() {
    let plain = serde_json::to_value(manifest()).unwrap();
    assert_eq!(check(&plain), Standing::Missing);
    for odd in [json!({}), json!("x"), json!({"algorithm": "ed25519", "public_key": "zz", "value": ""})] {
        let mut value = plain.clone();
        value["signature"] = odd;
        assert_eq!(check(&value), Standing::Broken);
    }
    let mut other = signed(7);
    other["signature"]["algorithm"] = json!("rsa");
    assert_eq!(check(&other), Standing::Broken);
}

#[test]
fn keys_are_read_as_they_are_written() {
    let key = Signer::from_seed(&[7; 32]).public_key();
    assert_eq!(format!(" {key}\n").parse(), Ok(key));
    assert_eq!(key.to_string().to_uppercase().parse(), Ok(key));
    for bad in ["", "12", "é", &"+1".repeat(32)] {
        assert_eq!(bad.parse::<PublicKey>(), Err(NoPublicKey), "{bad}");
    }
}
