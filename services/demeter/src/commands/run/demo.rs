//! `demeter demo`: the main job, walked over HTTP as a user would.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, ensure};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::client::{Client, number, text};
use crate::nursery;
use crate::system::{ADMIN_EMAIL, Ports, Running, running};
use crate::terminal::print;

/// How far the count may be from the bundled photo's truth, as a share of it.
const TOLERANCE: f64 = 0.10;

/// A photo, and how many plants are in it where that is known.
struct Picture {
    name: String,
    bytes: Vec<u8>,
    plants: Option<i64>,
}

/// A photo that has been counted, and how its bed was found.
struct Counted {
    photo: Value,
    found_by: &'static str,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder for this run; what an earlier demo left in it is removed.
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    /// The Envoy binary; `make demo` fetches it.
    #[arg(long, env = "DEMETER_ENVOY")]
    envoy: Option<PathBuf>,
    /// Another photo than the bundled one. Without a GPS position in the demo
    /// nursery it is assigned to a bed by hand, as a user would.
    #[arg(long)]
    photo: Option<PathBuf>,
}

/// Runs a fresh system, walks the main job, prints a table.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let envoy = running::envoy(args.envoy.as_deref())?;
    let picture = picture(args.photo.as_deref())?;
    clear(&args.data)?;
    let ports = Ports::free()?;
    let (lock, settings) = running::prepare(&args.data, &ports).await?;
    let telemetry = demeter_telemetry::init(&settings.telemetry()?)?;
    let system = running::start(lock, &settings, &ports, envoy).await?;
    let outcome = walk(&system, &picture, &args.data).await;
    let stopped = system.stop().await;
    telemetry.flush().await;
    for (what, value) in outcome? {
        print(&format!("{what:<20} {value}"));
    }
    stopped
}

fn picture(path: Option<&Path>) -> anyhow::Result<Picture> {
    let Some(path) = path else {
        let plants = Some(nursery::plants(nursery::TRUTH_NEXT_MONTH)?);
        return Ok(Picture {
            name: "bed_next_month.jpg".to_owned(),
            bytes: nursery::PHOTO_NEXT_MONTH.to_vec(),
            plants,
        });
    };
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(Picture {
        name,
        bytes,
        plants: None,
    })
}

/// Removes an earlier demo, and nothing that is not one.
fn clear(data: &Path) -> anyhow::Result<()> {
    if !data.exists() {
        return Ok(());
    }
    let ours = data.join("secrets").is_dir() || fs::read_dir(data)?.next().is_none();
    ensure!(
        ours,
        "{} holds something else than an earlier demo: choose another folder with --data",
        data.display()
    );
    fs::remove_dir_all(data).with_context(|| format!("cannot clear {}", data.display()))
}

async fn walk(
    system: &Running,
    picture: &Picture,
    data: &Path,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let password = system.admin.password.as_ref();
    let password = password.context("this system is not fresh")?;
    let password = password.expose_secret();
    let client = Client::sign_in_at_home(&system.url, ADMIN_EMAIL, password).await?;
    nursery::ensure(&client).await?;
    // Last month's photo is the opening baseline; the picture replaces it.
    let opening = client.upload("bed.jpg", nursery::PHOTO.to_vec()).await?;
    expect_posted(&client.until_done(text(&opening, "session_id")?).await?)?;
    let counted = count(&client, picture).await?;
    let mut rows = place_rows(&client, picture, &counted).await?;
    rows.extend(ledger_rows(&client, &counted.photo).await?);
    let annotated = save_annotated(&client, &counted.photo, data).await?;
    rows.push(("annotated picture", annotated.display().to_string()));
    Ok(rows)
}

/// Uploads the picture, helps it along as a user would, and checks that the same
/// upload again changes nothing.
async fn count(client: &Client, picture: &Picture) -> anyhow::Result<Counted> {
    let uploaded = client.upload(&picture.name, picture.bytes.clone()).await?;
    let session = text(&uploaded, "session_id")?;
    let mut finished = client.until_done(session).await?;
    let mut found_by = "from the photo's GPS position";
    if finished["status"] == "PROCESSING_STATUS_NEEDS_LOCATION" {
        finished = assign(client, session).await?;
        found_by = "by hand: the photo has no position in the nursery";
    }
    expect_posted(&finished)?;
    let again = client.upload(&picture.name, picture.bytes.clone()).await?;
    ensure!(
        again["session_id"] == session,
        "the same photo was stored twice"
    );
    Ok(Counted {
        photo: finished["photo"].clone(),
        found_by,
    })
}

fn expect_posted(progress: &Value) -> anyhow::Result<()> {
    let status = text(progress, "status")?;
    ensure!(
        status == "PROCESSING_STATUS_POSTED",
        "the photo ended as {status}: {}",
        progress["photo"]["error_message"]
    );
    Ok(())
}

async fn assign(client: &Client, session: &str) -> anyhow::Result<Value> {
    let locations = nursery::locations(client).await?;
    let location = locations
        .first()
        .ok_or_else(|| anyhow!("the nursery has no locations"))?;
    let body = json!({ "storage_location_id": number(location, "storage_location_id")? });
    client
        .post(
            &format!("/api/v1/photos/sessions/{session}/location"),
            &body,
        )
        .await?;
    client.until_done(session).await
}

async fn place_rows(
    client: &Client,
    picture: &Picture,
    counted: &Counted,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let photo = &counted.photo;
    let plants = number(photo, "total_detected")?;
    check_count(picture, plants)?;
    let location = number(photo, "storage_location_id")?;
    let place = client
        .get(&format!("/api/v1/locations/locations/{location}"))
        .await?;
    let place = &place["storage_location"];
    let stock = number(place, "current_quantity")?;
    ensure!(
        stock == plants,
        "the bed holds {stock} plants, not {plants}"
    );
    let truth = picture.plants.map_or_else(String::new, |plants| {
        format!(" ({plants} are in the picture)")
    });
    let confidence = photo["avg_confidence"].as_f64().unwrap_or_default();
    Ok(vec![
        (
            "bed",
            format!("{}, found {}", text(place, "code")?, counted.found_by),
        ),
        (
            "plants counted",
            format!(
                "{plants}{truth}{}, mean confidence {confidence:.2}",
                super::up::how_sure(photo)
            ),
        ),
    ])
}

fn check_count(picture: &Picture, counted: i64) -> anyhow::Result<()> {
    let Some(plants) = picture.plants else {
        return Ok(());
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "plant counts are far below 2^52"
    )]
    let error = (counted - plants).abs() as f64 / plants as f64;
    ensure!(
        error <= TOLERANCE,
        "counted {counted} plants where there are {plants}"
    );
    Ok(())
}

async fn ledger_rows(
    client: &Client,
    photo: &Value,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let batch = client
        .get(&format!(
            "/api/v1/stock/batches/{}",
            text(photo, "batch_id")?
        ))
        .await?;
    let batch = &batch["batch"];
    let stock = number(batch, "quantity_current")?;
    let mut rows = vec![(
        "batch",
        format!("{} with {stock} plants", text(batch, "batch_code")?),
    )];
    let session = text(photo, "session_id")?;
    let history = client
        .get(&format!(
            "/api/v1/stock/history?processing_session_id={session}"
        ))
        .await?;
    let movements = history["movements"]
        .as_array()
        .filter(|movements| !movements.is_empty());
    for movement in movements
        .ok_or_else(|| anyhow!("the ledger has no movement of this photo"))?
        .iter()
        .rev()
    {
        let kind = text(movement, "movement_type")?
            .trim_start_matches("MOVEMENT_TYPE_")
            .to_lowercase();
        let (quantity, balance) = (number(movement, "quantity")?, number(movement, "balance")?);
        rows.push((
            "movement",
            format!("{kind:<7} {quantity:>+5}, balance {balance}"),
        ));
    }
    Ok(rows)
}

async fn save_annotated(client: &Client, photo: &Value, data: &Path) -> anyhow::Result<PathBuf> {
    let bytes = client.download(text(photo, "annotated_url")?).await?;
    ensure!(
        bytes.starts_with(&[0xff, 0xd8]),
        "the annotated picture is not a JPEG"
    );
    let path = data.join("annotated.jpg");
    fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
