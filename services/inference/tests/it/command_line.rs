//! The functions behind `demeter detect`.

use demeter_inference::{Parameters, detect, load};
use demeter_testkit::shared_file;
use demeter_yolo::DeviceChoice;

#[test]
fn people_and_bicycles_are_found_and_drawn() {
    let (Some(weights), Some(photo)) = (
        shared_file("models/yolo11n-seg-coco.pt"),
        shared_file("photos/bike.jpg"),
    ) else {
        return;
    };
    let loaded = load(Some(&weights), DeviceChoice::Cpu).unwrap();
    let image = std::fs::read(photo).unwrap();

    let report = detect::run(&image, &loaded.model, &Parameters::default()).unwrap();
    let drawn = detect::draw(&image, &report).unwrap();

    let count = |label: &str| {
        report
            .detections
            .iter()
            .filter(|found| found.label == label)
            .count()
    };
    assert!(count("person") >= 2 && count("bicycle") >= 1, "{report:?}");
    let drawn = image::load_from_memory(&drawn).unwrap();
    assert_eq!(
        (drawn.width(), drawn.height()),
        (report.width_px, report.height_px)
    );
}

#[test]
fn what_is_no_picture_is_an_error() {
    let Some(weights) = shared_file("models/yolo11n-coco.pt") else {
        return;
    };
    let loaded = load(Some(&weights), DeviceChoice::Cpu).unwrap();

    assert!(detect::run(b"no picture", &loaded.model, &Parameters::default()).is_err());
}

#[test]
fn a_missing_weight_file_is_named() {
    let missing = load(Some("nowhere/plants.pt".as_ref()), DeviceChoice::Cpu).unwrap_err();

    assert!(missing.to_string().contains("nowhere/plants.pt"));
}
