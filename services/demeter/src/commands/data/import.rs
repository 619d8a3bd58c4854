//! `demeter import`: brings data in through the gateway, as its user.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use demeter_proto::stock::v1::{
    ImportPlacesRequest, location_service_client::LocationServiceClient,
};

use crate::cli::ImportPlacesArgs;
use crate::client::Client;

const TIMEOUT: Duration = Duration::from_mins(2);

/// Imports a place hierarchy and prints what changed.
pub(crate) async fn places(args: &ImportPlacesArgs) -> anyhow::Result<()> {
    let request = ImportPlacesRequest {
        warehouses_geojson: read(&args.warehouses)?,
        areas_geojson: read(&args.areas)?,
        locations_geojson: read(&args.locations)?,
    };
    let client =
        Client::sign_in(&args.server.url, &args.server.email, &args.server.password).await?;
    let channel = demeter_grpc::channel(&args.server.url)?;
    let mut request = demeter_grpc::outgoing(request, "", TIMEOUT);
    request
        .metadata_mut()
        .insert("authorization", client.bearer().parse()?);
    let answer = LocationServiceClient::new(channel)
        .import_places(request)
        .await
        .map_err(|status| anyhow::anyhow!("{}", status.message()))?
        .into_inner();
    crate::commands::print(&format!(
        "{} warehouses, {} areas and {} locations created or changed; {} places were there already",
        answer.warehouses, answer.areas, answer.locations, answer.unchanged
    ));
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
