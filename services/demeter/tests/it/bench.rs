//! `demeter bench`: what it reports and how it refuses; never how fast it is.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// An input so small that a development build is done at once.
const TINY: [&str; 6] = ["--size", "64", "--warm-up", "1", "--threads", "1"];

fn bench_infer(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demeter"));
    command.args(["bench", "infer"]).args(options);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_built_in_model_is_timed() {
    let output = bench_infer(&TINY)
        .args(["--batch", "2", "--runs", "4", "--json"])
        .output()
        .unwrap();

    assert!(output.status.success(), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["batch"], 2);
    assert_eq!(report["height"], 64);
    assert_eq!(report["threads"], 1);
    assert_eq!(report["times_ms"].as_array().unwrap().len(), 4);
    for figure in ["median_ms", "p95_ms", "min_ms", "images_per_s"] {
        assert!(report[figure].as_f64().unwrap() > 0.0, "{report}");
    }
}

#[test]
fn all_that_a_photo_takes_is_timed() {
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/bed.jpg");
    let output = bench_infer(&TINY)
        .args(["--detect", photo, "--batch", "2", "--runs", "3", "--json"])
        .output()
        .unwrap();

    assert!(output.status.success(), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["batch"], 2);
    assert_eq!(report["width"], 2048);
    assert_eq!(report["times_ms"].as_array().unwrap().len(), 3);
}

#[test]
fn it_runs_when_asked_and_stops_with_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let answer = folder.path().join("answer.safetensors");
    let mut child = bench_infer(&TINY)
        .arg("--on-request")
        .arg("--output")
        .arg(&answer)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();

    child.stdin.take().unwrap().write_all(b"2\n3\n").unwrap();
    let output = child.wait_with_output().unwrap();

    let lines = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines[0]["ready"].is_string());
    assert_eq!(lines[1]["times_ms"].as_array().unwrap().len(), 2);
    assert_eq!(lines[2]["times_ms"].as_array().unwrap().len(), 3);
    assert!(lines[3].get("peak_memory_bytes").is_some());
    // The answer is an input of another kind, and refused as one.
    let refused = bench_infer(&["--input"]).arg(&answer).output().unwrap();
    assert!(
        said(&refused).contains("holds no tensor `input`"),
        "{}",
        said(&refused)
    );
}

#[test]
fn a_wrong_option_is_named() {
    for (options, named) in [
        (["--size", "100"], "--size"),
        (["--batch", "0"], "--batch"),
        (["--threads", "none"], "--threads"),
        (["--runs", "0"], "--runs"),
        (["--input", "/nowhere.safetensors"], "--input"),
        (["--detect", "/nowhere.jpg"], "--detect"),
        (["--weights", "/nowhere.safetensors"], "--weights"),
    ] {
        let refused = bench_infer(&options).output().unwrap();

        assert!(!refused.status.success(), "{options:?}");
        let line = said(&refused).lines().next().unwrap_or_default().to_owned();
        assert!(line.contains(named), "{options:?}: {line}");
    }
}
