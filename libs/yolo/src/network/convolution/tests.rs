//! Convolutions against a naive oracle.

use candle_core::{Device, Tensor};

use super::{Builder, Convolution, Geometry};
use crate::source::Source;
use crate::source::seeded::Seeded;

fn naive(unit: &Convolution, input: &Tensor) -> Vec<f64> {
    let (batch, channels, height, width) = input.dims4().unwrap();
    let pixels = input.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let weight = unit.weight.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let Geometry {
        outputs,
        window,
        depthwise,
        ..
    } = unit.geometry;
    let (kernel, padding) = (window.kernel, window.kernel / 2);
    let (rows, columns) = (window.output(height), window.output(width));
    let group = if depthwise { 1 } else { channels };
    let mut sums = Vec::new();
    for index in 0..batch * outputs * rows * columns {
        let (x, y) = (index % columns, index / columns % rows);
        let (output, image) = (
            index / columns / rows % outputs,
            index / columns / rows / outputs,
        );
        let mut sum = f64::from(unit.host_bias[output]);
        for tap in 0..group * kernel * kernel {
            let (dx, dy, part) = (tap % kernel, tap / kernel % kernel, tap / kernel / kernel);
            let (sx, sy) = (x * window.stride + dx, y * window.stride + dy);
            if sx < padding || sy < padding || sx >= width + padding || sy >= height + padding {
                continue;
            }
            let channel = if depthwise { output } else { part };
            let at = ((image * channels + channel) * height + sy - padding) * width + sx - padding;
            let weight = weight[(output * group + part) * kernel * kernel + dy * kernel + dx];
            sum += f64::from(pixels[at]) * f64::from(weight);
        }
        sums.push(if unit.activate {
            sum / (1.0 + (-sum).exp())
        } else {
            sum
        });
    }
    sums
}

fn check(geometry: Geometry, batch: usize, height: usize, width: usize) {
    let mut source = Seeded::new(7);
    let pixels = source.read("pixels", &[batch, geometry.inputs, height, width]);
    let pixels = pixels.unwrap();
    let mut builder = Builder {
        source: &mut source,
        device: &Device::Cpu,
        parameters: 0,
    };
    for unit in [
        builder.active("unit", geometry).unwrap(),
        builder.linear("unit", geometry).unwrap(),
    ] {
        let shape = (batch, geometry.inputs, height, width);
        let input = Tensor::from_slice(&pixels, shape, &Device::Cpu).unwrap();
        let expected = naive(&unit, &input);

        let output = unit.forward(&input).unwrap();
        let by_candle = unit.on_device(&input).unwrap();

        for found in [output, by_candle] {
            let found = found.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                assert!((f64::from(*found) - expected).abs() < 1e-4, "{geometry:?}");
            }
        }
    }
}

#[test]
fn pointwise_convolutions_agree_with_the_oracle() {
    check(Geometry::pointwise(5, 7), 1, 6, 9);
    check(Geometry::pointwise(16, 8), 3, 1, 1);
    check(Geometry::pointwise(1, 1), 2, 5, 3);
}

#[test]
fn square_convolutions_agree_with_the_oracle() {
    check(Geometry::square(3, 16, 3, 2), 1, 32, 32);
    check(Geometry::square(3, 4, 3, 2), 2, 7, 9);
    check(Geometry::square(8, 8, 3, 1), 1, 20, 20);
    check(Geometry::square(5, 3, 3, 1), 2, 1, 4);
    check(Geometry::square(2, 2, 3, 2), 1, 1, 1);
    check(Geometry::square(64, 33, 3, 1), 1, 13, 11);
}

#[test]
fn depthwise_convolutions_agree_with_the_oracle() {
    check(Geometry::depthwise(6), 1, 8, 8);
    check(Geometry::depthwise(3), 2, 5, 7);
    check(Geometry::depthwise(2), 1, 1, 1);
}
