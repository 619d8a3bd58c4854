//! Where tensors come from: safetensors, a checkpoint, or a seed.

pub(crate) mod checkpoint;
pub(crate) mod metadata;
mod pickle;
pub(crate) mod safetensors;
pub(crate) mod seeded;

use candle_core::{DType, Device, Tensor};

use crate::{Error, Precision, Result};

/// Every network of the family begins with it; a file has one precision throughout.
const FIRST_WEIGHTS: &str = "model.0.conv.weight";

/// Added to the variance by every batch norm of the family.
const BATCH_NORM_EPSILON: f64 = 1e-3;

/// Named tensors that are read one at a time, after their shape was checked.
pub(crate) trait Source {
    /// The shape the file declares, without reading the values.
    fn shape(&self, name: &str) -> Option<Vec<usize>>;

    /// The values in row-major order. `shape` is what the caller expects; another
    /// shape in the file is an error, found before anything is allocated.
    fn read(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>>;

    /// Class names by index, when the file has them.
    fn classes(&self) -> Option<Vec<String>>;

    /// How exactly the values are held.
    fn precision(&self) -> Precision {
        Precision::Single
    }

    /// Version of the weights, when the file has one.
    fn version(&self) -> Option<String> {
        None
    }

    /// What the file says under [`metadata::CALIBRATION`], when it says anything.
    fn calibration(&self) -> Option<String> {
        None
    }
}

/// Weight and bias of one convolution.
pub(crate) struct Folded {
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// Reads `name.conv` and folds `name.bn` into it where the file has one.
pub(crate) fn read_folded(
    source: &mut dyn Source,
    name: &str,
    shape: &[usize; 4],
) -> Result<Folded> {
    let mut weight = source.read(&format!("{name}.conv.weight"), shape)?;
    let outputs = shape[0];
    if source.shape(&format!("{name}.bn.weight")).is_none() {
        let bias = source.read(&format!("{name}.conv.bias"), &[outputs])?;
        return Ok(Folded { weight, bias });
    }
    let mut field = |field: &str| source.read(&format!("{name}.bn.{field}"), &[outputs]);
    let gamma = field("weight")?;
    let beta = field("bias")?;
    let mean = field("running_mean")?;
    let variance = field("running_var")?;
    let mut bias = Vec::with_capacity(outputs);
    let filter = (weight.len() / outputs).max(1);
    for (channel, values) in weight.chunks_exact_mut(filter).enumerate() {
        let spread = (f64::from(variance[channel]) + BATCH_NORM_EPSILON).sqrt();
        let gain = f64::from(gamma[channel]) / spread;
        for value in values {
            *value = narrow(f64::from(*value) * gain);
        }
        bias.push(narrow(
            f64::from(beta[channel]) - f64::from(mean[channel]) * gain,
        ));
    }
    Ok(Folded { weight, bias })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "weights are single precision"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// Turns little-endian bytes of `dtype` into single precision.
fn to_f32(name: &str, bytes: &[u8], dtype: DType) -> Result<Vec<f32>> {
    let count = bytes.len() / dtype.size_in_bytes();
    let tensor = Tensor::from_raw_buffer(bytes, dtype, &[count], &Device::Cpu)?;
    let values = tensor.to_dtype(DType::F32)?.to_vec1::<f32>()?;
    if values.iter().all(|value| value.is_finite()) {
        return Ok(values);
    }
    Err(Error::tensor(name, "holds a value that is not finite"))
}

fn check_shape(name: &str, found: &[usize], expected: &[usize]) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let problem = format!("has shape {found:?}, the network needs {expected:?}");
    Err(Error::tensor(name, problem))
}
