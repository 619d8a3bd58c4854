//! Compares a model with outputs that another implementation recorded.

use std::path::Path;

use candle_core::{DType, Tensor};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

use crate::{Error, Model, Prediction, Result};

/// How far one output is off.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputError {
    /// `prediction` or `prototypes`.
    pub name: String,
    /// The largest absolute difference over the largest absolute value of the
    /// reference.
    pub relative_error: f64,
    /// The root mean square of the differences over that of the reference.
    pub relative_rms: f64,
}

/// Runs the model on a reference's picture and compares every output it holds.
///
/// The reference is a safetensors file with `image` (bytes, height × width × RGB),
/// `prediction` and, of segment networks, `prototypes` (single precision, no batch
/// dimension).
pub fn verify(model: &Model, reference: impl AsRef<Path>) -> Result<Vec<OutputError>> {
    let path = reference.as_ref();
    let bytes = std::fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    let damaged = |error: safetensors::SafeTensorError| Error::Container(error.to_string());
    let file = SafeTensors::deserialize(&bytes).map_err(damaged)?;
    let image = file.tensor("image").map_err(damaged)?;
    let Prediction { boxes, prototypes } = model.forward(&input(&image, model)?)?;
    let mut errors = Vec::new();
    for (name, output) in [("prediction", Some(boxes)), ("prototypes", prototypes)] {
        let Some(output) = output else { continue };
        let expected = file.tensor(name).map_err(damaged)?;
        errors.push(compare(name, &output, &expected)?);
    }
    Ok(errors)
}

fn input(image: &TensorView, model: &Model) -> Result<Tensor> {
    let [height, width, 3] = image.shape() else {
        return Err(Error::tensor("image", "is not height × width × RGB"));
    };
    if image.dtype() != safetensors::Dtype::U8 {
        return Err(Error::tensor("image", "does not hold bytes"));
    }
    let shape = (1, *height, *width, 3);
    let pixels = Tensor::from_slice(image.data(), shape, model.device())?;
    let planes = pixels.permute((0, 3, 1, 2))?.contiguous()?;
    Ok((planes.to_dtype(DType::F32)? / 255.0)?)
}

fn compare(name: &str, output: &Tensor, expected: &TensorView) -> Result<OutputError> {
    if expected.dtype() != safetensors::Dtype::F32 {
        return Err(Error::tensor(name, "is not single precision"));
    }
    let output = output.squeeze(0)?;
    if output.dims() != expected.shape() {
        let problem = format!(
            "has shape {:?}, found {:?}",
            expected.shape(),
            output.dims()
        );
        return Err(Error::tensor(name, problem));
    }
    let mut error = measure(name, &output, expected)?;
    if output.rank() == 3 {
        // A recorder that keeps pixels together in memory and writes that memory out
        // under the shape of planes leaves this order. Two orders cannot both agree
        // by chance, so the better one is the answer.
        let pixels = output.permute((1, 2, 0))?;
        let other = measure(name, &pixels, expected)?;
        if other.relative_error < error.relative_error {
            error = other;
        }
    }
    Ok(error)
}

/// Compares in memory order.
fn measure(name: &str, output: &Tensor, expected: &TensorView) -> Result<OutputError> {
    let found = output.flatten_all()?.to_vec1::<f32>()?;
    let (mut difference, mut largest) = (0f64, 0f64);
    let (mut squares, mut reference_squares) = (0f64, 0f64);
    for (found, bytes) in found.iter().zip(expected.data().chunks_exact(4)) {
        let expected = f64::from(f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        let off = (f64::from(*found) - expected).abs();
        // A value that is not a number counts as infinitely wrong.
        difference = difference.max(if off.is_nan() { f64::INFINITY } else { off });
        largest = largest.max(expected.abs());
        squares += off * off;
        reference_squares += expected * expected;
    }
    Ok(OutputError {
        name: name.to_owned(),
        relative_error: difference / largest.max(f64::MIN_POSITIVE),
        relative_rms: (squares / reference_squares.max(f64::MIN_POSITIVE)).sqrt(),
    })
}
