//! A running service with a nursery of one bed, and callers of each kind.

use chrono::{DateTime, TimeZone as _, Utc};
use demeter_clock::{Clock, Ids};
use demeter_config::Env;
use demeter_grpc::Channel;
use demeter_identity::{CallerKind, Grant, Issuer};
use demeter_proto::stock::v1 as pb;
use demeter_stock::{Config, build};
use demeter_testkit::TestDatabase;
use pb::batch_service_client::BatchServiceClient;
use pb::catalog_service_client::CatalogServiceClient;
use pb::configuration_service_client::ConfigurationServiceClient;
use pb::count_session_service_client::CountSessionServiceClient;
use pb::density_service_client::DensityServiceClient;
use pb::exchange_service_client::ExchangeServiceClient;
use pb::location_service_client::LocationServiceClient;
use pb::month_service_client::MonthServiceClient;
use pb::movement_service_client::MovementServiceClient;
use pb::stock_service_client::StockServiceClient;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Status};

/// One service on one engine.
pub(crate) struct Stock {
    pub(crate) clock: Clock,
    pub(crate) channel: Channel,
    pub(crate) ids: Ids,
    pub(crate) config: Config,
    issuer: Issuer,
    shutdown: CancellationToken,
    serving: tokio::task::JoinHandle<()>,
    pub(crate) database: TestDatabase,
}

/// A bed that is configured for one product.
#[derive(Clone, Copy)]
pub(crate) struct Bed {
    pub(crate) location: i32,
    pub(crate) product: i32,
    pub(crate) state: i32,
}

pub(crate) const RIGHTS: [&str; 3] = ["stock:read", "stock:write", "config:write"];

pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 10, 31, 12, 0, 0).unwrap()
}

/// The service on SQLite, and on PostgreSQL when there is one.
pub(crate) async fn everywhere() -> Vec<Stock> {
    let mut services = Vec::new();
    for database in TestDatabase::all().await {
        services.push(Stock::start(database).await);
    }
    services
}

/// A square of `side` degrees as a GeoJSON feature.
pub(crate) fn square(properties: &str, west: f64, south: f64, side: f64) -> String {
    let (east, north) = (west + side, south + side);
    format!(
        r#"{{"type":"Feature","properties":{{{properties}}},"geometry":{{"type":"Polygon","coordinates":
        [[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}}}"#
    )
}

pub(crate) fn collection(features: &[String]) -> String {
    format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    )
}

/// Locations of one area, told by name and western edge: squares of a thousandth
/// of a degree on the equator.
pub(crate) fn claros(edges: &[(&str, f64)]) -> pb::ImportPlacesRequest {
    let claro = |(name, west): &(&str, f64)| {
        let names = format!(r#""label":"{name}","cantero":"Cantero Norte","nave":"Nave 1""#);
        square(&names, *west, 0.0, 0.001)
    };
    let cantero = square(
        r#""label":"Cantero Norte","nave":"Nave 1""#,
        0.0,
        0.0,
        0.005,
    );
    pb::ImportPlacesRequest {
        warehouses_geojson: collection(&[square(r#""name":"Nave 1""#, 0.0, 0.0, 0.01)]),
        areas_geojson: collection(&[cantero]),
        locations_geojson: collection(&edges.iter().map(claro).collect::<Vec<_>>()),
    }
}

impl Stock {
    /// The service over a database, which is migrated first.
    pub(crate) async fn start(database: TestDatabase) -> Self {
        Self::start_with(database, &[]).await
    }

    /// The same with other settings.
    pub(crate) async fn start_with(database: TestDatabase, settings: &[(&str, &str)]) -> Self {
        let (private, public) = Issuer::generate();
        let env = Env::from_pairs([
            ("STOCK_LISTEN", "127.0.0.1:0"),
            ("STOCK_OPS_LISTEN", "127.0.0.1:0"),
            ("DATABASE_URL", database.url()),
            ("IDENTITY_PUBLIC_KEY", &public),
            ("MESH_TLS", "off"),
        ]);
        let set = |env: Env, (name, value): &(&str, &str)| env.with(name, *value);
        let env = settings.iter().fold(env, set);
        let config = Config::from_env(&env).unwrap();
        demeter_stock::migrate(&config.database).await.unwrap();
        let (clock, ids) = (Clock::fixed(noon()), Ids::random());
        let app = build(config.clone(), clock.clone(), ids.clone())
            .await
            .unwrap();
        let channel = demeter_grpc::channel(&format!("http://{}", app.grpc_addr())).unwrap();
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        #[expect(clippy::disallowed_methods, reason = "stop() waits for it")]
        let serving = tokio::spawn(async move { app.serve(stop).await.unwrap() });
        let issuer = Issuer::from_private_key(&private).unwrap();
        Self {
            clock,
            channel,
            ids,
            config,
            issuer,
            shutdown,
            serving,
            database,
        }
    }

    /// Ends the service and checks what must always be true of the ledger.
    pub(crate) async fn stop(self) {
        let connection = self.connection().await;
        let broken = demeter_stock::violations(&connection).await.unwrap();
        assert_eq!(broken, [], "on {}", self.database.engine);
        connection.close().await.unwrap();
        self.leave().await;
    }

    /// Ends the service. Checking its ledger would take long.
    pub(crate) async fn leave(self) {
        self.shutdown.cancel();
        drop(self.channel);
        self.serving.await.unwrap();
    }

    /// Straight to the tables.
    pub(crate) async fn connection(&self) -> DatabaseConnection {
        let connection = Database::connect(self.database.url()).await.unwrap();
        if self.database.url().starts_with("postgres") {
            let options = sea_orm::ConnectOptions::new(self.database.url())
                .set_schema_search_path("stock,public")
                .to_owned();
            return Database::connect(options).await.unwrap();
        }
        connection
    }

    /// Straight to the tables, through one connection that keeps its settings.
    pub(crate) async fn single_connection(&self) -> DatabaseConnection {
        let options = sea_orm::ConnectOptions::new(self.database.url())
            .max_connections(1)
            .set_schema_search_path("stock,public")
            .to_owned();
        Database::connect(options).await.unwrap()
    }

    /// A request of a user who holds some rights.
    pub(crate) fn as_user<T>(&self, message: T, rights: &[&str]) -> Request<T> {
        self.request(message, CallerKind::User, rights)
    }

    /// A request of a service that holds some rights.
    pub(crate) fn as_service<T>(&self, message: T, rights: &[&str]) -> Request<T> {
        self.request(message, CallerKind::Service, rights)
    }

    /// A request of a user who may do everything here.
    pub(crate) fn ask<T>(&self, message: T) -> Request<T> {
        self.as_user(message, &RIGHTS)
    }

    fn request<T>(&self, message: T, kind: CallerKind, rights: &[&str]) -> Request<T> {
        let grant = Grant {
            subject: "ana".to_owned(),
            kind,
            rights: rights.iter().map(|right| right.parse().unwrap()).collect(),
            session: None,
            request_id: None,
            expires_at: self.clock.now() + chrono::Duration::seconds(60),
        };
        let token = self.issuer.issue(&grant).unwrap();
        let mut request = Request::new(message);
        request
            .metadata_mut()
            .insert(demeter_identity::HEADER, token.parse().unwrap());
        request
    }

    pub(crate) fn exchange(&self) -> ExchangeServiceClient<Channel> {
        ExchangeServiceClient::new(self.channel.clone())
    }

    pub(crate) fn locations(&self) -> LocationServiceClient<Channel> {
        LocationServiceClient::new(self.channel.clone())
    }

    pub(crate) fn catalog(&self) -> CatalogServiceClient<Channel> {
        CatalogServiceClient::new(self.channel.clone())
    }

    pub(crate) fn configurations(&self) -> ConfigurationServiceClient<Channel> {
        ConfigurationServiceClient::new(self.channel.clone())
    }

    pub(crate) fn densities(&self) -> DensityServiceClient<Channel> {
        DensityServiceClient::new(self.channel.clone())
    }

    pub(crate) fn count_sessions(&self) -> CountSessionServiceClient<Channel> {
        CountSessionServiceClient::new(self.channel.clone())
    }

    pub(crate) fn batches(&self) -> BatchServiceClient<Channel> {
        BatchServiceClient::new(self.channel.clone())
    }

    pub(crate) fn movements(&self) -> MovementServiceClient<Channel> {
        MovementServiceClient::new(self.channel.clone())
    }

    pub(crate) fn months(&self) -> MonthServiceClient<Channel> {
        MonthServiceClient::new(self.channel.clone())
    }

    pub(crate) fn stock(&self) -> StockServiceClient<Channel> {
        StockServiceClient::new(self.channel.clone())
    }

    /// A new request id or session id.
    pub(crate) fn id(&self) -> String {
        self.ids.next().to_string()
    }

    /// One location in one area in one warehouse, without configuration.
    pub(crate) async fn given_a_location(&self) -> i32 {
        let request = claros(&[("Claro 1", 0.0)]);
        self.exchange()
            .import_places(self.ask(request))
            .await
            .unwrap();
        let point = pb::LocatePointRequest {
            longitude: 0.0005,
            latitude: 0.0005,
        };
        let found = self
            .locations()
            .locate_point(self.ask(point))
            .await
            .unwrap()
            .into_inner();
        found.candidates[0]
            .location
            .as_ref()
            .unwrap()
            .storage_location_id
    }

    /// Up to five locations of one area, without configuration.
    pub(crate) async fn given_locations(&self, count: u8) -> Vec<i32> {
        let edge = |number: u8| f64::from(number) * 0.001;
        let names: Vec<String> = (1..=count)
            .map(|number| format!("Claro {number}"))
            .collect();
        let edges: Vec<(&str, f64)> = names
            .iter()
            .map(String::as_str)
            .zip((0..).map(edge))
            .collect();
        let request = self.ask(claros(&edges));
        self.exchange().import_places(request).await.unwrap();
        let request = self.ask(pb::ListStorageLocationsRequest {
            storage_area_id: 1,
            ..Default::default()
        });
        let listed = self.locations().list_storage_locations(request).await;
        let locations = listed.unwrap().into_inner().storage_locations;
        locations
            .iter()
            .map(|location| location.storage_location_id)
            .collect()
    }

    /// Plants that stood in a location at an instant: the sum of what had taken
    /// effect by then.
    pub(crate) async fn as_of(&self, location: i32, instant: DateTime<Utc>) -> i64 {
        let products = self.products_as_of(location, instant).await;
        products.iter().map(|(_, plants)| plants).sum()
    }

    /// Plants of each product that stood in a location at an instant.
    pub(crate) async fn products_as_of(
        &self,
        location: i32,
        instant: DateTime<Utc>,
    ) -> Vec<(i32, i64)> {
        let connection = self.connection().await;
        let sql = "SELECT b.product_id, CAST(SUM(m.quantity) AS BIGINT) AS plants FROM stock_movements m \
                   JOIN stock_batches b ON b.batch_id = m.batch_id \
                   WHERE m.storage_location_id = $1 AND m.effective_at <= $2 \
                   GROUP BY b.product_id ORDER BY b.product_id";
        let backend = connection.get_database_backend();
        let values = [location.into(), instant.into()];
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let rows = connection.query_all_raw(statement).await.unwrap();
        let told = rows.iter().map(|row| {
            let product = row.try_get("", "product_id").unwrap();
            (product, row.try_get("", "plants").unwrap())
        });
        let told = told.collect();
        connection.close().await.unwrap();
        told
    }

    pub(crate) async fn given_a_product(&self, name: &str) -> i32 {
        let mut catalog = self.catalog();
        let code = name.to_uppercase();
        let category = pb::CreateProductCategoryRequest {
            code,
            name: name.to_owned(),
        };
        let category = catalog
            .create_product_category(self.ask(category))
            .await
            .unwrap()
            .into_inner();
        let family = pb::CreateProductFamilyRequest {
            product_category_id: category.product_category.unwrap().product_category_id,
            name: name.to_owned(),
            scientific_name: String::new(),
        };
        let family = catalog
            .create_product_family(self.ask(family))
            .await
            .unwrap()
            .into_inner();
        let product = pb::CreateProductRequest {
            product_family_id: family.product_family.unwrap().product_family_id,
            sku: String::new(),
            common_name: name.to_owned(),
            scientific_name: String::new(),
        };
        let product = catalog
            .create_product(self.ask(product))
            .await
            .unwrap()
            .into_inner();
        product.product.unwrap().product_id
    }

    pub(crate) async fn given_a_bed(&self) -> Bed {
        let location = self.given_a_location().await;
        let product = self.given_a_product("Echeveria").await;
        let bed = Bed {
            location,
            product,
            state: 3,
        };
        self.configure(bed).await;
        bed
    }

    pub(crate) async fn configure(&self, bed: Bed) {
        let request = pb::SetLocationConfigurationRequest {
            storage_location_id: bed.location,
            product_id: bed.product,
            product_state_id: bed.state,
            ..Default::default()
        };
        self.configurations()
            .set_location_configuration(self.ask(request))
            .await
            .unwrap();
    }

    pub(crate) fn a_batch(&self, bed: Bed, quantity: i32) -> pb::CreateBatchRequest {
        pb::CreateBatchRequest {
            request_id: self.id(),
            storage_location_id: bed.location,
            product_id: bed.product,
            product_state_id: bed.state,
            quantity,
            ..Default::default()
        }
    }

    pub(crate) async fn given_a_batch(&self, bed: Bed, quantity: i32) -> pb::Batch {
        let request = self.ask(self.a_batch(bed, quantity));
        self.batches()
            .create_batch(request)
            .await
            .unwrap()
            .into_inner()
            .batch
            .unwrap()
    }

    pub(crate) async fn change(
        &self,
        batch: &str,
        movement_type: pb::MovementType,
        quantity: i32,
    ) -> Result<pb::CreateMovementResponse, Status> {
        let request = pb::CreateMovementRequest {
            request_id: self.id(),
            batch_id: batch.to_owned(),
            movement_type: movement_type.into(),
            quantity,
            reason_description: "because".to_owned(),
            ..Default::default()
        };
        Ok(self
            .movements()
            .create_movement(self.ask(request))
            .await?
            .into_inner())
    }

    /// Plants in a location now.
    pub(crate) async fn standing(&self, location: i32) -> i32 {
        let request = self.ask(pb::GetStorageLocationRequest {
            storage_location_id: location,
        });
        let found = self
            .locations()
            .get_storage_location(request)
            .await
            .unwrap()
            .into_inner();
        found.storage_location.unwrap().current_quantity
    }
}

pub(crate) async fn number(connection: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap()
        .try_get("", "n")
        .unwrap()
}

/// The reason in a refusal.
pub(crate) fn reason(status: &Status) -> String {
    demeter_grpc::status::reason(status).unwrap_or_default()
}
