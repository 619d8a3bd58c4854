//! Whole networks: our kernels against candle's operations.

use candle_core::{Device, Tensor};

use super::{Executor, available};
use crate::network::Network;
use crate::runner::Runner as _;
use crate::source::seeded::Seeded;
use crate::{Architecture, Numbers, Prediction, Scale, Task, device};

fn network(scale: Scale, task: Task) -> Network {
    let architecture = Architecture {
        scale,
        task,
        classes: 3,
    };
    Network::build(architecture, &mut Seeded::new(11)).unwrap()
}

fn pictures(batch: usize, height: usize, width: usize) -> Tensor {
    Tensor::rand(0f32, 1f32, (batch, 3, height, width), &Device::Cpu).unwrap()
}

/// The largest difference over the largest number.
fn off(found: &Tensor, expected: &Tensor) -> f32 {
    let largest = |tensor: &Tensor| {
        let all = tensor.abs().unwrap().flatten_all().unwrap();
        all.max(0).unwrap().to_scalar::<f32>().unwrap()
    };
    assert_eq!(found.dims(), expected.dims());
    largest(&(found - expected).unwrap()) / largest(expected)
}

fn assert_same(found: &Prediction, expected: &Prediction) {
    assert!(off(&found.boxes, &expected.boxes) < 1e-4);
    match (&found.prototypes, &expected.prototypes) {
        (Some(found), Some(expected)) => assert!(off(found, expected) < 1e-4),
        (None, None) => (),
        _ => panic!("prototypes where none are expected, or none"),
    }
}

#[test]
fn every_member_agrees_with_candle() {
    let input = pictures(1, 64, 96);
    for scale in Scale::ALL {
        let network = network(scale, Task::Segment);
        let by_candle =
            device::Executor::new(network.clone(), &Device::Cpu, Numbers::Single).unwrap();
        let expected = by_candle.forward(&input).unwrap();
        for kernels in available() {
            let mut executor = Executor::new(network.clone(), kernels);
            executor.set_threads(2);
            assert_same(&executor.forward(&input).unwrap(), &expected);
        }
    }
}

#[test]
fn batches_of_any_size_agree_with_candle_on_any_number_of_threads() {
    let network = network(Scale::Nano, Task::Detect);
    let by_candle = device::Executor::new(network.clone(), &Device::Cpu, Numbers::Single).unwrap();
    let mut executor = Executor::new(network, available()[0]);
    for (batch, threads) in [(1, 1), (3, 2), (4, 2), (2, 5)] {
        // Thirteen rows at the coarsest level: no multiple of a Winograd square.
        let input = pictures(batch, 416, 32);
        executor.set_threads(threads);

        let found = executor.forward(&input).unwrap();

        assert_same(&found, &by_candle.forward(&input).unwrap());
    }
}

#[test]
fn a_profile_names_every_step() {
    let executor = Executor::new(network(Scale::Nano, Task::Detect), available()[0]);

    let times = executor.profile(&pictures(1, 64, 64)).unwrap();

    let first = times.iter().find(|step| step.name == "model.0").unwrap();
    // Both sums and products of 27 weights, 16 channels and 32 × 32 pixels.
    assert_eq!(first.operations, 2 * 27 * 16 * 32 * 32);
    assert!(times.iter().any(|step| step.kind == "winograd"));
}
