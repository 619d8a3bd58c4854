//! A database that an earlier version made: it is migrated, and every request
//! that was answered then gets the same answer now.
//!
//! `fixtures/m0001` holds one for each engine, with the answers as they were
//! given: batches, movements, photo counts, and request ids of every kind, each
//! followed by movements that changed its batch since.

use std::path::{Path, PathBuf};

use demeter_proto::stock::v1 as pb;
use demeter_testkit::TestDatabase;
use prost_types::Timestamp;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database};
use serde_json::{Value, json};
use tonic::Code;

use crate::harness::{Stock, noon, reason};

const PRODUCT: i32 = 1;

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/m0001");
    folder.join(name)
}

/// A copy of the old database of an engine, and what it was answered then.
async fn restore(database: &TestDatabase) -> Vec<Value> {
    let answers = if let Some(file) = database.url().strip_prefix("sqlite://") {
        std::fs::write(file, std::fs::read(fixture("sqlite.db")).unwrap()).unwrap();
        "sqlite.json"
    } else {
        let options = ConnectOptions::new(database.url())
            .max_connections(1)
            .to_owned();
        let connection = Database::connect(options).await.unwrap();
        let dump = std::fs::read_to_string(fixture("postgres.dump")).unwrap();
        connection.execute_unprepared(&dump).await.unwrap();
        connection.close().await.unwrap();
        "postgres.json"
    };
    let answers = std::fs::read_to_string(fixture(answers)).unwrap();
    serde_json::from_str(&answers).unwrap()
}

/// The ids that the fixture's client chose.
fn id(n: u32) -> String {
    format!("01890000-0000-7000-8000-{n:012}")
}

fn planting() -> pb::CreateBatchRequest {
    pb::CreateBatchRequest {
        request_id: id(1),
        storage_location_id: 1,
        product_id: PRODUCT,
        product_state_id: 3,
        product_size_id: Some(2),
        packaging_id: None,
        quantity: 100,
        planting_date: Some("2026-09-01".into()),
        notes: "from seed".into(),
        ..Default::default()
    }
}

fn another_planting(request: u32, location: i32, quantity: i32) -> pb::CreateBatchRequest {
    pb::CreateBatchRequest {
        request_id: id(request),
        storage_location_id: location,
        product_id: PRODUCT,
        product_state_id: 3,
        quantity,
        ..Default::default()
    }
}

fn by_hand() -> pb::CreateManualCountRequest {
    pb::CreateManualCountRequest {
        request_id: id(7),
        storage_location_id: 2,
        product_id: PRODUCT,
        quantity: 50,
        ..Default::default()
    }
}

/// A movement of the batch that another answer told.
fn movement_of(
    answer: &Value,
    request: u32,
    (movement_type, quantity): (pb::MovementType, i32),
    why: &str,
) -> pb::CreateMovementRequest {
    pb::CreateMovementRequest {
        request_id: id(request),
        batch_id: answer["batch"]["batch_id"].as_str().unwrap().to_owned(),
        movement_type: movement_type.into(),
        quantity,
        reason_description: why.to_owned(),
        ..Default::default()
    }
}

fn photo_of(session: u32, location: i32, quantity: i32, minutes: i64) -> pb::PostPhotoCountRequest {
    pb::PostPhotoCountRequest {
        processing_session_id: id(session),
        storage_location_id: location,
        quantity,
        observed_time: Some(Timestamp {
            seconds: noon().timestamp() + 60 * minutes,
            nanos: 0,
        }),
        user_id: "ana".into(),
        ..Default::default()
    }
}

async fn plant(stock: &Stock, request: pb::CreateBatchRequest) -> Value {
    let answer = stock.batches().create_batch(stock.ask(request)).await;
    let pb::CreateBatchResponse {
        batch, movement, ..
    } = answer.unwrap().into_inner();
    effect(&batch.unwrap(), &movement.unwrap())
}

async fn record(stock: &Stock, request: pb::CreateMovementRequest) -> Value {
    let answer = stock.movements().create_movement(stock.ask(request)).await;
    let pb::CreateMovementResponse {
        batch, movement, ..
    } = answer.unwrap().into_inner();
    effect(&batch.unwrap(), &movement.unwrap())
}

async fn count(stock: &Stock, request: pb::CreateManualCountRequest) -> Value {
    let request = stock.ask(request);
    let answer = stock.movements().create_manual_count(request).await;
    let pb::CreateManualCountResponse {
        batch, movement, ..
    } = answer.unwrap().into_inner();
    effect(&batch.unwrap(), &movement.unwrap())
}

async fn post(stock: &Stock, request: pb::PostPhotoCountRequest) -> Value {
    let request = stock.as_service(request, &["stock:write"]);
    let answer = stock.movements().post_photo_count(request).await;
    let answer = answer.unwrap().into_inner();
    json!({
        "batch": answer.batch.as_ref().map(batch),
        "movements": answer.movements.iter().map(movement).collect::<Vec<_>>(),
        "previous_quantity": answer.previous_quantity,
        "current_quantity": answer.current_quantity,
        "superseded": answer.superseded,
    })
}

fn effect(changed: &pb::Batch, line: &pb::Movement) -> Value {
    json!({"batch": batch(changed), "movement": movement(line)})
}

fn batch(batch: &pb::Batch) -> Value {
    json!({
        "batch_id": batch.batch_id,
        "batch_code": batch.batch_code,
        "storage_location_id": batch.storage_location_id,
        "storage_bin_id": batch.storage_bin_id,
        "product_id": batch.product_id,
        "product_state_id": batch.product_state_id,
        "product_size_id": batch.product_size_id,
        "packaging_id": batch.packaging_id,
        "quantity_initial": batch.quantity_initial,
        "quantity_current": batch.quantity_current,
        "quantity_empty_containers": batch.quantity_empty_containers,
        "planting_date": batch.planting_date,
        "notes": batch.notes,
        "create_time": time(batch.create_time),
        "update_time": time(batch.update_time),
    })
}

fn movement(movement: &pb::Movement) -> Value {
    json!({
        "movement_id": movement.movement_id,
        "batch_id": movement.batch_id,
        "movement_type": movement.movement_type,
        "quantity": movement.quantity,
        "balance": movement.balance,
        "source_bin_id": movement.source_bin_id,
        "destination_bin_id": movement.destination_bin_id,
        "source_type": movement.source_type,
        "is_inbound": movement.is_inbound,
        "reason_description": movement.reason_description,
        "processing_session_id": movement.processing_session_id,
        "user_id": movement.user_id,
        "effective_time": time(movement.effective_time),
        "create_time": time(movement.create_time),
        "storage_location_id": movement.storage_location_id,
    })
}

fn time(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| json!([time.seconds, time.nanos]))
}

/// Every old request, sent again in the order in which it was sent first.
async fn send_again(stock: &Stock, then: &[Value]) -> Vec<Value> {
    let death = |plants| (pb::MovementType::Muerte, plants);
    let ajuste = (pb::MovementType::Ajuste, -20);
    vec![
        plant(stock, planting()).await,
        record(stock, movement_of(&then[0], 2, death(4), "frost")).await,
        plant(stock, another_planting(3, 1, 30)).await,
        post(stock, photo_of(4, 1, 90, 60)).await,
        record(stock, movement_of(&then[3], 5, death(2), "")).await,
        // A photo that was older than the one before.
        post(stock, photo_of(6, 1, 7, 30)).await,
        count(stock, by_hand()).await,
        plant(stock, another_planting(8, 3, 12)).await,
        // A photo of a bed that was found empty.
        post(stock, photo_of(9, 3, 0, 68)).await,
        record(stock, movement_of(&then[6], 10, ajuste, "recounted")).await,
    ]
}

#[tokio::test]
async fn old_requests_get_their_old_answers_and_have_no_second_effect() {
    for database in TestDatabase::all().await {
        let then = restore(&database).await;
        let stock = Stock::start(database).await;

        let now = send_again(&stock, &then).await;

        for (number, (now, then)) in now.iter().zip(&then).enumerate() {
            assert_eq!(now, then, "request {number} on {}", stock.database.engine);
        }
        assert_eq!(now.len(), then.len());
        let standing = [stock.standing(1), stock.standing(2), stock.standing(3)];
        assert_eq!(futures::future::join_all(standing).await, [88, 30, 0]);
        stock.stop().await;
    }
}

#[tokio::test]
async fn an_old_request_id_does_not_take_other_content() {
    for database in TestDatabase::all().await {
        restore(&database).await;
        let stock = Stock::start(database).await;

        let other = pb::CreateBatchRequest {
            quantity: 101,
            ..planting()
        };
        let planted = stock.batches().create_batch(stock.ask(other)).await;
        let count = stock.as_service(photo_of(4, 1, 91, 60), &["stock:write"]);
        let counted = stock.movements().post_photo_count(count).await;

        let refusals = [
            (planted.map(drop), "REQUEST_ID_REUSED"),
            (counted.map(drop), "SESSION_ALREADY_POSTED"),
        ];
        for (outcome, expected) in refusals {
            let refused = outcome.unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused).as_str()),
                (Code::AlreadyExists, expected)
            );
        }
        stock.stop().await;
    }
}

#[tokio::test]
async fn a_late_fact_finds_its_place_in_an_old_ledger() {
    for database in TestDatabase::all().await {
        let then = restore(&database).await;
        let stock = Stock::start(database).await;
        stock.clock.advance(chrono::Duration::hours(3));

        let death = movement_of(&then[0], 99, (pb::MovementType::Muerte, 5), "");
        let late = pb::CreateMovementRequest {
            effective_time: photo_of(0, 1, 0, 45).observed_time,
            ..death
        };
        let request = stock.ask(late);
        let entered = stock.movements().create_movement(request).await.unwrap();

        assert_eq!(
            stock.standing(1).await,
            88,
            "the photo of one o'clock had seen it"
        );
        let at = |minutes| noon() + chrono::Duration::minutes(minutes);
        assert_eq!(stock.as_of(1, at(60)).await, 90);
        assert!(!entered.into_inner().consequences.is_empty());
        stock.stop().await;
    }
}

/// A second configuration of location 1, as the earlier version wrote it.
const REPLACED: &str = "UPDATE {schema}storage_location_config SET active = FALSE WHERE storage_location_id = 1; \
    INSERT INTO {schema}storage_location_config (storage_location_id, product_id, product_state_id, \
    product_size_id, packaging_id, area_cm2, notes, active, created_at) \
    VALUES (1, 1, 4, 2, NULL, 6000, 'moved on', TRUE, '2026-10-31T13:00:00+00:00')";

#[tokio::test]
async fn old_configurations_become_versions_of_one_line_open_until_they_were_replaced() {
    for database in TestDatabase::all().await {
        restore(&database).await;
        let schema = match database.url().strip_prefix("sqlite://") {
            Some(_) => "",
            None => "stock.",
        };
        let connection = Database::connect(database.url()).await.unwrap();
        let replaced = REPLACED.replace("{schema}", schema);
        connection.execute_unprepared(&replaced).await.unwrap();
        connection.close().await.unwrap();
        let stock = Stock::start(database).await;

        let request = stock.ask(pb::ListLocationConfigurationsRequest {
            storage_location_id: 1,
            ..Default::default()
        });
        let listed = stock
            .configurations()
            .list_location_configurations(request)
            .await;
        let versions = listed.unwrap().into_inner().configurations;

        let told: Vec<_> = versions
            .iter()
            .map(|one| (one.lines.len(), one.lines[0].product_state_id, one.area_cm2))
            .collect();
        assert_eq!(told, [(1, 4, 6000.0), (1, 3, 0.0)]);
        let closed: Vec<_> = versions.iter().map(|one| one.close_time).collect();
        assert_eq!(closed, [None, versions[0].create_time]);
        assert_eq!(
            versions[0].create_time.unwrap().seconds,
            noon().timestamp() + 3600
        );
        stock.stop().await;
    }
}
