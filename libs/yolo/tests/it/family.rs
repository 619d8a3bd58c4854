//! Every size and task, with random weights.

use candle_core::{DType, Tensor};
use demeter_yolo::{Architecture, Device, Model, Scale, Task};

/// Fused parameters of the published networks with 80 classes.
const PUBLISHED: [(Scale, usize, usize); 5] = [
    (Scale::Nano, 2_616_248, 2_868_664),
    (Scale::Small, 9_443_760, 10_097_776),
    (Scale::Medium, 20_091_712, 22_400_000),
    (Scale::Large, 25_340_992, 27_646_000),
    (Scale::ExtraLarge, 56_919_424, 62_093_000),
];

fn seeded(scale: Scale, task: Task, classes: usize) -> Model {
    let architecture = Architecture {
        scale,
        task,
        classes,
    };
    Model::seeded(architecture, 1, &Device::Cpu).unwrap()
}

#[test]
fn every_member_answers_with_its_shape() {
    let input = Tensor::ones((1, 3, 64, 96), DType::F32, &Device::Cpu).unwrap();
    for scale in Scale::ALL {
        for (task, rows) in [(Task::Detect, 7), (Task::Segment, 39)] {
            let model = seeded(scale, task, 3);

            let output = model.forward(&input).unwrap();

            let anchors = 8 * 12 + 4 * 6 + 2 * 3;
            assert_eq!(
                output.boxes.dims(),
                [1, rows, anchors],
                "{scale:?} {task:?}"
            );
            let prototypes = output.prototypes.map(|all| all.dims().to_vec());
            let expected = (task == Task::Segment).then(|| vec![1, 32, 16, 24]);
            assert_eq!(prototypes, expected, "{scale:?} {task:?}");
        }
    }
}

#[test]
fn parameters_are_near_the_published_numbers() {
    for (scale, detect, segment) in PUBLISHED {
        for (task, published) in [(Task::Detect, detect), (Task::Segment, segment)] {
            let counted = seeded(scale, task, 80).spec().parameters;

            let ratio = f64::from(u32::try_from(counted).unwrap())
                / f64::from(u32::try_from(published).unwrap());
            assert!((ratio - 1.0).abs() < 0.01, "{scale:?} {task:?}: {counted}");
        }
    }
}

#[test]
fn a_batch_gives_what_its_pictures_give_alone() {
    let model = seeded(Scale::Nano, Task::Segment, 2);
    let batch = Tensor::rand(0f32, 1f32, (3, 3, 64, 64), &Device::Cpu).unwrap();

    let together = model.forward(&batch).unwrap();

    for index in 0..3 {
        let alone = model.forward(&batch.narrow(0, index, 1).unwrap()).unwrap();
        let row = together.boxes.narrow(0, index, 1).unwrap();
        let off = (row - alone.boxes).unwrap().abs().unwrap();
        let off = off.max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(off < 1e-3, "{off}");
    }
}

#[test]
fn an_input_that_is_no_multiple_of_32_is_refused() {
    let model = seeded(Scale::Nano, Task::Detect, 1);

    for shape in [
        [1, 3, 64, 65],
        [1, 3, 0, 64],
        [1, 4, 64, 64],
        [1, 1, 64, 64],
        [0, 3, 64, 64],
    ] {
        let input = Tensor::zeros(&shape[..], DType::F32, &Device::Cpu).unwrap();
        assert!(model.forward(&input).is_err(), "{shape:?}");
        assert!(model.profile(&input).is_err(), "{shape:?}");
    }
}
