//! Two greenhouses with a north and a south bed of six locations each, as the
//! GeoJSON that a survey gives.

use serde_json::{Value, json};

/// South-west corner of the first greenhouse, in degrees. The place is invented.
const ORIGIN: (f64, f64) = (-68.900_27, -33.200_16);
/// Degrees east from one greenhouse to the next: about 19 m.
const GREENHOUSE_STEP: f64 = 0.000_2;
/// A location's width and depth in degrees: about 1.9 by 4.4 m.
const LOCATION: (f64, f64) = (0.000_02, 0.000_04);
const GREENHOUSES: u32 = 2;
const COLUMNS: u32 = 6;
/// From south to north.
const BEDS: [&str; 2] = ["Cantero Sur", "Cantero Norte"];

/// The body of the import.
pub(crate) fn import_request() -> Value {
    let (mut greenhouses, mut beds, mut locations) = (Vec::new(), Vec::new(), Vec::new());
    for greenhouse in 0..GREENHOUSES {
        let nave = format!("Nave {}", greenhouse + 1);
        let west = ORIGIN.0 + f64::from(greenhouse) * GREENHOUSE_STEP;
        let width = f64::from(COLUMNS) * LOCATION.0;
        greenhouses.push(feature(
            &json!({ "name": nave }),
            (west, ORIGIN.1),
            (width, 2.0 * LOCATION.1),
        ));
        for (row, cantero) in BEDS.iter().enumerate() {
            let south = if row == 0 {
                ORIGIN.1
            } else {
                ORIGIN.1 + LOCATION.1
            };
            let bed = json!({ "label": cantero, "nave": nave });
            beds.push(feature(&bed, (west, south), (width, LOCATION.1)));
            for column in 0..COLUMNS {
                let claro = json!({ "label": format!("Claro {}", column + 1), "cantero": cantero, "nave": nave });
                locations.push(feature(
                    &claro,
                    (west + f64::from(column) * LOCATION.0, south),
                    LOCATION,
                ));
            }
        }
    }
    json!({
        "warehouses_geojson": collection(&greenhouses),
        "areas_geojson": collection(&beds),
        "locations_geojson": collection(&locations),
    })
}

fn collection(features: &[Value]) -> String {
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

fn feature(properties: &Value, (west, south): (f64, f64), (width, depth): (f64, f64)) -> Value {
    let (east, north) = (west + width, south + depth);
    json!({
        "type": "Feature",
        "properties": properties,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
        },
    })
}
