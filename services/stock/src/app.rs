//! What the service is made of.

use anyhow::Context as _;
use demeter_clock::{Clock, Ids};
use demeter_proto::DESCRIPTOR_SET;
use demeter_proto::stock::v1::{
    batch_service_server::BatchServiceServer, catalog_service_server::CatalogServiceServer,
    configuration_service_server::ConfigurationServiceServer,
    count_session_service_server::CountSessionServiceServer,
    density_service_server::DensityServiceServer, exchange_service_server::ExchangeServiceServer,
    location_service_server::LocationServiceServer, month_service_server::MonthServiceServer,
    movement_service_server::MovementServiceServer, stock_service_server::StockServiceServer,
};
use demeter_service::{Frame, Service};

use crate::beds::usecase::Beds;
use crate::catalog::usecase::Catalog;
use crate::config::Config;
use crate::counting::usecase::Counting;
use crate::database::Store;
use crate::exchange::usecase::Exchange;
use crate::grpc::metrics::Operations;
use crate::ledger::usecase::Ledger;
use crate::migration::Migrator;
use crate::months::usecase::Months;
use crate::{beds, catalog, counting, exchange, ledger, months, reports};

/// The PostgreSQL schema of our tables.
pub(crate) const SCHEMA: &str = "stock";

/// An import of a large nursery is larger than gRPC's usual 4 MiB.
const MAX_IMPORT_BYTES: usize = 56 * 1024 * 1024;

/// Brings the tables up to date.
pub async fn migrate(database: &demeter_db::Config) -> anyhow::Result<()> {
    demeter_db::migrate::<Migrator>(database, SCHEMA)
        .await
        .context("cannot migrate the stock database")
}

/// Takes the ports and opens the database. The tables must be there.
pub async fn build(config: Config, clock: Clock, ids: Ids) -> anyhow::Result<Service> {
    let Config {
        service,
        database,
        identity_public_key,
        oldest_entry,
        calendar,
    } = config;
    let mut frame = Frame::bind(&service).await?;
    let connection = demeter_db::open(&database, SCHEMA)
        .await
        .context("cannot open the stock database")?;
    frame.needs_tables::<Migrator>(&connection, SCHEMA);
    let gate = demeter_service::gate(&identity_public_key, &clock)?;
    let store = Store::new(connection);
    let operations = Operations::register(frame.registry());
    let exchange = Exchange::new(store.clone(), clock.clone());
    let catalog = Catalog::new(store.clone());
    let beds = Beds::new(store.clone(), clock.clone());
    let ledger = Ledger::new(store.clone(), clock.clone(), ids.clone(), oldest_entry)
        .with(calendar.closed_months);
    let counting = Counting::new(
        store.clone(),
        clock.clone(),
        ids.clone(),
        ledger.clone(),
        oldest_entry,
    );
    let months = Months::new(store.clone(), clock.clone(), ids, calendar);
    let months = months::api::Api::new(months, operations.clone());
    let ledger = ledger::api::Api::new(ledger, operations.clone());
    let counting = counting::api::Api::new(counting, operations.clone());
    let reports = reports::api::Api::new(store, clock);
    let exchange = exchange::api::Api::new(exchange, operations.clone());
    let catalog = catalog::api::Api::new(catalog, operations.clone());
    let beds = beds::api::Api::new(beds, operations);
    let server = demeter_grpc::Server::new(DESCRIPTOR_SET, gate, frame.registry())
        .add(LocationServiceServer::new(reports.clone()))
        .add(StockServiceServer::new(reports))
        .add(CatalogServiceServer::new(catalog))
        .add(ConfigurationServiceServer::new(beds))
        .add(BatchServiceServer::new(ledger.clone()))
        .add(MovementServiceServer::new(ledger))
        .add(DensityServiceServer::new(counting.clone()))
        .add(CountSessionServiceServer::new(counting))
        .add(MonthServiceServer::new(months))
        .add(ExchangeServiceServer::new(exchange).max_decoding_message_size(MAX_IMPORT_BYTES));
    Ok(frame.serving(server))
}
