//! Our GPU kernels, emulated, against candle's operations and against what the processor
//! does; and half precision on the processor.

use candle_core::{Device, Tensor};
use demeter_testkit::shared_file;
use image::{Rgb, RgbImage};
use proptest::prelude::*;

use super::{Executor, Kernels, detect, operations};
use crate::detection::{Detection, Options, Rows};
use crate::letterbox::{Fitted, Placement, index};
use crate::mask::{Mask, Prototypes};
use crate::network::Network;
use crate::runner::Runner as _;
use crate::source::safetensors::SafetensorsFile;
use crate::source::seeded::Seeded;
use crate::{Architecture, Model, Numbers, Prediction, Scale, Task};

fn network() -> Network {
    let architecture = Architecture {
        scale: Scale::Nano,
        task: Task::Segment,
        classes: 3,
    };
    Network::build(architecture, &mut Seeded::new(11)).unwrap()
}

fn executor(network: Network, numbers: Numbers, kernels: Kernels) -> Executor {
    let made = Executor::new(network, &Device::Cpu, numbers).unwrap();
    Executor { kernels, ..made }
}

fn noise(batch: usize, height: usize, width: usize) -> Tensor {
    Tensor::rand(0f32, 1f32, (batch, 3, height, width), &Device::Cpu).unwrap()
}

/// The root mean square of the differences over that of the expected numbers.
fn off(found: &Tensor, expected: &Tensor) -> f32 {
    assert_eq!(found.dims(), expected.dims());
    let power = |tensor: &Tensor| {
        let squares = tensor.sqr().unwrap().mean_all().unwrap();
        squares.to_scalar::<f32>().unwrap()
    };
    (power(&(found - expected).unwrap()) / power(expected)).sqrt()
}

fn assert_near(found: &Prediction, expected: &Prediction, (boxes, prototypes): (f32, f32)) {
    let of_boxes = off(&found.boxes, &expected.boxes);
    assert!(of_boxes < boxes, "boxes off by {of_boxes}");
    let [found, expected] = [found, expected].map(|all| all.prototypes.as_ref().unwrap());
    let of_prototypes = off(found, expected);
    assert!(of_prototypes < prototypes, "{of_prototypes}");
}

/// A picture with edges, and smooth in between.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = u8::try_from((x * x + 3 * y * y) % 200).unwrap();
        let edge = if (x / 9 + y / 7) % 2 == 0 { 30 } else { 220 };
        Rgb([wave, edge, 255 - wave])
    })
}

fn fitted(pictures: &[RgbImage], side: u32) -> Vec<Fitted<'_>> {
    let all = pictures.iter().enumerate();
    let fitted = all.map(|(index, picture)| Fitted {
        index,
        picture,
        placement: Placement::new(picture.dimensions(), side),
    });
    fitted.collect()
}

/// What a GPU computes in, on the processor: no operation leaves the range of f16.
/// Products of bf16 are beyond the processor.
#[test]
fn half_precision_hardly_moves_the_answers() {
    let input = noise(2, 64, 96);
    let answer = |numbers, kernels| {
        let executor = executor(network(), numbers, kernels);
        executor.forward(&input).unwrap()
    };
    let expected = answer(Numbers::Single, Kernels::Candle);

    for kernels in [Kernels::Candle, Kernels::Own] {
        let found = answer(Numbers::Half, kernels);

        assert_near(&found, &expected, (1e-3, 5e-3));
    }
}

#[test]
fn our_kernels_do_what_candles_do() {
    let input = noise(2, 96, 64);
    let answer = |kernels| {
        let executor = executor(network(), Numbers::Single, kernels);
        executor.forward(&input).unwrap()
    };

    let found = answer(Kernels::Own);

    assert_near(&found, &answer(Kernels::Candle), (1e-5, 1e-5));
}

#[test]
fn pictures_are_fitted_as_on_the_processor() {
    // One that fills the input as it is, and one that is enlarged and padded.
    let pictures = [picture(96, 60), picture(64, 40), picture(211, 132)];
    let fitted = fitted(&pictures, 96);

    let found = detect::fit(&fitted, &Device::Cpu, candle_core::DType::F32).unwrap();

    for (nth, of) in fitted.iter().enumerate() {
        let mut expected = vec![0; of.placement.length()];
        of.placement.pixels(of.picture, &mut expected).unwrap();
        let found = found.get(nth).unwrap().permute((1, 2, 0)).unwrap();
        let found = (found * 255.0).unwrap().flatten_all().unwrap();
        let furthest = found.to_vec1::<f32>().unwrap();
        let furthest = furthest.iter().zip(&expected);
        let furthest = furthest.map(|(found, expected)| (found - f32::from(*expected)).abs());
        let furthest = furthest.fold(0f32, f32::max);
        // One that needs no resizing is the same to the byte.
        assert!(furthest < if nth == 0 { 1e-3 } else { 2.1 }, "{furthest}");
    }
}

/// Rows of two classes and one coefficient, and the same with anchors last.
fn rows(boxes: &[[f32; 7]]) -> (Vec<f32>, Tensor) {
    let values = boxes.concat();
    let rows = Tensor::from_slice(&values, (1, boxes.len(), 7), &Device::Cpu).unwrap();
    (values, rows.transpose(1, 2).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn boxes_are_suppressed_as_on_the_processor(
        places in prop::collection::vec((0f32..90.0, 0f32..90.0, 1f32..60.0, 1f32..60.0), 1..90),
        scores in prop::collection::vec((0u8..12, 0u8..12), 90),
        iou in 0f32..1.0,
        max_detections in 1usize..40,
    ) {
        // Few different scores, so that many are equal.
        let score = |tenths: u8| f32::from(tenths) / 12.0;
        let boxes: Vec<[f32; 7]> = places
            .iter()
            .zip(&scores)
            .map(|((x, y, width, height), (first, second))| {
                [*x, *y, *width, *height, score(*first), score(*second), x - y]
            })
            .collect();
        let options = Options { iou, max_detections, ..Options::default() };
        let (values, transposed) = rows(&boxes);
        let expected = Rows::new(&values, 7, 2);

        let kept = detect::suppress(&transposed, 2, &options).unwrap();

        let kept = kept.get(0).unwrap().to_vec2::<f32>().unwrap();
        let found: Vec<_> = kept.iter().map_while(|row| detect::candidate(row)).collect();
        let survivors = expected.survivors(&options);
        prop_assert_eq!(&found, &survivors);
        for (row, candidate) in kept.iter().zip(&survivors) {
            prop_assert_eq!(&row[7..], expected.coefficients(candidate));
        }
        let empty = kept.iter().skip(survivors.len()).flatten();
        prop_assert!(empty.copied().all(|number| number == 0.0));
    }
}

#[test]
fn masks_are_drawn_as_on_the_processor() {
    let pictures = [picture(300, 170)];
    let of = &fitted(&pictures, 128)[0];
    let sides = [of.placement.height, of.placement.width].map(|side| index(side) / 4);
    let prototypes = Tensor::rand(-1f32, 1f32, (32, sides[0], sides[1]), &Device::Cpu).unwrap();
    let rows = Tensor::rand(-1f32, 1f32, (3, 7 + 32), &Device::Cpu).unwrap();
    let place = |[x_min, y_min, x_max, y_max]: [f32; 4]| Detection {
        x_min,
        y_min,
        x_max,
        y_max,
        confidence: 0.5,
        class: 0,
        mask: None,
    };
    let corners = [
        [0.0, 0.0, 300.0, 170.0],
        [50.5, 20.25, 81.0, 66.5],
        [299.0, 169.0, 300.0, 170.0],
    ];
    let found = corners.map(place);
    let frames: Vec<Mask> = found
        .iter()
        .map(|found| Mask::frame(found.corners()))
        .collect();

    let pixels = detect::outline(&frames, &rows, &prototypes, of.placement).unwrap();

    let pixels = pixels.unwrap().to_vec1::<u8>().unwrap();
    let last = prototypes.permute((1, 2, 0)).unwrap();
    let values = last.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let on_processor = Prototypes::new(&values, (sides[0], sides[1]));
    let mut expected = Vec::new();
    for (nth, found) in found.iter().enumerate() {
        let row = rows.get(nth).unwrap().to_vec1::<f32>().unwrap();
        expected.extend(
            on_processor
                .mask(found.corners(), &row[7..], of.placement)
                .inside,
        );
    }
    assert_eq!(pixels.len(), expected.len());
    let pairs = pixels.iter().zip(&expected);
    let differ = pairs.filter(|(found, expected)| (**found > 0) != **expected);
    // Where the sum is about zero, rounding decides.
    assert!(differ.count() * 2000 < expected.len());
    assert!(expected.iter().any(|inside| *inside) && !expected.iter().all(|inside| *inside));
}

#[test]
fn boxes_without_pixels_have_masks_without_pixels() {
    let nothing = Mask {
        left: 5,
        top: 5,
        width: 0,
        height: 3,
        inside: Vec::new(),
    };
    let prototypes = Tensor::zeros((32, 8, 8), candle_core::DType::F32, &Device::Cpu).unwrap();
    let rows = Tensor::zeros((1, 39), candle_core::DType::F32, &Device::Cpu).unwrap();
    let placement = Placement::new((32, 32), 32);

    assert!(
        detect::outline(&[nothing], &rows, &prototypes, placement)
            .unwrap()
            .is_none()
    );
    assert!(
        detect::outline(&[], &rows, &prototypes, placement)
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_photo_holds_what_it_holds_on_the_processor() {
    let (Some(weights), Some(photo)) = (
        shared_file("models/yolo11n-seg-coco.safetensors"),
        shared_file("photos/bike.jpg"),
    ) else {
        return;
    };
    let bytes = std::fs::read(weights).unwrap();
    let model = Model::from_bytes(&bytes, &Device::Cpu).unwrap();
    let mut source = SafetensorsFile::parse(&bytes).unwrap();
    let architecture = Architecture::infer(&source).unwrap();
    let network = Network::build(architecture, &mut source).unwrap();
    let emulated = executor(network, Numbers::Single, Kernels::Own);
    let photo = image::open(photo).unwrap().into_rgb8();
    let part = image::imageops::crop_imm(&photo, 30, 0, 400, 300).to_image();
    let pictures = [photo.clone(), part, photo];
    let options = Options {
        input_size: 320,
        min_confidence: 0.4,
        ..Options::default()
    };
    let expected = model.detect(&pictures, &options).unwrap();

    for (nth, picture) in pictures.iter().enumerate() {
        let alone = std::slice::from_ref(picture);
        let found = emulated.detect(&fitted(alone, 320), &options).unwrap();

        assert_eq!(found.len(), 1);
        let (found, expected) = (&found[0], &expected[nth]);
        assert_eq!(found.len(), expected.len());
        assert!(!found.is_empty());
        for (found, expected) in found.iter().zip(expected) {
            assert_like(found, expected);
        }
    }
}

/// Resized pixels may differ by one, which moves boxes by little.
fn assert_like(found: &Detection, expected: &Detection) {
    assert_eq!(found.class, expected.class);
    let near = |a: f32, b: f32, most: f32| assert!((a - b).abs() < most, "{a} is not {b}");
    near(found.confidence, expected.confidence, 0.02);
    near(found.x_min, expected.x_min, 2.0);
    near(found.y_min, expected.y_min, 2.0);
    near(found.x_max, expected.x_max, 2.0);
    near(found.y_max, expected.y_max, 2.0);
    let [found, expected] = [found, expected].map(|of| of.mask.as_ref().unwrap());
    assert_eq!(found.inside.len(), found.pixels());
    assert!(found.area() * 20 >= expected.area() * 19 && expected.area() * 20 >= found.area() * 19);
}

#[test]
fn a_batch_on_the_device_is_read_picture_by_picture() {
    let pictures = [picture(96, 64), picture(192, 128), picture(96, 64)];
    let emulated = executor(network(), Numbers::Single, Kernels::Own);
    let options = Options {
        input_size: 96,
        min_confidence: 0.0,
        max_detections: 12,
        ..Options::default()
    };

    let found = emulated.detect(&fitted(&pictures, 96), &options).unwrap();

    assert_eq!(found.len(), 3);
    assert_eq!(found[0], found[2]);
    assert_ne!(found[0], found[1]);
    assert!(found.iter().all(|found| found.len() == 12));
    let surely = Options {
        min_confidence: 1.0,
        ..options
    };
    let nothing = emulated.detect(&fitted(&pictures, 96), &surely).unwrap();
    assert_eq!(nothing, [[], [], []]);
}

#[test]
fn the_largest_input_fits_into_shared_memory() {
    let anchors = [8, 16, 32].map(|stride: usize| (4096 / stride).pow(2));
    let bits: usize = anchors.iter().sum();
    assert!(bits.div_ceil(32) * size_of::<u32>() <= 48 * 1024);
}

#[test]
fn the_oracle_decodes_as_our_kernel_does() {
    let level = Tensor::rand(-4f32, 4f32, (2, 64 + 3 + 32, 5, 7), &Device::Cpu).unwrap();

    let found = super::fused::decode(&level, 3, 16).unwrap();

    assert!(off(&found, &operations::decode(&level, 3, 16).unwrap()) < 1e-5);
}
