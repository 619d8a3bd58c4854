//! Real pictures in, boxes and masks out.

use candle_core::{DType, Tensor};
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
fn bytes_and_numbers_of_a_picture_give_the_same() {
    let architecture = demeter_yolo::Architecture {
        scale: demeter_yolo::Scale::Nano,
        task: demeter_yolo::Task::Segment,
        classes: 2,
    };
    let model = Model::seeded(architecture, 1, &Device::Cpu).unwrap();
    let numbers = Tensor::rand(0f32, 255.0, (2, 64, 96, 3), &Device::Cpu).unwrap();
    let bytes = numbers.to_dtype(DType::U8).unwrap();
    let numbers = (bytes.to_dtype(DType::F32).unwrap() / 255.0).unwrap();
    let planes = |pixels: &Tensor| pixels.permute((0, 3, 1, 2)).unwrap();

    let found = model.forward(&planes(&bytes)).unwrap();
    let expected = model
        .forward(&planes(&numbers).contiguous().unwrap())
        .unwrap();

    let off = (found.boxes - expected.boxes).unwrap().abs().unwrap();
    let off = off.flatten_all().unwrap().max(0).unwrap();
    assert!(off.to_scalar::<f32>().unwrap() < 1e-3);
}

#[test]
fn pictures_of_several_shapes_are_answered_in_their_order() {
    let Some(weights) = shared_file("models/yolo11n-coco.safetensors") else {
        return;
    };
    let Some(photo) = shared_file("photos/bike.jpg") else {
        return;
    };
    let model = Model::load(&weights, &Device::Cpu).unwrap();
    let wide = image::open(photo).unwrap().into_rgb8();
    let tall = image::imageops::rotate90(&wide);
    let empty = image::RgbImage::new(0, 0);
    let pictures = [tall.clone(), wide.clone(), empty, tall, wide];
    let options = Options::default();

    let together = model.detect(&pictures, &options).unwrap();

    for (picture, together) in pictures.iter().zip(&together) {
        let alone = model
            .detect(std::slice::from_ref(picture), &options)
            .unwrap();
        assert_eq!(alone[0].len(), together.len());
    }
    assert!(together[1].len() > 2 && together[2].is_empty());
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

    let mut senseless = [Options::default(); 5];
    senseless[0].iou = f32::NAN;
    senseless[1].min_confidence = 1.5;
    senseless[2].max_detections = 0;
    senseless[3].input_size = 0;
    senseless[4].input_size = 4097;
    let refusals = senseless.map(|options| {
        let refused = model.detect(std::slice::from_ref(&nothing), &options);
        refused.unwrap_err().to_string()
    });
    assert_eq!(
        refusals,
        [
            "input refused: iou is NaN and must be 0 to 1",
            "input refused: min_confidence is 1.5 and must be 0 to 1",
            "input refused: max_detections is 0 and must be at least 1",
            "input refused: input_size is 0 and must be 32 to 4096 pixels",
            "input refused: input_size is 4097 and must be 32 to 4096 pixels",
        ]
    );
}
