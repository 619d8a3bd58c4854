//! Convolutions against a naive oracle, on every instruction set of this processor.

use std::collections::HashSet;

use candle_core::{DType, Device, Tensor};
use proptest::prelude::*;

use crate::cpu::{Executor, Kernels, available};
use crate::network::Network;
use crate::network::graph::{Geometry, Graph, Layer, Operation};
use crate::runner::Runner as _;
use crate::source::Source;
use crate::source::seeded::Seeded;
use crate::{Architecture, Scale, Task};

/// A convolution on its own: from some channels of one map to some of another.
#[derive(Clone, Copy, Debug)]
struct Case {
    geometry: Geometry,
    activate: bool,
    /// Whether the input is added to the output, where the shapes allow it.
    add: bool,
    /// Channels beside those that are read.
    beside: usize,
    height: usize,
    width: usize,
    threads: usize,
}

fn values(seed: u64, count: usize) -> Vec<f32> {
    Seeded::new(seed).read("values", &[1, count]).unwrap()
}

// === impl Case ===

impl Case {
    fn plain(geometry: Geometry, height: usize, width: usize) -> Self {
        Self {
            geometry,
            activate: true,
            add: false,
            beside: 0,
            height,
            width,
            threads: 2,
        }
    }

    fn layer(&self) -> Layer {
        let shape = self.geometry.weight_shape();
        let mut source = Seeded::new(7);
        Layer {
            name: "unit".to_owned(),
            geometry: self.geometry,
            activate: self.activate,
            weight: source.read("weight", &shape).unwrap(),
            bias: source.read("bias", &[shape[0]]).unwrap(),
        }
    }

    fn adds(&self) -> bool {
        self.add && self.geometry.stride == 1 && self.geometry.inputs == self.geometry.outputs
    }

    /// The input map, `[1, channels, height, width]`, with rows last in memory if asked.
    fn input(&self, channels_last: bool) -> Tensor {
        let channels = self.geometry.inputs + self.beside;
        let pixels = values(5, channels * self.height * self.width);
        let shape = (1, channels, self.height, self.width);
        let tensor = Tensor::from_vec(pixels, shape, &Device::Cpu).unwrap();
        if !channels_last {
            return tensor;
        }
        let turned = tensor.permute((0, 2, 3, 1)).unwrap().contiguous().unwrap();
        turned.permute((0, 3, 1, 2)).unwrap()
    }

    /// The convolution and, after it, a map of the output's channels alone.
    fn graph(&self) -> Graph {
        let mut graph = Graph::default();
        let all = graph.map(self.geometry.inputs + self.beside, 0);
        graph.input = Some(all.map);
        let from = all.part(self.beside, self.geometry.inputs);
        let halvings = usize::from(self.geometry.stride == 2);
        let to = graph.map(self.geometry.outputs, halvings);
        let add = self.adds().then_some(from);
        let layer = self.layer();
        graph.push(Operation::Convolve { layer, add }, from, to);
        graph.outputs.push(to.map);
        graph
    }

    fn run(&self, kernels: &'static Kernels, channels_last: bool) -> Vec<f32> {
        let mut executor = Executor::of_graph(self.graph(), None, kernels);
        executor.set_threads(self.threads);
        executor.maps(&self.input(channels_last)).unwrap()
    }

    /// What comes out, summed up in double precision, pixels before channels.
    fn expected(&self) -> Vec<f64> {
        let Geometry {
            inputs,
            outputs,
            kernel,
            stride,
            depthwise,
        } = self.geometry;
        let pixels = self
            .input(false)
            .flatten_all()
            .unwrap()
            .to_vec1::<f32>()
            .unwrap();
        let layer = self.layer();
        let padding = self.geometry.padding();
        let pixel = |channel: usize, y: usize, x: usize| {
            let inside = (padding..self.height + padding).contains(&y)
                && (padding..self.width + padding).contains(&x);
            if !inside {
                return 0.0;
            }
            let row = (self.beside + channel) * self.height + y - padding;
            f64::from(pixels[row * self.width + x - padding])
        };
        let (rows, columns) = (
            self.geometry.output(self.height),
            self.geometry.output(self.width),
        );
        let group = if depthwise { 1 } else { inputs };
        let mut sums = Vec::new();
        for place in 0..rows * columns {
            let (y, x) = (place / columns, place % columns);
            for output in 0..outputs {
                let mut sum = f64::from(layer.bias[output]);
                for index in 0..group * kernel * kernel {
                    let (part, tap) = (index / kernel / kernel, index % (kernel * kernel));
                    let channel = if depthwise { output } else { part };
                    let (dy, dx) = (tap / kernel, tap % kernel);
                    let weight = layer.weight[output * group * kernel * kernel + index];
                    sum += f64::from(weight) * pixel(channel, y * stride + dy, x * stride + dx);
                }
                if self.activate {
                    sum /= 1.0 + (-sum).exp();
                }
                if self.adds() {
                    sum += pixel(output, y + padding, x + padding);
                }
                sums.push(sum);
            }
        }
        sums
    }

    fn check(&self) {
        let expected = self.expected();
        for kernels in available() {
            for channels_last in [false, true] {
                let found = self.run(kernels, channels_last);
                assert_eq!(found.len(), expected.len(), "{self:?}");
                for (found, expected) in found.iter().zip(&expected) {
                    let off = (f64::from(*found) - expected).abs();
                    assert!(
                        off < 1e-4,
                        "{} {self:?}: {found} for {expected}",
                        kernels.name
                    );
                }
            }
        }
    }
}

/// Every convolution of all five sizes and both tasks.
fn shapes_of_the_family() -> HashSet<Geometry> {
    let mut shapes = HashSet::new();
    for scale in Scale::ALL {
        for task in [Task::Detect, Task::Segment] {
            let architecture = Architecture {
                scale,
                task,
                classes: 80,
            };
            let network = Network::build(architecture, &mut Blank).unwrap();
            for step in network.graph.steps {
                if let Operation::Convolve { layer, .. } = step.operation {
                    shapes.insert(layer.geometry);
                }
            }
        }
    }
    shapes
}

/// Weights that are never looked at.
struct Blank;

impl Source for Blank {
    fn shape(&self, _name: &str) -> Option<Vec<usize>> {
        None
    }

    fn read(&mut self, _name: &str, shape: &[usize]) -> crate::Result<Vec<f32>> {
        Ok(vec![0.0; shape.iter().product()])
    }

    fn classes(&self) -> Option<Vec<String>> {
        None
    }
}

#[test]
#[cfg_attr(miri, ignore = "hours under an interpreter")]
fn every_convolution_of_the_family_agrees_with_the_oracle() {
    let shapes = shapes_of_the_family();
    assert!(shapes.len() > 80, "{}", shapes.len());
    for geometry in shapes {
        // Wide enough for tiles of every width, and no multiple of anything.
        Case::plain(geometry, 6, 22).check();
    }
}

#[test]
fn small_convolutions_agree_with_the_oracle() {
    let square = Geometry::square;
    for geometry in [
        square(3, 16, 3, 2),
        square(16, 8, 3, 1),
        square(8, 24, 3, 1),
        square(5, 3, 3, 1),
        Geometry::pointwise(33, 7),
        Geometry::depthwise(20),
    ] {
        for (height, width) in [(1, 1), (2, 7), (13, 5)] {
            // A stride of two halves the sides, which are even then.
            let stride = geometry.stride;
            Case::plain(geometry, stride * height, stride * width).check();
        }
    }
}

/// What is beyond the border of a map, or left from another picture, changes nothing.
#[test]
fn used_memory_changes_nothing() {
    let case = Case {
        beside: 3,
        ..Case::plain(Geometry::square(16, 16, 3, 1), 9, 10)
    };
    for kernels in available() {
        let mut executor = Executor::of_graph(case.graph(), None, kernels);
        let first = executor.maps(&case.input(false)).unwrap();
        let nothing = Tensor::full(f32::NAN, (1, 19, 33, 40), &Device::Cpu).unwrap();
        executor.maps(&nothing).unwrap();
        executor.set_threads(3);
        assert_eq!(executor.maps(&case.input(false)).unwrap(), first);
    }
}

#[test]
fn a_window_onto_a_larger_tensor_is_read_where_it_lies() {
    let case = Case::plain(Geometry::square(4, 8, 3, 1), 6, 7);
    let whole = Tensor::from_vec(values(3, 2 * 9 * 10 * 12), (2, 9, 10, 12), &Device::Cpu).unwrap();
    let window = whole.narrow(0, 1, 1).unwrap().narrow(1, 2, 4).unwrap();
    let window = window.narrow(2, 3, 6).unwrap().narrow(3, 4, 7).unwrap();
    for kernels in available() {
        let executor = Executor::of_graph(case.graph(), None, kernels);
        let found = executor.maps(&window).unwrap();
        assert_eq!(found, executor.maps(&window.contiguous().unwrap()).unwrap());
    }
}

#[test]
fn other_numbers_than_single_precision_are_refused() {
    let case = Case::plain(Geometry::pointwise(3, 4), 2, 2);
    let executor = Executor::of_graph(case.graph(), None, available()[0]);
    let input = case.input(false).to_dtype(DType::F64).unwrap();

    assert!(executor.maps(&input).is_err());
}

prop_compose! {
    fn any_geometry()(
        inputs in 1usize..70, outputs in 1usize..90, kernel in prop::sample::select(vec![1usize, 3]),
        stride in 1usize..3, depthwise in prop::bool::weighted(0.2),
    ) -> Geometry {
        if depthwise {
            return Geometry::depthwise(outputs);
        }
        Geometry::square(inputs, outputs, kernel, stride)
    }
}

prop_compose! {
    fn any_case()(
        geometry in any_geometry(), activate: bool, add: bool, beside in 0usize..20,
        height in 1usize..20, width in 1usize..30, threads in 1usize..4,
    ) -> Case {
        // The height of an output is half of its input's, rounded down.
        let even = |length: usize| if geometry.stride == 2 { 2 * length } else { length };
        let geometry = if add && !geometry.depthwise {
            Geometry { outputs: geometry.inputs, ..geometry }
        } else {
            geometry
        };
        Case { geometry, activate, add, beside, height: even(height), width: even(width), threads }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 96 }))]

    #[test]
    fn any_convolution_agrees_with_the_oracle(case in any_case()) {
        case.check();
    }
}
