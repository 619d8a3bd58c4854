//! Reads a place hierarchy from three GeoJSON FeatureCollections.
//!
//! Places are joined by their names, never by their order: the files of a real
//! nursery are not sorted. Every faulty feature is told, not only the first.

use std::collections::{BTreeMap, HashMap};

use demeter_proto::is_hidden;
use geojson::{Feature, FeatureCollection, GeoJson, GeometryValue};

use crate::invalid::Invalid;
use crate::places::domain::hierarchy::{Place, Places, code};
use crate::places::domain::outline::{Outline, Position};

/// The texts of an import; an empty one holds no places.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// Properties: `name`.
    pub warehouses: String,
    /// Properties: `label`, `nave`.
    pub areas: String,
    /// Properties: `label`, `cantero`, `nave`.
    pub locations: String,
}

/// One level of the hierarchy as it is read.
struct Level {
    field: &'static str,
    /// Names from the outermost in, to the place.
    places: BTreeMap<Vec<String>, Place>,
    codes: HashMap<String, Vec<String>>,
}

/// Reads and checks all three levels, or says what is wrong with each feature.
pub fn read(texts: &Texts) -> Result<Places, Vec<Invalid>> {
    let mut faults = Vec::new();
    let warehouses = level(
        "warehouses_geojson",
        &texts.warehouses,
        &["name"],
        None,
        &mut faults,
    );
    let areas = level(
        "areas_geojson",
        &texts.areas,
        &["nave", "label"],
        Some(&warehouses),
        &mut faults,
    );
    let locations = level(
        "locations_geojson",
        &texts.locations,
        &["nave", "cantero", "label"],
        Some(&areas),
        &mut faults,
    );
    if !faults.is_empty() {
        return Err(faults);
    }
    let places = |level: Level| level.places.into_values().collect();
    Ok(Places {
        warehouses: places(warehouses),
        areas: places(areas),
        locations: places(locations),
    })
}

fn level(
    field: &'static str,
    text: &str,
    properties: &[&str],
    parents: Option<&Level>,
    faults: &mut Vec<Invalid>,
) -> Level {
    let mut level = Level {
        field,
        places: BTreeMap::new(),
        codes: HashMap::new(),
    };
    let features = match features(text) {
        Ok(features) => features,
        Err(problem) => {
            faults.push(Invalid::new(field, problem));
            return level;
        }
    };
    for (index, feature) in features.into_iter().enumerate() {
        if let Err(problem) = level.add(&feature, properties, parents) {
            faults.push(Invalid::new(format!("{field}.features[{index}]"), problem));
        }
    }
    level
}

fn features(text: &str) -> Result<Vec<Feature>, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    match text.parse::<GeoJson>() {
        Ok(GeoJson::FeatureCollection(FeatureCollection { features, .. })) => Ok(features),
        Ok(GeoJson::Feature(_) | GeoJson::Geometry(_)) => {
            Err("must be a GeoJSON FeatureCollection".to_owned())
        }
        Err(error) => Err(format!("is not GeoJSON: {error}")),
    }
}

// === impl Level ===

impl Level {
    fn add(
        &mut self,
        feature: &Feature,
        properties: &[&str],
        parents: Option<&Self>,
    ) -> Result<(), String> {
        let names = properties
            .iter()
            .map(|property| name(feature, property))
            .collect::<Result<Vec<_>, _>>()?;
        let Some((own, around)) = names.split_last() else {
            return Err("has no name".to_owned());
        };
        let outline = outline(feature)?;
        let parent = parents
            .map(|parents| {
                parents.places.get(around).ok_or_else(|| {
                    format!(
                        "lies in {}, which is not in {}",
                        around.join(" / "),
                        parents.field
                    )
                })
            })
            .transpose()?;
        if let Some(parent) = parent.filter(|parent| !parent.outline.contains(&outline)) {
            return Err(format!("{own} reaches outside {}", parent.code));
        }
        let parent = parent.map_or_else(String::new, |parent| parent.code.clone());
        let code = code(&parent, own);
        if code.len() > 50 {
            return Err(format!(
                "{own} is too long a name: its code {code} has more than 50 characters"
            ));
        }
        let place = Place {
            code,
            parent,
            name: own.clone(),
            outline,
        };
        self.insert(names, place)
    }

    fn insert(&mut self, names: Vec<String>, place: Place) -> Result<(), String> {
        if let Some(other) = self.codes.get(&place.code) {
            return Err(format!(
                "{} has the code {} of {}",
                names.join(" / "),
                place.code,
                other.join(" / ")
            ));
        }
        self.codes.insert(place.code.clone(), names.clone());
        self.places.insert(names, place);
        Ok(())
    }
}

fn name(feature: &Feature, property: &str) -> Result<String, String> {
    let value = feature
        .property(property)
        .and_then(|value| value.as_str())
        .map(str::trim);
    match value {
        // JSON can spell what the text that carries it does not hold.
        Some(name) if name.chars().any(is_hidden) => Err(format!(
            "property {property} must not hold control characters, or letters that turn the \
             direction of writing"
        )),
        Some(name) if !name.is_empty() && name.chars().count() <= 200 => Ok(name.to_owned()),
        Some(_) => Err(format!("property {property} must have 1 to 200 characters")),
        None => Err(format!("property {property} must be a text")),
    }
}

fn outline(feature: &Feature) -> Result<Outline, String> {
    let Some(geometry) = &feature.geometry else {
        return Err("has no geometry".to_owned());
    };
    let GeometryValue::Polygon { coordinates } = &geometry.value else {
        return Err(format!(
            "must be a Polygon, not a {}",
            geometry.value.type_name()
        ));
    };
    let [ring] = coordinates.as_slice() else {
        return Err(format!("must have one ring, not {}", coordinates.len()));
    };
    let ring = ring
        .iter()
        .map(|position| match position.as_slice() {
            [longitude, latitude, ..] => Ok([*longitude, *latitude]),
            _ => Err("a position must have a longitude and a latitude".to_owned()),
        })
        .collect::<Result<Vec<Position>, _>>()?;
    Outline::new(ring).map_err(|fault| fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_that_hides_something_is_refused_however_it_is_spelled() {
        for hidden in ["\\u0000", "\\u202e", "\\n"] {
            let feature = format!(
                r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":null,
                "properties":{{"name":"Nave{hidden}1"}}}}]}}"#
            );
            let texts = Texts {
                warehouses: feature,
                ..Texts::default()
            };

            let faults = read(&texts).unwrap_err();

            assert!(
                faults[0].problem.contains("control characters"),
                "{faults:?}"
            );
        }
    }

    fn texts(warehouses: &str, areas: &str, locations: &str) -> Texts {
        Texts {
            warehouses: warehouses.to_owned(),
            areas: areas.to_owned(),
            locations: locations.to_owned(),
        }
    }

    fn feature(properties: &str, west: f64, side: f64) -> String {
        let east = west + side;
        format!(
            r#"{{"type":"Feature","properties":{{{properties}}},"geometry":{{"type":"Polygon","coordinates":
            [[[{west},0],[{east},0],[{east},{side}],[{west},{side}],[{west},0]]]}}}}"#
        )
    }

    fn collection(features: &[String]) -> String {
        format!(
            r#"{{"type":"FeatureCollection","features":[{}]}}"#,
            features.join(",")
        )
    }

    #[test]
    fn a_hierarchy_is_joined_by_names_whatever_the_order() {
        let warehouses = collection(&[
            feature(r#""name":"Nave 2""#, 1.0, 0.5),
            feature(r#""name":"Nave 1""#, 0.0, 0.5),
        ]);
        let areas = collection(&[feature(
            r#""label":"Cantero Sur","nave":"Nave 1""#,
            0.0,
            0.4,
        )]);
        let locations = collection(&[feature(
            r#""label":"Claro 3","cantero":"Cantero Sur","nave":"Nave 1""#,
            0.1,
            0.1,
        )]);

        let places = read(&texts(&warehouses, &areas, &locations)).unwrap();

        assert_eq!(places.warehouses.len(), 2);
        assert_eq!(places.locations[0].code, "N01-S-C03");
        assert_eq!(places.locations[0].parent, "N01-S");
    }

    #[test]
    fn every_faulty_feature_is_told() {
        let warehouses = collection(&[
            feature(r#""name":"Nave 1""#, 0.0, 0.5),
            feature(r#""name":7"#, 0.0, 0.5),
            feature(r#""name":"Nave 01""#, 0.0, 0.5),
        ]);
        let areas = collection(&[
            feature(r#""label":"Cantero Sur","nave":"Nave 9""#, 0.0, 0.4),
            feature(r#""label":"Cantero Sur","nave":"Nave 1""#, 0.3, 0.4),
        ]);

        let faults = read(&texts(&warehouses, &areas, "[]")).unwrap_err();

        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "warehouses_geojson.features[1]",
                "warehouses_geojson.features[2]",
                "areas_geojson.features[0]",
                "areas_geojson.features[1]",
                "locations_geojson"
            ]
        );
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_not_fatal(text in ".{0,200}") {
            let _answer = read(&texts(&text, &text, &text));
        }

        #[test]
        fn hostile_features_are_refused_not_fatal(
            name in "\\PC{0,40}", ring in prop::collection::vec(prop::collection::vec(-200.0..200.0f64, 0..4), 0..6),
        ) {
            let text = serde_json::json!({"type": "FeatureCollection", "features": [{
                "type": "Feature", "properties": {"name": name},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }]}).to_string();
            let _answer = read(&texts(&text, "", ""));
        }
    }
}
