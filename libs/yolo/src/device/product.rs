//! Matrix products with the weights on the left.

use candle_core::Tensor;

use crate::Result;

/// A 1×1 convolution as a matrix product, which needs no copy of the input.
pub(super) fn pointwise(weight: &Tensor, input: &Tensor) -> Result<Tensor> {
    let (batch, _, height, width) = input.dims4()?;
    let output = product(&weight.flatten_from(1)?, &input.flatten_from(2)?)?;
    Ok(output.reshape((batch, output.dim(1)?, height, width))?)
}

/// `[outputs, inputs]` by `[B, inputs, cells]`, the same weights for every picture.
pub(super) fn product(weight: &Tensor, planes: &Tensor) -> Result<Tensor> {
    let (outputs, inputs) = weight.dims2()?;
    let weight = weight.broadcast_as((planes.dim(0)?, outputs, inputs))?;
    Ok(weight.matmul(planes)?)
}
