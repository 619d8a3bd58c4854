//! `demeter model calibrate`: from marked pictures to weights that say how sure they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Side of the pieces that the demo bed is cut into.
const PIECE: u32 = 320;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn weights() -> PathBuf {
    here("../inference/models/plant-n.safetensors")
}

fn demeter(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demeter"));
    command.args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(both).unwrap()
}

/// Pieces of the demo bed with the boxes that lie in them; those that its border cuts
/// count neither way.
fn cut_the_demo_bed(folder: &Path) -> Vec<(String, usize)> {
    let bed = image::open(here("demo/bed.jpg")).unwrap().into_rgb8();
    let truth = fs::read(here("demo/bed.truth.json")).unwrap();
    let truth: Value = serde_json::from_slice(&truth).unwrap();
    let boxes: Vec<[f64; 4]> = serde_json::from_value(truth["boxes"].clone()).unwrap();
    let mut pieces = Vec::new();
    let side = f64::from(PIECE);
    for top in (0..bed.height() - PIECE).step_by(280) {
        for left in (0..bed.width() - PIECE).step_by(280) {
            let name = format!("{top:04}_{left:04}.jpg");
            let piece = image::imageops::crop_imm(&bed, left, top, PIECE, PIECE);
            piece.to_image().save(folder.join(&name)).unwrap();
            let (mut whole, mut cut) = (Vec::new(), Vec::new());
            for [x_min, y_min, x_max, y_max] in &boxes {
                let (left, top) = (f64::from(left), f64::from(top));
                let edges = [x_min - left, y_min - top, x_max - left, y_max - top];
                let inside = edges.iter().all(|edge| (0.0..=side).contains(edge));
                if inside {
                    whole.push(line(edges, side));
                    continue;
                }
                let part = edges.map(|edge| edge.clamp(0.0, side));
                if part[0] < part[2] && part[1] < part[3] {
                    cut.push(line(part, side));
                }
            }
            let path = folder.join(&name);
            fs::write(path.with_extension("txt"), whole.join("\n")).unwrap();
            fs::write(path.with_extension("ignore.txt"), cut.join("\n")).unwrap();
            pieces.push((name, whole.len()));
        }
    }
    pieces
}

fn line([x_min, y_min, x_max, y_max]: [f64; 4], side: f64) -> String {
    let (x, y) = (
        f64::midpoint(x_min, x_max) / side,
        f64::midpoint(y_min, y_max) / side,
    );
    let (width, height) = ((x_max - x_min) / side, (y_max - y_min) / side);
    format!("0 {x} {y} {width} {height}")
}

#[test]
fn a_model_learns_from_marked_pictures_how_sure_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let marked = folder.path().join("pieces");
    fs::create_dir(&marked).unwrap();
    let pieces = cut_the_demo_bed(&marked);
    assert!(pieces.len() >= 20, "{}", pieces.len());
    let out = folder.path().join("calibrated.safetensors");
    let (weights, out) = (weights(), out.to_str().unwrap());
    let weights = weights.to_str().unwrap();

    let fitted = demeter(&[
        "model",
        "calibrate",
        "--weights",
        weights,
        "--out",
        out,
        marked.to_str().unwrap(),
    ]);

    assert!(fitted.status.success(), "{}", said(&fitted));
    assert!(said(&fitted).contains("pieces"), "{}", said(&fitted));
    let bed = here("demo/bed.jpg");
    let bed = bed.to_str().unwrap();
    let detect = |weights: &str| {
        let found = demeter(&["detect", bed, "--weights", weights, "--json"]);
        assert!(found.status.success(), "{}", said(&found));
        serde_json::from_slice::<Value>(&found.stdout).unwrap()
    };
    let (before, after) = (detect(weights), detect(out));
    assert_eq!(before["detections"], after["detections"], "the boxes stay");
    let estimate = &after["estimate"];
    let number = |value: &Value| value.as_u64().unwrap();
    let (low, high) = (&estimate["range"]["low"], &estimate["range"]["high"]);
    let plants = number(&estimate["plants"]);
    assert!(
        number(low) <= plants && plants <= number(high),
        "{estimate}"
    );
    assert!(plants.abs_diff(97) <= 10, "{estimate}");
    let line = demeter(&["detect", bed, "--weights", out]);
    let expected = format!(
        "{plants} plants (95 %: {low} to {high}), {} boxes",
        estimate["boxes"]
    );
    assert!(said(&line).contains(&expected), "{}", said(&line));
}

#[test]
fn numbers_alone_move_the_number() {
    let folder = tempfile::tempdir().unwrap();
    let pieces = cut_the_demo_bed(folder.path());
    let list = folder.path().join("counted.csv");
    let lines = pieces.iter().take(6).map(|(name, _)| format!("{name},40"));
    let lines: Vec<String> = ["file,plants".to_owned()]
        .into_iter()
        .chain(lines)
        .collect();
    fs::write(&list, lines.join("\n")).unwrap();
    let out = folder.path().join("calibrated.safetensors");
    let weights = weights();

    let fitted = demeter(&[
        "model",
        "calibrate",
        "--weights",
        weights.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        list.to_str().unwrap(),
    ]);

    assert!(fitted.status.success(), "{}", said(&fitted));
    let found = demeter(&[
        "detect",
        here("demo/bed.jpg").to_str().unwrap(),
        "--weights",
        out.to_str().unwrap(),
        "--json",
    ]);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let (plants, boxes) = (&found["estimate"]["plants"], &found["estimate"]["boxes"]);
    assert!(plants.as_u64() > boxes.as_u64(), "{}", found["estimate"]);
}

#[test]
fn what_cannot_be_learned_from_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bed.jpg"), "").unwrap();
    let weights = weights();
    let calibrate = |weights: &Path, material: &Path| {
        let refused = demeter(&[
            "model",
            "calibrate",
            "--weights",
            weights.to_str().unwrap(),
            "--out",
            folder.path().join("out.safetensors").to_str().unwrap(),
            material.to_str().unwrap(),
        ]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(!folder.path().join("out.safetensors").exists());
        said(&refused)
    };

    let unmarked = calibrate(&weights, folder.path());
    assert!(unmarked.contains("bed.txt"), "{unmarked}");
    let nowhere = calibrate(&weights, Path::new("/nowhere"));
    assert!(nowhere.contains("/nowhere"), "{nowhere}");
    let nothing = calibrate(Path::new("/none.safetensors"), folder.path());
    assert!(nothing.contains("/none.safetensors"), "{nothing}");
}

#[test]
fn weights_with_a_calibration_that_cannot_be_are_refused_by_field() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.safetensors");
    let text = r#"{"version": 7}"#;
    let weights = fs::read(weights()).unwrap();
    let weights = demeter_yolo::with_calibration(&weights, text).unwrap();
    fs::write(&bad, weights).unwrap();

    let refused = demeter(&[
        "detect",
        here("demo/bed.jpg").to_str().unwrap(),
        "--weights",
        bad.to_str().unwrap(),
    ]);

    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said(&refused).contains("calibration's version must be 2"),
        "{}",
        said(&refused)
    );
}
