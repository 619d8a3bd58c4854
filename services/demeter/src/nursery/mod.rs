//! The demo nursery: an invented place with two greenhouses, made through the
//! same API that a real nursery's administrator uses.

mod places;

use anyhow::{Context as _, anyhow};
use serde_json::{Value, json};

use crate::client::{Client, number};

/// The bundled photo: a rendered bed with a GPS position in the demo nursery's
/// `N01-N-C04`.
pub(crate) const PHOTO: &[u8] = include_bytes!("../../demo/bed.jpg");
/// The same bed a month later.
pub(crate) const PHOTO_NEXT_MONTH: &[u8] = include_bytes!("../../demo/bed_next_month.jpg");
/// What is really in [`PHOTO`]: `{"plants": …, "boxes": […]}`.
pub(crate) const TRUTH: &str = include_str!("../../demo/bed.truth.json");
/// The same for [`PHOTO_NEXT_MONTH`].
pub(crate) const TRUTH_NEXT_MONTH: &str = include_str!("../../demo/bed_next_month.truth.json");

const CATEGORIES: [(&str, &str); 2] = [("CACTUS", "Cacti"), ("SUCCULENT", "Succulents")];
const FAMILIES: [(&str, &str, &str); 4] = [
    ("SUCCULENT", "Echeveria", "Echeveria DC."),
    ("SUCCULENT", "Haworthia", "Haworthia Duval"),
    ("CACTUS", "Mammillaria", "Mammillaria Haw."),
    ("CACTUS", "Gymnocalycium", "Gymnocalycium Pfeiff."),
];
const PRODUCTS: [(&str, &str, &str, &str); 5] = [
    (
        "Echeveria",
        "ECHEVERIA-001",
        "Mexican snowball",
        "Echeveria elegans",
    ),
    (
        "Echeveria",
        "ECHEVERIA-002",
        "Lipstick echeveria",
        "Echeveria agavoides",
    ),
    (
        "Haworthia",
        "HAWORTHIA-001",
        "Zebra plant",
        "Haworthiopsis attenuata",
    ),
    (
        "Mammillaria",
        "MAMMILLARIA-001",
        "Powder puff",
        "Mammillaria bocasana",
    ),
    (
        "Gymnocalycium",
        "GYMNOCALYCIUM-001",
        "Chin cactus",
        "Gymnocalycium baldianum",
    ),
];
const PACKAGINGS: [(&str, &str, &str); 3] = [
    (
        "MAC-R5-TER",
        "Rigid square pot, 5 cm, terracotta",
        "TERRACOTTA",
    ),
    (
        "MAC-R8-TER",
        "Rigid square pot, 8 cm, terracotta",
        "TERRACOTTA",
    ),
    ("MAC-R8-BLK", "Rigid square pot, 8 cm, black", "BLACK"),
];
/// SKU, category, packaging, wholesale price in cents, plants in a box.
const PRICES: [(&str, &str, &str, i64, i32); 4] = [
    ("SR5T-1", "SUCCULENT", "MAC-R5-TER", 95_000, 40),
    ("SR8T-1", "SUCCULENT", "MAC-R8-TER", 165_000, 20),
    ("CR5T-1", "CACTUS", "MAC-R5-TER", 105_000, 40),
    ("CR8N-1", "CACTUS", "MAC-R8-BLK", 242_000, 20),
];
const CURRENCY: &str = "ARS";

/// Makes what is not there yet; running it again changes nothing.
pub(crate) async fn ensure(client: &Client) -> anyhow::Result<()> {
    client
        .post("/api/v1/locations/import", &places::import_request())
        .await
        .context("the demo places")?;
    catalogue(client).await.context("the demo catalogue")?;
    configurations(client)
        .await
        .context("what grows in the demo beds")
}

async fn catalogue(client: &Client) -> anyhow::Result<()> {
    for (code, name) in CATEGORIES {
        client
            .ensure(
                "/api/v1/products/categories",
                &json!({ "code": code, "name": name }),
            )
            .await?;
    }
    let categories = client.get("/api/v1/products/categories").await?;
    for (category, name, scientific_name) in FAMILIES {
        let id = id(
            &categories["product_categories"],
            "code",
            category,
            "product_category_id",
        )?;
        let family =
            json!({ "product_category_id": id, "name": name, "scientific_name": scientific_name });
        client.ensure("/api/v1/products/families", &family).await?;
    }
    let families = client.get("/api/v1/products/families").await?;
    for (family, sku, common_name, scientific_name) in PRODUCTS {
        let id = id(
            &families["product_families"],
            "name",
            family,
            "product_family_id",
        )?;
        let product = json!({
            "product_family_id": id, "sku": sku, "common_name": common_name, "scientific_name": scientific_name,
        });
        client.ensure("/api/v1/products", &product).await?;
    }
    for (sku, name, color) in PACKAGINGS {
        let packaging = json!({
            "sku": sku, "name": name, "type_code": "RIGID", "material_code": "PLASTIC", "color_name": color,
        });
        client.ensure("/api/v1/packaging", &packaging).await?;
    }
    prices(client, &categories).await
}

async fn prices(client: &Client, categories: &Value) -> anyhow::Result<()> {
    let packagings = client.get("/api/v1/packaging").await?;
    for (sku, category, packaging, cents, units) in PRICES {
        let price = json!({
            "sku": sku,
            "product_category_id": id(&categories["product_categories"], "code", category, "product_category_id")?,
            "packaging_id": id(&packagings["packagings"], "sku", packaging, "packaging_id")?,
            "wholesale_unit_minor_units": cents,
            "currency_code": CURRENCY,
            "units_per_box": units,
        });
        client.ensure("/api/v1/prices", &price).await?;
    }
    Ok(())
}

/// Says what grows in each location that nothing is said about yet.
async fn configurations(client: &Client) -> anyhow::Result<()> {
    let products = client.get("/api/v1/products").await?;
    let packagings = client.get("/api/v1/packaging").await?;
    let states = client.get("/api/v1/products/states").await?;
    let state = id(
        &states["product_states"],
        "code",
        "ADULT",
        "product_state_id",
    )?;
    let packaging = id(
        &packagings["packagings"],
        "sku",
        "MAC-R8-TER",
        "packaging_id",
    )?;
    for (index, location) in locations(client).await?.iter().enumerate() {
        let location = number(location, "storage_location_id")?;
        let path = format!("/api/v1/config/location-defaults?storage_location_id={location}");
        if !client.get(&path).await?["configuration"].is_null() {
            continue;
        }
        let (_, sku, ..) = PRODUCTS[index % PRODUCTS.len()];
        let configuration = json!({
            "storage_location_id": location,
            "product_id": id(&products["products"], "sku", sku, "product_id")?,
            "product_state_id": state,
            "packaging_id": packaging,
        });
        client
            .post("/api/v1/config/location-defaults", &configuration)
            .await?;
    }
    Ok(())
}

/// Every location of the nursery.
pub(crate) async fn locations(client: &Client) -> anyhow::Result<Vec<Value>> {
    let mut found = Vec::new();
    let warehouses = client.get("/api/v1/locations/warehouses").await?;
    for warehouse in list(&warehouses, "warehouses") {
        let id = number(warehouse, "warehouse_id")?;
        let areas = client
            .get(&format!("/api/v1/locations/warehouses/{id}/areas"))
            .await?;
        for area in list(&areas, "storage_areas") {
            let id = number(area, "storage_area_id")?;
            let locations = client
                .get(&format!("/api/v1/locations/areas/{id}/locations"))
                .await?;
            found.extend(list(&locations, "storage_locations").iter().cloned());
        }
    }
    Ok(found)
}

/// How many plants a truth file holds.
pub(crate) fn plants(truth: &str) -> anyhow::Result<i64> {
    number(&serde_json::from_str(truth)?, "plants")
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

fn id(items: &Value, key: &str, wanted: &str, field: &str) -> anyhow::Result<i64> {
    let item = items
        .as_array()
        .and_then(|items| items.iter().find(|item| item[key] == wanted));
    number(item.ok_or_else(|| anyhow!("there is no {wanted}"))?, field)
}
