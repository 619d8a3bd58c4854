//! The functions behind `demeter detect`.

use demeter_inference::{Parameters, detect, load};
use demeter_yolo::DeviceChoice;

use crate::built_in::{DemoBed, built_in_weights};

#[test]
fn plants_are_found_and_drawn() {
    let loaded = load(Some(&built_in_weights()), DeviceChoice::Cpu).unwrap();
    let demo = DemoBed::read();

    let report = detect::run(&demo.photo, &loaded, &Parameters::default()).unwrap();
    let drawn = detect::draw(&demo.photo, &report).unwrap();

    demo.assert_counted(report.detections.len());
    let drawn = image::load_from_memory(&drawn).unwrap().into_rgb8();
    assert_eq!(drawn.dimensions(), (report.width_px, report.height_px));
    let photo = image::load_from_memory(&demo.photo).unwrap().into_rgb8();
    let changed = drawn.pixels().zip(photo.pixels());
    let changed = changed.filter(|(drawn, photo)| drawn != photo).count();
    // A box's outline alone has more pixels than that.
    assert!(changed > 40 * report.detections.len(), "{changed}");
}

#[test]
fn what_is_no_picture_is_an_error() {
    let loaded = load(None, DeviceChoice::Cpu).unwrap();

    assert!(detect::run(b"no picture", &loaded, &Parameters::default()).is_err());
}

#[test]
fn a_missing_weight_file_is_named() {
    let missing = load(Some("nowhere/plants.pt".as_ref()), DeviceChoice::Cpu).unwrap_err();

    assert!(missing.to_string().contains("nowhere/plants.pt"));
}
