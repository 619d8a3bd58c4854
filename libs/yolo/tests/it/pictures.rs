//! Real pictures in, boxes and masks out.

use demeter_testkit::shared_file;
use demeter_yolo::{Device, Model, Options};

#[test]
fn people_and_bicycles_are_found_with_their_outlines() {
    let (Some(weights), Some(photo)) = (
        shared_file("models/yolo11n-seg-coco.pt"),
        shared_file("photos/bike.jpg"),
    ) else {
        return;
    };
    let model = Model::load(&weights, &Device::Cpu).unwrap();
    let picture = image::open(photo).unwrap().into_rgb8();
    let (width, height) = picture.dimensions();

    let found = model
        .detect(&[picture], &Options::default())
        .unwrap()
        .remove(0);

    let count = |name: &str| {
        let class = model.spec().classes.iter().position(|class| class == name);
        found
            .iter()
            .filter(|found| Some(found.class) == class)
            .count()
    };
    assert!(count("person") >= 2, "{found:?}");
    assert!(count("bicycle") >= 1, "{found:?}");
    for found in &found {
        let mask = found.mask.as_ref().unwrap();
        assert!(mask.left + mask.width <= width && mask.top + mask.height <= height);
        let area = mask.inside.len();
        assert!(mask.area() * 10 > area, "{} of {area}", mask.area());
    }
    assert!(found.is_sorted_by(|a, b| a.confidence >= b.confidence));
}

#[test]
fn an_empty_picture_holds_nothing_and_senseless_options_are_refused() {
    let architecture = demeter_yolo::Architecture {
        scale: demeter_yolo::Scale::Nano,
        task: demeter_yolo::Task::Detect,
        classes: 1,
    };
    let model = Model::seeded(architecture, 1, &Device::Cpu).unwrap();
    let nothing = image::RgbImage::new(0, 9);

    let found = model.detect(std::slice::from_ref(&nothing), &Options::default());
    assert_eq!(found.unwrap(), [Vec::new()]);

    let senseless = Options {
        iou: f32::NAN,
        ..Options::default()
    };
    assert!(model.detect(&[nothing], &senseless).is_err());
}
