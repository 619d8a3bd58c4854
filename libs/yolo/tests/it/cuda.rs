//! A GPU against the processor and against PyTorch. Without one every test here says
//! that it was skipped.

use candle_core::{DType, Tensor};
use demeter_testkit::{Lack, shared_file, skip};
use demeter_yolo::{
    Architecture, Device, DeviceChoice, Model, Numbers, Options, Prediction, Scale, Target, Task,
    verify,
};

/// What a GPU computes in, and how far off it may be: the root mean square of the
/// differences over that of the numbers. Rounding the weights to f16 alone moves
/// PyTorch's answers by 3e-3.
const TOLERANCES: [(Numbers, f64); 3] = [
    (Numbers::Single, 1e-4),
    (Numbers::Half, 1e-2),
    (Numbers::Brain, 5e-2),
];

/// The first GPU; `None`, and a line that says so, where there is none.
fn gpu(numbers: Numbers) -> Option<Target> {
    match (DeviceChoice::Cuda {
        ordinal: 0,
        numbers,
    })
    .open()
    {
        Ok(target) => Some(target),
        Err(reason) => {
            skip(Lack::NotHere, &format!("a GPU: {reason}"));
            None
        }
    }
}

fn seeded(scale: Scale, task: Task, target: impl Into<Target>) -> Model {
    let architecture = Architecture {
        scale,
        task,
        classes: 3,
    };
    Model::seeded(architecture, 11, target).unwrap()
}

fn pictures(batch: usize, height: usize, width: usize) -> Tensor {
    Tensor::rand(0f32, 1f32, (batch, 3, height, width), &Device::Cpu).unwrap()
}

/// The root mean square of the differences over that of the expected numbers.
fn off(found: &Tensor, expected: &Tensor) -> f64 {
    let power = |tensor: &Tensor| {
        let squares = tensor.sqr().unwrap().mean_all().unwrap();
        f64::from(squares.to_scalar::<f32>().unwrap())
    };
    let found = found.to_device(&Device::Cpu).unwrap();
    assert_eq!(found.dims(), expected.dims());
    let off = (power(&(found - expected).unwrap()) / power(expected)).sqrt();
    // Numbers that are none are infinitely wrong.
    if off.is_nan() { f64::INFINITY } else { off }
}

fn assert_near(found: &Prediction, expected: &Prediction, tolerance: f64, what: &str) {
    let boxes = off(&found.boxes, &expected.boxes);
    assert!(boxes <= tolerance, "{what}: boxes off by {boxes}");
    match (&found.prototypes, &expected.prototypes) {
        (Some(found), Some(expected)) => {
            let prototypes = off(found, expected);
            assert!(
                prototypes <= tolerance,
                "{what}: prototypes off by {prototypes}"
            );
        }
        (None, None) => (),
        _ => panic!("{what}: prototypes where none are expected, or none"),
    }
}

#[test]
fn every_member_agrees_with_the_processor() {
    let input = pictures(2, 64, 96);
    for (numbers, tolerance) in TOLERANCES {
        let Some(target) = gpu(numbers) else { return };
        for scale in Scale::ALL {
            let by_processor = seeded(scale, Task::Segment, &Device::Cpu);
            let by_gpu = seeded(scale, Task::Segment, target.clone());

            let found = by_gpu.forward(&input).unwrap();

            let expected = by_processor.forward(&input).unwrap();
            let what = format!("{scale:?} in {numbers:?}");
            assert_near(&found, &expected, tolerance, &what);
        }
    }
}

#[test]
fn bytes_of_pixels_agree_with_the_processor() {
    let Some(target) = gpu(Numbers::Half) else {
        return;
    };
    let numbers = Tensor::rand(0f32, 255.0, (3, 416, 32, 3), &Device::Cpu).unwrap();
    let bytes = numbers.to_dtype(DType::U8).unwrap();
    let planes = bytes.permute((0, 3, 1, 2)).unwrap();
    let by_processor = seeded(Scale::Nano, Task::Detect, &Device::Cpu);
    let by_gpu = seeded(Scale::Nano, Task::Detect, target);

    let found = by_gpu.forward(&planes).unwrap();

    let expected = by_processor.forward(&planes).unwrap();
    assert_near(&found, &expected, 1e-2, "bytes");
}

#[test]
fn a_batch_gives_what_its_pictures_give_alone() {
    let Some(target) = gpu(Numbers::Half) else {
        return;
    };
    let model = seeded(Scale::Nano, Task::Segment, target);
    for count in [1, 4, 8] {
        let batch = pictures(count, 64, 64);

        let together = model.forward(&batch).unwrap();

        for index in 0..count {
            let alone = model.forward(&batch.narrow(0, index, 1).unwrap()).unwrap();
            let row = together.boxes.narrow(0, index, 1).unwrap();
            let alone = alone.boxes.to_device(&Device::Cpu).unwrap();
            // Products of other shapes are summed in another order.
            assert!(off(&row.contiguous().unwrap(), &alone) <= 1e-2);
        }
    }
}

#[test]
fn pytorch_agrees_within_what_half_precision_can_tell() {
    for name in ["yolo11n-coco", "yolo11n-seg-coco"] {
        let files = (
            shared_file(&format!("models/{name}.safetensors")),
            shared_file(&format!("models/parity-{name}.safetensors")),
        );
        let (Some(weights), Some(reference)) = files else {
            return;
        };
        for (numbers, tolerance) in TOLERANCES {
            let Some(target) = gpu(numbers) else { return };
            let model = Model::load(&weights, target).unwrap();

            for error in verify(&model, &reference).unwrap() {
                eprintln!("{name} in {numbers:?}: {error:?}");
                assert!(error.relative_rms <= tolerance, "{error:?}");
            }
        }
    }
}

#[test]
fn a_photo_holds_as_much_as_on_the_processor() {
    let (Some(weights), Some(photo)) = (
        shared_file("models/yolo11n-seg-coco.safetensors"),
        shared_file("photos/bike.jpg"),
    ) else {
        return;
    };
    let Some(target) = gpu(Numbers::Half) else {
        return;
    };
    let picture = image::open(photo).unwrap().into_rgb8();
    let pictures = [picture.clone(), picture];
    let surely = Options {
        min_confidence: 0.5,
        ..Options::default()
    };
    let found_on = |target: Target| {
        let model = Model::load(&weights, target).unwrap();
        let found = model.detect(&pictures, &surely).unwrap();
        found.iter().map(Vec::len).collect::<Vec<_>>()
    };

    let found = found_on(target);

    let expected = found_on(Device::Cpu.into());
    for (found, expected) in found.iter().zip(&expected) {
        // One that is just about sure enough may fall to the other side.
        assert!(found.abs_diff(*expected) <= 1, "{found} of {expected}");
    }
}
