//! `demeter import places`: brings the place hierarchy in through the gateway, as its user.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use demeter_proto::stock::v1::{
    ImportPlacesRequest, exchange_service_client::ExchangeServiceClient,
};

use super::Server;
use crate::terminal;

const TIMEOUT: Duration = Duration::from_mins(2);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// FeatureCollection of greenhouses (property `name`).
    #[arg(long, value_name = "FILE")]
    warehouses: PathBuf,
    /// FeatureCollection of beds (properties `label`, `nave`).
    #[arg(long, value_name = "FILE")]
    areas: PathBuf,
    /// FeatureCollection of locations (properties `label`, `cantero`, `nave`).
    #[arg(long, value_name = "FILE")]
    locations: PathBuf,
    #[command(flatten)]
    server: Server,
}

/// Imports a place hierarchy and prints what changed.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let request = ImportPlacesRequest {
        warehouses_geojson: read(&args.warehouses)?,
        areas_geojson: read(&args.areas)?,
        locations_geojson: read(&args.locations)?,
    };
    let client = args.server.sign_in().await?;
    let channel = demeter_grpc::channel(&args.server.url)?;
    let mut request = demeter_grpc::outgoing(request, "", TIMEOUT);
    request
        .metadata_mut()
        .insert("authorization", client.bearer().parse()?);
    let answer = ExchangeServiceClient::new(channel)
        .import_places(request)
        .await
        .map_err(|status| anyhow::anyhow!("{}", status.message()))?
        .into_inner();
    terminal::print(&format!(
        "{} warehouses, {} areas and {} locations created or changed; {} places were there already",
        answer.warehouses, answer.areas, answer.locations, answer.unchanged
    ));
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
