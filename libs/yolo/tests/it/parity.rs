//! The outputs of PyTorch, reproduced from both weight formats.
//!
//! The checkpoints hold the same weights rounded to half precision, which
//! alone moves the largest error to 1e-2: their limits are for that.

use demeter_testkit::shared_file;
use demeter_yolo::{Device, Model, Scale, Task, verify};

fn check(weights: &str, reference: &str, task: Task, limit: f64) {
    let (Some(weights), Some(reference)) = (shared_file(weights), shared_file(reference)) else {
        return;
    };
    let model = Model::load(&weights, &Device::Cpu).unwrap();

    let errors = verify(&model, &reference).unwrap();

    assert_eq!(model.spec().task, task);
    assert_eq!(model.spec().scale, Scale::Nano);
    assert_eq!(model.spec().classes.len(), 80);
    assert_eq!(errors.len(), if task == Task::Detect { 1 } else { 2 });
    for error in errors {
        eprintln!("{}: {error:?}", weights.display());
        assert!(error.relative_error <= limit, "{error:?}");
    }
}

#[test]
fn safetensors_detect_agrees_with_pytorch() {
    let reference = "models/parity-yolo11n-coco.safetensors";
    check(
        "models/yolo11n-coco.safetensors",
        reference,
        Task::Detect,
        1e-4,
    );
}

#[test]
fn safetensors_segment_agrees_with_pytorch() {
    let reference = "models/parity-yolo11n-seg-coco.safetensors";
    check(
        "models/yolo11n-seg-coco.safetensors",
        reference,
        Task::Segment,
        1e-4,
    );
}

#[test]
fn checkpoint_detect_agrees_with_pytorch() {
    let reference = "models/parity-yolo11n-coco.safetensors";
    check("models/yolo11n-coco.pt", reference, Task::Detect, 1e-2);
}

#[test]
fn checkpoint_segment_agrees_with_pytorch() {
    let reference = "models/parity-yolo11n-seg-coco.safetensors";
    check("models/yolo11n-seg-coco.pt", reference, Task::Segment, 3e-2);
}

#[test]
fn a_checkpoint_brings_its_classes() {
    let Some(weights) = shared_file("models/yolo11n-seg-coco.pt") else {
        return;
    };

    let model = Model::load(&weights, &Device::Cpu).unwrap();

    assert_eq!(model.spec().classes[0], "person");
    assert_eq!(model.spec().classes[79], "toothbrush");
}
