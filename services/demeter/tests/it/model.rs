//! `demeter model verify`: what passes, and how it refuses.

use std::path::PathBuf;
use std::process::Command;

use demeter_testkit::shared_file;

fn verify(weights: &PathBuf, reference: &PathBuf, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demeter"));
    command.args(["model", "verify", "--weights"]).arg(weights);
    command.arg("--reference").arg(reference).args(options);
    command
}

/// Weights by their file's ending, and what PyTorch answered with them.
fn files(name: &str, ending: &str) -> Option<(PathBuf, PathBuf)> {
    let weights = shared_file(&format!("models/{name}.{ending}"))?;
    let reference = shared_file(&format!("models/parity-{name}.safetensors"))?;
    Some((weights, reference))
}

#[test]
fn every_file_of_weights_agrees_with_pytorch() {
    for name in ["yolo11n-coco", "yolo11n-seg-coco"] {
        for ending in ["safetensors", "pt"] {
            let Some((weights, reference)) = files(name, ending) else {
                return;
            };

            let output = verify(&weights, &reference, &[]).output().unwrap();

            let said = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{name}.{ending}: {said}");
            assert!(said.contains("prediction   largest relative error"));
            assert_eq!(said.contains("prototypes"), name.contains("seg"));
            assert_eq!(said.contains("half precision"), ending == "pt");
        }
    }
}

#[test]
fn an_error_above_the_tolerance_exits_with_1() {
    // The checkpoint holds the weights rounded to 16 bits, which moves the outputs by 4e-3.
    let Some((weights, reference)) = files("yolo11n-coco", "pt") else {
        return;
    };

    let output = verify(&weights, &reference, &["--tolerance", "1e-3"])
        .output()
        .unwrap();

    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("differ by more than 1e-3"), "{said}");
}

#[test]
fn what_cannot_be_compared_is_named() {
    let nowhere = PathBuf::from("/nowhere.safetensors");

    let refused = verify(&nowhere, &nowhere, &[]).output().unwrap();

    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("/nowhere.safetensors"), "{said}");
    let refused = verify(&nowhere, &nowhere, &["--tolerance", "much"])
        .output()
        .unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("--tolerance"), "{said}");
}
