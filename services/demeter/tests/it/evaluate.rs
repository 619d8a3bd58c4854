//! `demeter model evaluate`: real pictures, the real model, and what it says of them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use image::{Rgb, RgbImage};
use serde_json::Value;
use tempfile::TempDir;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo");
const SETS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../inference/evaluation/sets.yaml"
);

fn evaluate(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demeter"));
    command.args(["model", "evaluate"]).args(options);
    command
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// A demo bed with its truth, and bare ground without plants.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["bed.jpg", "bed.truth.json"] {
        fs::copy(Path::new(DEMO).join(name), folder.path().join(name)).unwrap();
    }
    let ground = RgbImage::from_pixel(320, 240, Rgb([110, 90, 70]));
    ground.save(folder.path().join("ground.png")).unwrap();
    fs::write(folder.path().join("ground.txt"), "").unwrap();
    folder
}

#[test]
fn a_folder_of_marked_pictures_is_measured() {
    let folder = folder();
    let json = folder.path().join("figures.json");

    let output = evaluate(&["--json"])
        .arg(&json)
        .arg(folder.path())
        .output()
        .unwrap();

    let (table, errors) = said(&output);
    assert!(output.status.success(), "{errors}");
    let report: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    let set = &report[0]["sets"][0];
    assert_eq!((&set["pictures"], &set["plants"]), (&2.into(), &97.into()));
    let found = set["boxes"].as_u64().unwrap();
    assert!((92..=102).contains(&found), "{set}");
    let f1 = set["by_iou"]["f1"].as_f64().unwrap();
    assert!(f1 > 0.9, "{set}");
    assert_eq!(set["without_plants"]["pictures"], 1);
    assert_eq!(set["without_plants"]["false_boxes"], 0);
    assert!(table.contains("real, not trained on"), "{table}");
    assert!(table.contains(&format!("{f1:.3}")), "{table}");
}

#[test]
fn a_set_that_is_not_here_is_named_and_skipped() {
    let nowhere = ["--sets", SETS, "--shared", "/nowhere", "--data", "/no-data"];

    let output = evaluate(&nowhere)
        .args(["--only", "mosaic", "--baseline"])
        .output()
        .unwrap();

    let (_, errors) = said(&output);
    assert!(output.status.success(), "{errors}");
    assert!(
        errors.contains("needs /nowhere/photos/real_check"),
        "{errors}"
    );
    assert!(
        errors.contains("the baseline needs /nowhere/models"),
        "{errors}"
    );
}

#[test]
fn a_picture_that_nobody_marked_is_refused() {
    let folder = folder();
    fs::remove_file(folder.path().join("ground.txt")).unwrap();

    let output = evaluate(&[]).arg(folder.path()).output().unwrap();

    let (_, errors) = said(&output);
    assert!(!output.status.success());
    assert!(errors.contains("ground.png"), "{errors}");
}

#[test]
fn a_set_that_nobody_knows_is_refused() {
    let output = evaluate(&["--sets", SETS, "--only", "turnips"])
        .output()
        .unwrap();

    let (_, errors) = said(&output);
    assert!(!output.status.success());
    assert!(errors.contains("no set is called turnips"), "{errors}");
}

#[test]
fn marks_that_cannot_be_read_are_named() {
    let folder = folder();
    fs::write(folder.path().join("ground.txt"), "0 0.5 0.5 7 0.1").unwrap();

    let output = evaluate(&[]).arg(folder.path()).output().unwrap();

    let (_, errors) = said(&output);
    assert!(!output.status.success());
    assert!(
        errors.contains("ground.png") && errors.contains("line 1"),
        "{errors}"
    );
}
