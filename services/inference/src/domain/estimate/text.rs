//! A calibration as text, for the weight file that it belongs to.
//!
//! The text comes with the weights and may be as hostile: it is bounded, and nothing is
//! taken that a fit could not have made.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::calibration::{Calibration, Search};
use super::curve::Curve;
use super::fit::SCALES;
use super::interval::{Quantiles, Spread};
use super::point::Point;
use super::refusal::BadCalibration;
use super::shape::Shape;
use super::table::Table;

/// The form below; another one is refused.
const VERSION: u64 = 2;
/// Several times the longest that can be written.
const MOST_BYTES: usize = 32 << 10;

// === impl Calibration ===

impl Calibration {
    /// Reads what [`Calibration::to_text`] wrote.
    pub(crate) fn from_text(text: &str) -> Result<Self, BadCalibration> {
        if text.len() > MOST_BYTES {
            return Err(BadCalibration::new("text", "at most 32 KiB"));
        }
        let object = serde_json::from_str(text);
        let mut object =
            Fields(object.map_err(|_no_object| BadCalibration::new("text", "one JSON object"))?);
        let version: u64 = object.take("version", "2")?;
        if version != VERSION {
            return Err(BadCalibration::new("version", "2"));
        }
        let calibration = Self {
            search: search(&mut object)?,
            shape: shape(&mut object)?,
            point: point(&mut object)?,
            scale: object.take("scale", "0.2 to 5")?,
            spread: spread(&mut object)?,
            quantiles: quantiles(&mut object)?,
            photos: object.take("photos", "a whole number")?,
            plants: object.take("plants", "a whole number")?,
        };
        if !SCALES.contains(&calibration.scale) {
            return Err(BadCalibration::new("scale", "0.2 to 5"));
        }
        if !object.0.is_empty() {
            return Err(BadCalibration::new(
                "text",
                "without fields of another form",
            ));
        }
        Ok(calibration)
    }

    /// One line of JSON.
    pub(crate) fn to_text(&self) -> String {
        let Self {
            search,
            shape: Shape { curve, table },
            point,
            scale,
            spread: Spread { share },
            quantiles,
            photos,
            plants,
        } = self;
        let Search {
            tile_size,
            tile_overlap,
            merge_threshold,
            sure,
            floor,
        } = search;
        let (sizes, crowds, factors) = table.parts();
        let factors: Vec<Vec<f64>> = factors.iter().map(|row| rounded(row)).collect();
        let points = curve.points().iter();
        let score: Vec<Vec<f64>> = points.map(|point| rounded(point)).collect();
        let mut text = json!({
            "version": VERSION,
            "tile_size_px": tile_size,
            "tile_overlap": exactly(*tile_overlap),
            "merge_threshold": exactly(*merge_threshold),
            "sure": exactly(*sure),
            "floor": exactly(*floor),
            "score": score,
            "sizes": sizes,
            "crowds": crowds,
            "factors": factors,
            "point": point.name(),
            "scale": round(*scale),
            "share": share,
            "photos": photos,
            "plants": plants,
        });
        if let Some(Quantiles { low, high }) = quantiles {
            text["low"] = json!(round(*low));
            text["high"] = json!(round(*high));
        }
        text.to_string()
    }
}

/// What has not been read yet.
struct Fields(Map<String, Value>);

// === impl Fields ===

impl Fields {
    fn take<T: DeserializeOwned>(
        &mut self,
        field: &'static str,
        must: &'static str,
    ) -> Result<T, BadCalibration> {
        let value = self.0.remove(field).unwrap_or_default();
        serde_json::from_value(value).map_err(|_other_kind| BadCalibration::new(field, must))
    }
}

fn search(object: &mut Fields) -> Result<Search, BadCalibration> {
    let search = Search {
        tile_size: object.take("tile_size_px", "160 to 2048")?,
        tile_overlap: object.take("tile_overlap", "0 to 0.75")?,
        merge_threshold: object.take("merge_threshold", "above 0, at most 1")?,
        sure: object.take("sure", "floor to 1")?,
        floor: object.take("floor", "0.01 to 1")?,
    };
    search.checked()
}

fn shape(object: &mut Fields) -> Result<Shape, BadCalibration> {
    let lists = "lists of numbers";
    let curve = Curve::new(object.take("score", "a list of pairs of numbers")?)?;
    let table = Table::new(
        object.take("sizes", "a list of numbers")?,
        object.take("crowds", "a list of numbers")?,
        object.take("factors", lists)?,
    )?;
    Ok(Shape { curve, table })
}

fn point(object: &mut Fields) -> Result<Point, BadCalibration> {
    let must = "boxes or expected";
    let name: String = object.take("point", must)?;
    Point::named(&name).ok_or(BadCalibration::new("point", must))
}

fn spread(object: &mut Fields) -> Result<Spread, BadCalibration> {
    let share = object.take("share", "0 to 2")?;
    Spread { share }.checked()
}

fn quantiles(object: &mut Fields) -> Result<Option<Quantiles>, BadCalibration> {
    let low: Option<f64> = object.take("low", "a number")?;
    let high: Option<f64> = object.take("high", "a number")?;
    match (low, high) {
        (Some(low), Some(high)) => Ok(Some(Quantiles::new(low, high)?)),
        (None, None) => Ok(None),
        (Some(_), None) => Err(BadCalibration::new("high", "there when low is")),
        (None, Some(_)) => Err(BadCalibration::new("low", "there when high is")),
    }
}

fn rounded(values: &[f64]) -> Vec<f64> {
    values.iter().copied().map(round).collect()
}

/// To six digits: more is noise.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// The shortest number that reads back as this one.
fn exactly(value: f32) -> Value {
    value.to_string().parse().map_or(Value::Null, Value::Number)
}
