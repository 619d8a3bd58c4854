//! Finds things in one picture without a server: for the command line.

use serde::Serialize;

use crate::domain::{Detection, Estimate, Looked, Parameters, Plan, Rect, Size, count, looking};
use crate::engine::{Loaded, decode, search};

mod draw;

pub use draw::draw;

/// Everything found in a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Width of the upright picture, in pixels.
    pub width_px: u32,
    /// Height of the upright picture, in pixels.
    pub height_px: u32,
    /// Number of tiles, and of whole views of the picture, that were searched.
    pub tile_count: usize,
    /// How many plants that makes.
    pub estimate: Estimate,
    /// Most confident first; each thing once.
    pub detections: Vec<Found>,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// The model's class.
    pub label: String,
    /// 0 to 1.
    pub confidence: f32,
    /// Where it is.
    #[serde(flatten)]
    pub rect: Rect,
}

/// Why nothing was searched.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    /// The bytes are not a picture that can be decoded.
    #[error("the picture cannot be read: {0}")]
    Unreadable(String),
    /// The model failed.
    #[error("the model failed")]
    Model(#[from] demeter_yolo::Error),
    /// The drawing could not be encoded.
    #[error("the drawing could not be encoded")]
    Encode(#[from] image::ImageError),
}

/// Searches an encoded picture, exactly as the service does. Blocks.
pub fn run(image: &[u8], loaded: &Loaded, parameters: &Parameters) -> Result<Report, DetectError> {
    let unreadable = |error: crate::engine::UnreadablePicture| error.to_string();
    let picture = decode(image).map_err(|error| DetectError::Unreadable(unreadable(error)))?;
    let (width, height) = picture.dimensions();
    let plan = Plan::of(Size { width, height }, parameters);
    let calibration = loaded.calibration.as_ref();
    let looking = looking(*parameters, calibration);
    let Looked {
        levels,
        window_count,
    } = search(&loaded.model, &picture, &plan, &looking, &|| false)?;
    let (detections, estimate) = count(levels, parameters, calibration);
    let classes = &loaded.card.classes;
    Ok(Report {
        width_px: width,
        height_px: height,
        tile_count: window_count,
        estimate,
        detections: detections
            .iter()
            .map(|found| labelled(found, classes))
            .collect(),
    })
}

fn labelled(found: &Detection, classes: &[String]) -> Found {
    let Detection {
        rect,
        confidence,
        class,
    } = *found;
    Found {
        label: classes.get(class).cloned().unwrap_or_default(),
        confidence,
        rect,
    }
}
