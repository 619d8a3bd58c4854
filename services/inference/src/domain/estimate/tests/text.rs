//! A calibration as text.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Calibration, World, learned, said};

fn text() -> Value {
    serde_json::from_str(&learned(&World::USUAL, 60).to_text()).unwrap()
}

#[test]
fn what_is_written_is_read() {
    for calibration in [
        learned(&World::USUAL, 60),
        learned(&World::BLIND, 5),
        Calibration::neutral(&crate::domain::Parameters::default()),
    ] {
        let text = calibration.to_text();

        let read = Calibration::from_text(&text).unwrap();

        assert!(text.len() < 4096, "{}", text.len());
        assert_eq!(read.to_text(), text);
        let before = said_without_interval(&calibration);
        assert_eq!(said_without_interval(&read), before);
    }
}

fn said_without_interval(calibration: &Calibration) -> Vec<usize> {
    let mut calibration = calibration.clone();
    let quantiles = super::Quantiles::new(0.0, 0.0);
    calibration.quantiles = quantiles.ok();
    let said = said(&World::USUAL, &calibration, 30);
    said.iter().map(|(said, _)| said.plants).collect()
}

#[test]
fn a_field_that_no_fit_could_have_made_is_refused_by_name() {
    let huge: Vec<f64> = (0..40).map(f64::from).collect();
    let faults = [
        ("version", json!(1)),
        ("version", Value::Null),
        ("tile_size_px", json!(1)),
        ("tile_overlap", json!(0.9)),
        ("merge_threshold", json!(0.0)),
        ("floor", json!(0.0)),
        ("floor", json!("faint")),
        ("sure", json!(0.01)),
        ("score", json!([])),
        ("score", json!([[0.5, 0.9], [0.6, 0.2]])),
        ("score", json!([[0.5, 0.9], [0.5, 0.9]])),
        ("score", json!([[0.5, 1.9]])),
        ("score", json!([[0.5]])),
        ("score", json!(vec![[0.1, 0.1]; 65])),
        ("sizes", json!([3, 2])),
        ("sizes", json!(huge)),
        ("crowds", json!([-1])),
        ("factors", json!([[1.0]])),
        ("factors", json!(1)),
        ("scale", json!(1e9)),
        ("share", json!(-0.1)),
        ("point", json!("guess")),
        ("point", Value::Null),
        ("low", json!(1e9)),
        ("low", Value::Null),
        ("high", json!(-999)),
        ("photos", json!(-1)),
        ("plants", json!("many")),
    ];
    for (field, value) in faults {
        let mut text = text();
        text[field] = value.clone();

        let refused = Calibration::from_text(&text.to_string()).unwrap_err();

        let expected = format!("calibration's {field} must be ");
        assert!(
            refused.to_string().contains(&expected),
            "{field} {value}: {refused}"
        );
    }
    let mut factors = text();
    factors["factors"][0][0] = json!(77);
    let refused = Calibration::from_text(&factors.to_string()).unwrap_err();
    assert!(refused.to_string().contains("factors"), "{refused}");
}

#[test]
fn what_is_no_calibration_at_all_is_refused() {
    let mut more = text();
    more["beliefs"] = json!(1);
    let long = format!("{}{}", text(), " ".repeat(40_000));
    for text in [
        "",
        "7",
        "[]",
        "{",
        &"[".repeat(9000),
        &long,
        &more.to_string(),
    ] {
        let refused = Calibration::from_text(text).unwrap_err();
        let expected = if text == "{}" { "version" } else { "text" };
        assert!(refused.to_string().contains(expected), "{refused}");
    }
}

proptest! {
    #[test]
    fn damage_is_refused_or_read_and_never_a_panic(at in 0usize..2000, byte in 32u8..127) {
        let mut bytes = text().to_string().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let damaged = String::from_utf8(bytes).unwrap();
        if let Ok(read) = Calibration::from_text(&damaged) {
            let said = read.estimate(&[], 0);
            prop_assert_eq!(said.plants, 0);
        }
    }
}
