//! Tensors of a safetensors file, held as bytes until they are read.

use candle_core::DType;
use safetensors::{Dtype, SafeTensors};

use super::metadata::CALIBRATION;
use super::{FIRST_WEIGHTS, Source, check_shape, to_f32};
use crate::{Error, Precision, Result};

/// Bytes of class names, of which each may become ten times its size: far more than any
/// collection of pictures needs.
const MOST_NAMES: usize = 1 << 20;

/// A safetensors file whose header was checked.
pub(crate) struct SafetensorsFile<'a> {
    tensors: SafeTensors<'a>,
    classes: Option<Vec<String>>,
    version: Option<String>,
    calibration: Option<String>,
}

// === impl SafetensorsFile ===

impl<'a> SafetensorsFile<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let damaged = |error: safetensors::SafeTensorError| Error::Container(error.to_string());
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let field = |name: &str| metadata.metadata().as_ref()?.get(name).cloned();
        let classes = field("names").and_then(|text| parse_names(&text));
        let version = field("version");
        let calibration = field(CALIBRATION);
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        Ok(Self {
            tensors,
            classes,
            version,
            calibration,
        })
    }
}

impl Source for SafetensorsFile<'_> {
    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        let view = self.tensors.tensor(name).ok()?;
        Some(view.shape().to_vec())
    }

    fn read(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let missing = |error: safetensors::SafeTensorError| Error::tensor(name, error.to_string());
        let view = self.tensors.tensor(name).map_err(missing)?;
        check_shape(name, view.shape(), shape)?;
        let dtype = match view.dtype() {
            Dtype::F16 => DType::F16,
            Dtype::BF16 => DType::BF16,
            Dtype::F32 => DType::F32,
            Dtype::F64 => DType::F64,
            other => return Err(Error::tensor(name, format!("has element type {other:?}"))),
        };
        to_f32(name, view.data(), dtype)
    }

    fn classes(&self) -> Option<Vec<String>> {
        self.classes.clone()
    }

    fn precision(&self) -> Precision {
        let first = self.tensors.tensor(FIRST_WEIGHTS);
        match first.map(|view| view.dtype()) {
            Ok(Dtype::F16 | Dtype::BF16) => Precision::Half,
            _ => Precision::Single,
        }
    }

    fn version(&self) -> Option<String> {
        self.version.clone()
    }

    fn calibration(&self) -> Option<String> {
        self.calibration.clone()
    }
}

/// Reads `["plant"]` or `{"0": "plant"}`.
fn parse_names(text: &str) -> Option<Vec<String>> {
    if text.len() > MOST_NAMES {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    if let Some(list) = value.as_array() {
        let names = list.iter().map(|name| name.as_str().map(str::to_owned));
        return names.collect();
    }
    let map = value.as_object()?;
    let by_index = (0..map.len()).map(|index| map.get(&index.to_string())?.as_str());
    by_index.map(|name| name.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::parse_names;

    #[test]
    fn class_names_are_read_from_a_list_or_a_map() {
        let expected = Some(vec!["plant".to_owned(), "pot".to_owned()]);

        assert_eq!(parse_names(r#"["plant", "pot"]"#), expected);
        assert_eq!(parse_names(r#"{"1": "pot", "0": "plant"}"#), expected);
        assert_eq!(parse_names(r#"{"1": "pot", "7": "plant"}"#), None);
        assert_eq!(parse_names("plant"), None);
        let endless = format!("[{}\"\"]", "\"\",".repeat(400_000));
        assert_eq!(parse_names(&endless), None);
    }
}
