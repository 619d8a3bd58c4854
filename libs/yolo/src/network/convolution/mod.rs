//! One convolution of the network, with its bias and activation.

use candle_core::{Device, Tensor};

use super::kernels::{Depthwise, Finish, Unfold, Window};
use crate::Result;
use crate::source::{self, Folded, Source};

/// Channels and window of a convolution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) window: Window,
    /// Each channel has its own kernel.
    pub(crate) depthwise: bool,
}

/// Shapes that the blocks are made of.
impl Geometry {
    pub(crate) fn pointwise(inputs: usize, outputs: usize) -> Self {
        Self::square(inputs, outputs, 1, 1)
    }

    pub(crate) fn square(inputs: usize, outputs: usize, kernel: usize, stride: usize) -> Self {
        let window = Window { kernel, stride };
        Self {
            inputs,
            outputs,
            window,
            depthwise: false,
        }
    }

    pub(crate) fn depthwise(channels: usize) -> Self {
        let window = Window {
            kernel: 3,
            stride: 1,
        };
        Self {
            inputs: channels,
            outputs: channels,
            window,
            depthwise: true,
        }
    }

    fn weight_shape(self) -> [usize; 4] {
        let inputs = if self.depthwise { 1 } else { self.inputs };
        [self.outputs, inputs, self.window.kernel, self.window.kernel]
    }
}

/// A convolution ready to run on one device.
#[derive(Debug)]
pub(crate) struct Convolution {
    geometry: Geometry,
    activate: bool,
    /// `[outputs, inputs, kernel, kernel]`.
    weight: Tensor,
    bias: Tensor,
    /// The same on the host, where the kernels read them.
    host_weight: Vec<f32>,
    host_bias: Vec<f32>,
}

/// Builds the parts of a network from a source, counting its parameters.
pub(crate) struct Builder<'a> {
    pub(crate) source: &'a mut dyn Source,
    pub(crate) device: &'a Device,
    pub(crate) parameters: usize,
}

// === impl Builder ===

impl Builder<'_> {
    /// A convolution with folded batch norm and SiLU.
    pub(crate) fn active(&mut self, name: &str, geometry: Geometry) -> Result<Convolution> {
        let folded = source::read_folded(self.source, name, &geometry.weight_shape())?;
        self.build(folded, geometry, true)
    }

    /// A convolution with folded batch norm and no activation.
    pub(crate) fn linear(&mut self, name: &str, geometry: Geometry) -> Result<Convolution> {
        let folded = source::read_folded(self.source, name, &geometry.weight_shape())?;
        self.build(folded, geometry, false)
    }

    /// A convolution without batch norm, named without `.conv`.
    pub(crate) fn plain(&mut self, name: &str, geometry: Geometry) -> Result<Convolution> {
        let weight = self.values(&format!("{name}.weight"), &geometry.weight_shape())?;
        let bias = self.values(&format!("{name}.bias"), &[geometry.outputs])?;
        self.parameters -= weight.len() + bias.len();
        self.build(Folded { weight, bias }, geometry, false)
    }

    /// A tensor of its own, counted.
    pub(crate) fn values(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let values = self.source.read(name, shape)?;
        self.parameters += values.len();
        Ok(values)
    }

    fn build(&mut self, folded: Folded, geometry: Geometry, activate: bool) -> Result<Convolution> {
        let Folded { weight, bias } = folded;
        self.parameters += weight.len() + bias.len();
        let on_device = Tensor::from_slice(&weight, &geometry.weight_shape(), self.device)?;
        let bias_shape = (1, geometry.outputs, 1, 1);
        // The matrix product reads the tensor; only the depthwise kernel reads the host copy.
        let kept = geometry.depthwise && self.device.is_cpu();
        Ok(Convolution {
            geometry,
            activate,
            weight: on_device,
            bias: Tensor::from_slice(&bias, bias_shape, self.device)?,
            host_weight: if kept { weight } else { Vec::new() },
            host_bias: bias,
        })
    }
}

// === impl Convolution ===

impl Convolution {
    pub(crate) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        if input.device().is_cpu() {
            self.on_cpu(input)
        } else {
            self.on_device(input)
        }
    }

    fn on_cpu(&self, input: &Tensor) -> Result<Tensor> {
        let (batch, _, height, width) = input.dims4()?;
        let window = self.geometry.window;
        let (rows, columns) = (window.output(height), window.output(width));
        let input = input.contiguous()?;
        let output = if self.geometry.depthwise {
            input.apply_op1_no_bwd(&Depthwise {
                weight: &self.host_weight,
                kernel: window.kernel,
            })?
        } else {
            self.product(&input)?
        };
        output.inplace_op1(&Finish {
            bias: &self.host_bias,
            plane: rows * columns,
            activate: self.activate,
        })?;
        Ok(output.reshape((batch, self.geometry.outputs, rows, columns))?)
    }

    /// The convolution as a matrix product.
    fn product(&self, input: &Tensor) -> Result<Tensor> {
        let (batch, channels, height, width) = input.dims4()?;
        let columns = if self.geometry.window.kernel == 1 {
            input.reshape((batch, channels, height * width))?
        } else {
            input.apply_op1_no_bwd(&Unfold(self.geometry.window))?
        };
        let weight = self.weight.flatten_from(1)?;
        let (outputs, depth) = weight.dims2()?;
        Ok(weight
            .broadcast_as((batch, outputs, depth))?
            .matmul(&columns)?)
    }

    fn on_device(&self, input: &Tensor) -> Result<Tensor> {
        let Window { kernel, stride } = self.geometry.window;
        let groups = if self.geometry.depthwise {
            self.geometry.inputs
        } else {
            1
        };
        let output = input.conv2d(&self.weight, kernel / 2, stride, 1, groups)?;
        let output = output.broadcast_add(&self.bias)?;
        Ok(if self.activate {
            output.silu()?
        } else {
            output
        })
    }
}

#[cfg(test)]
mod tests;
