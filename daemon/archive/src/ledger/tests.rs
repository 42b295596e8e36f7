use lectern_api::Ticks;

use super::*;

fn fragment(seq: u64) -> Line {
    let track = Name::new("program").unwrap();
    let path = layout::fragment(&track, seq);
    let (pts_90k, duration_90k) = (Ticks(seq * 180_000), Ticks(180_000));
    let entry =
        FragmentEntry { seq, run: 1, path, pts_90k, duration_90k, bytes: 656_000, sha256: "ab".repeat(32) };
    Line::Fragment(Listed { track, fragment: entry })
}

fn head(version: u32) -> Line {
    Line::Part(Head {
        version,
        part: 1,
        up_to: vec![Reach { track: Name::new("program").unwrap(), seq: FRAGMENTS_PER_PART }],
    })
}

#[test]
fn a_part_reads_back_as_it_was_written() {
    let lines: Vec<Line> = std::iter::once(head(LEDGER_VERSION)).chain((1..=150).map(fragment)).collect();
    let text = render(&lines).unwrap();
    assert_eq!(parse(&text).unwrap(), lines);
}

#[test]
fn a_fragment_costs_less_than_three_hundred_bytes() {
    let text = render(&[fragment(14_400)]).unwrap();
    assert!(text.len() < 300, "{} bytes: {}", text.len(), String::from_utf8_lossy(&text));
}

#[test]
fn a_part_of_another_make_is_refused_with_its_reason() {
    assert!(parse(&render(&[head(LEDGER_VERSION + 1)]).unwrap()).unwrap_err().contains("version"));
    assert!(parse(&render(&[fragment(1)]).unwrap()).unwrap_err().contains("head"));
    let torn = [render(&[head(1)]).unwrap(), b"{\"fragment\":{\"track\"".to_vec()].concat();
    assert!(parse(&torn).unwrap_err().starts_with("line 2"));
    assert!(parse(b"").is_err());
}
