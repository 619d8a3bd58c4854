//! What a safetensors file says about itself beside its tensors.

use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::{Error, Result};

/// The key of the calibration.
pub(crate) const CALIBRATION: &str = "calibration";
/// Where a header says what is no tensor.
const METADATA: &str = "__metadata__";
/// A file begins with the length of its header, which is a multiple of this.
const LENGTH: usize = 8;

/// The same safetensors file with this calibration in place of any that it had; its
/// tensors stay byte for byte as they were.
pub fn with_calibration(weights: &[u8], calibration: &str) -> Result<Vec<u8>> {
    let damaged = |error: safetensors::SafeTensorError| Error::Container(error.to_string());
    // Checks the length and the header that are read below.
    let (length, _) = SafeTensors::read_metadata(weights).map_err(damaged)?;
    let (header, tensors) = weights[LENGTH..].split_at(length);
    let unreadable = |error: serde_json::Error| Error::Container(error.to_string());
    let mut header: Value = serde_json::from_slice(header).map_err(unreadable)?;
    // A header without any has none of these objects yet: indexing makes them.
    header[METADATA][CALIBRATION] = json!(calibration);
    let mut header = header.to_string().into_bytes();
    header.resize(header.len().next_multiple_of(LENGTH), b' ');
    let length = u64::try_from(header.len()).unwrap_or(u64::MAX);
    let changed = [&length.to_le_bytes(), header.as_slice(), tensors].concat();
    // A calibration so long that the header would be refused is refused here.
    SafeTensors::read_metadata(&changed).map_err(damaged)?;
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use safetensors::tensor::{Dtype, TensorView};
    use safetensors::{SafeTensors, serialize};

    use super::with_calibration;

    fn weights(metadata: Option<HashMap<String, String>>) -> Vec<u8> {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        let view = |shape: Vec<usize>, bytes| TensorView::new(Dtype::U8, shape, bytes).unwrap();
        let tensors = [
            ("b", view(vec![2, 3], &bytes[..6])),
            ("a", view(vec![4], &bytes[6..])),
        ];
        serialize(tensors, metadata).unwrap()
    }

    fn calibration(weights: &[u8]) -> Option<String> {
        let (_, metadata) = SafeTensors::read_metadata(weights).unwrap();
        metadata.metadata().as_ref()?.get("calibration").cloned()
    }

    #[test]
    fn a_calibration_is_added_or_replaced_and_all_else_stays() {
        let named = HashMap::from([("version".to_owned(), "7".to_owned())]);
        for metadata in [None, Some(named)] {
            let before = weights(metadata.clone());

            let once = with_calibration(&before, r#"{"version":1}"#).unwrap();
            let twice = with_calibration(&once, "other").unwrap();

            assert_eq!(calibration(&once).as_deref(), Some(r#"{"version":1}"#));
            assert_eq!(calibration(&twice).as_deref(), Some("other"));
            let (old, new) = (
                SafeTensors::deserialize(&before).unwrap(),
                SafeTensors::deserialize(&twice).unwrap(),
            );
            for name in ["a", "b"] {
                let (old, new) = (old.tensor(name).unwrap(), new.tensor(name).unwrap());
                assert_eq!((old.shape(), old.data()), (new.shape(), new.data()));
            }
            let (_, kept) = SafeTensors::read_metadata(&twice).unwrap();
            let version = kept.metadata().as_ref().unwrap().get("version");
            assert_eq!(version.is_some(), metadata.is_some());
        }
    }

    #[test]
    fn what_is_no_safetensors_file_is_refused() {
        for bytes in [&b""[..], b"PK\x03\x04", &[255; 64]] {
            assert!(with_calibration(bytes, "x").is_err());
        }
    }
}
