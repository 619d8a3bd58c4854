//! The weight file that is looked with, and its card.

use std::path::Path;

use demeter_yolo::{DeviceChoice, Error, Model, Target};
use sha2::{Digest, Sha256};

use crate::domain::{BadCalibration, Calibration, ModelCard, Task};

/// The weights that come with the project; `models/MODEL_CARD.md` says how they
/// were made.
const BUILT_IN: &[u8] = include_bytes!("../../models/plant-n.safetensors");
const BUILT_IN_NAME: &str = "plant-n";

/// A model and what is known of it.
#[derive(Debug)]
pub struct Loaded {
    /// The network.
    pub model: Model,
    /// Its name, version and classes.
    pub card: ModelCard,
    /// What its boxes are worth, where the file says so.
    pub(crate) calibration: Option<Calibration>,
}

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("cannot read {0}")]
    Unreadable(String, #[source] std::io::Error),
    /// The file holds no model.
    #[error("cannot load {0}")]
    Unusable(String, #[source] Error),
    /// The file says of its boxes what cannot be.
    #[error("cannot use {0}")]
    Calibration(String, #[source] BadCalibration),
    /// There is no such device, or this program cannot use it.
    #[error(transparent)]
    Device(Error),
}

/// Loads a weight file, or the built-in weights when none is named, onto a device.
pub fn load(path: Option<&Path>, device: DeviceChoice) -> Result<Loaded, LoadError> {
    let target = device.open().map_err(LoadError::Device)?;
    let Some(path) = path else {
        return from_bytes(BUILT_IN_NAME, BUILT_IN, target);
    };
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| LoadError::Unreadable(shown, error))?;
    let stem = path.file_stem().unwrap_or_default();
    from_bytes(&stem.to_string_lossy(), &bytes, target)
}

fn from_bytes(name: &str, bytes: &[u8], target: Target) -> Result<Loaded, LoadError> {
    let unusable = |error| LoadError::Unusable(name.to_owned(), error);
    let model = Model::from_bytes(bytes, target).map_err(unusable)?;
    let calibration = model.spec().calibration.as_deref();
    let calibration = calibration.map(Calibration::from_text).transpose();
    let calibration =
        calibration.map_err(|error| LoadError::Calibration(name.to_owned(), error))?;
    let sha256 = hexadecimal(&Sha256::digest(bytes));
    let spec = model.spec();
    // Weights without a version are told apart by what they are.
    let version = spec.version.clone();
    let version = version.unwrap_or_else(|| sha256.chars().take(12).collect());
    let card = ModelCard {
        name: name.to_owned(),
        version,
        task: match spec.task {
            demeter_yolo::Task::Detect => Task::Detect,
            demeter_yolo::Task::Segment => Task::Segment,
        },
        classes: spec.classes.clone(),
        sha256,
        calibrated: calibration.is_some(),
    };
    Ok(Loaded {
        model,
        card,
        calibration,
    })
}

fn hexadecimal(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}
