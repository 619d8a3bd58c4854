//! The laws of the ledger find what breaks them, and so does a stranger with a file.

use std::path::Path;
use std::process::{Command, Output};

use demeter_proto::stock::v1 as pb;
use pb::MovementType::{Muerte, Plantar, Ventas};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, TransactionTrait as _,
};
use sha2::{Digest as _, Sha256};

use crate::harness::{Bed, Stock, everywhere};
use crate::ledger::late_facts::{
    MONDAY, TUESDAY, WEDNESDAY, a_hand_count, a_late, a_photo, count, it_is,
};
use crate::ledger::movements::{ADULT, enter, of_batch, of_bed};
use crate::ledger::photo_counts::post;
use crate::ledger::reversals::{a_reversal, take_back};
use crate::ledger::transplants::{a_move, move_plants, two_beds};

/// Two beds in which everything has happened that can.
async fn a_history(stock: &Stock) {
    let (bed, other) = two_beds(stock).await;
    let batch = stock.given_a_batch(bed, 100).await.batch_id;
    let died = stock.change(&batch, Muerte, 4).await.unwrap();
    let died = died.movement.unwrap().movement_id;
    stock.change(&batch, Muerte, 5).await.unwrap();
    let replanted = pb::CreateMovementRequest {
        uses_empty_containers: true,
        ..of_batch(stock, &batch, (Plantar, 2))
    };
    enter(stock, &replanted).await.unwrap();
    take_back(stock, &a_reversal(stock, &died)).await.unwrap();
    let grown = pb::CreateTransplantRequest {
        destination_product_state_id: Some(ADULT),
        ..a_move(stock, bed, other.location, 30)
    };
    move_plants(stock, &grown).await.unwrap();
    let sold = Bed {
        state: ADULT,
        ..other
    };
    let sold = pb::CreateMovementRequest {
        unit_price: Some(pb::SalePrice {
            currency_code: "CLP".into(),
            minor_units: 950,
        }),
        ..of_bed(stock, sold, (Ventas, 3))
    };
    enter(stock, &sold).await.unwrap();
    it_is(stock, TUESDAY);
    post(stock, &a_photo(stock, bed, 60, TUESDAY))
        .await
        .unwrap();
    count(stock, &a_hand_count(stock, other, 25)).await.unwrap();
    it_is(stock, WEDNESDAY);
    enter(stock, &a_late(stock, &batch, (Muerte, 300), MONDAY))
        .await
        .unwrap();
}

/// What somebody does to the tables, and a part of the law that it breaks. `first` is the
/// first movement, `batch` the first batch; `all` are all rows.
const DAMAGES: &[(&str, &str, &str, &str)] = &[
    (
        "stock_batches",
        "quantity_current = quantity_current + 1",
        "batch",
        "the sum of its movements",
    ),
    (
        "stock_movements",
        "quantity = quantity + 1",
        "first",
        "the sum of its movements",
    ),
    (
        "stock_movements",
        "DELETE",
        "movement_type = 'ventas'",
        "the sum of its movements",
    ),
    (
        "stock_batches",
        "quantity_empty_containers = quantity_empty_containers + 1",
        "batch",
        "empty pots that",
    ),
    (
        "stock_batches",
        "quantity_initial = quantity_initial + 1",
        "batch",
        "begins with its first",
    ),
    (
        "stock_movements",
        "balance = balance + 1",
        "first",
        "each balance follows",
    ),
    (
        "stock_batches",
        "quantity_current = -1",
        "batch",
        "nothing is below zero, and",
    ),
    (
        "stock_movements",
        "effective_at = (SELECT MAX(effective_at) FROM stock_movements)",
        "first",
        "below zero at any instant",
    ),
    (
        "stock_movements",
        "movement_type = 'plantar'",
        "movement_type = 'muerte'",
        "whether plants come or go",
    ),
    (
        "stock_movements",
        "source_bin_id = destination_bin_id, destination_bin_id = NULL",
        "first",
        "a bin to come to",
    ),
    (
        "stock_movements",
        "storage_location_id = storage_location_id + 1",
        "first",
        "in the location of its batch",
    ),
    (
        "stock_movements",
        "created_at = (SELECT MIN(effective_at) FROM stock_movements)",
        "movement_type = 'foto'",
        "took effect after it was recorded",
    ),
    (
        "stock_movements",
        "quantity = quantity + 1",
        "transfer_id IS NOT NULL AND quantity > 0",
        "halves of a transplant",
    ),
    (
        "stock_movements",
        "transfer_id = NULL",
        "transfer_id IS NOT NULL AND quantity < 0",
        "only a transplant has",
    ),
    (
        "stock_movements",
        "quantity = quantity - 1",
        "reverses_movement_id IS NOT NULL",
        "the opposite of an entered",
    ),
    (
        "stock_movements",
        "reverses_movement_id = (SELECT reverses_movement_id FROM stock_movements \
         WHERE reverses_movement_id IS NOT NULL)",
        "first",
        "taken back once",
    ),
    (
        "stock_movements",
        "movement_type = 'plantar'",
        "corrected_movement_id IS NOT NULL",
        "a correction is an ajuste",
    ),
    (
        "stock_movements",
        "late_fact_id = batch_id",
        "late_fact_id IS NOT NULL",
        "a fact that is there",
    ),
    ("photo_counts", "DELETE", "all", "a count that is there"),
    (
        "photo_counts",
        "quantity = quantity + 1",
        "all",
        "a photo's count is what stood",
    ),
    (
        "hand_counts",
        "quantity = quantity + 1",
        "all",
        "a count by hand is what stood",
    ),
    (
        "stock_movements",
        "total_price_minor_units = total_price_minor_units + 1",
        "movement_type = 'ventas'",
        "price times its plants",
    ),
    (
        "stock_movements",
        "trades_empty_containers = FALSE",
        "empty_containers <> 0",
        "change empty pots",
    ),
    (
        "request_movements",
        "movement_id = (SELECT movement_id FROM stock_movements ORDER BY movement_id LIMIT 1)",
        "all",
        "a request has one effect",
    ),
    (
        "request_movements",
        "DELETE",
        "all",
        "a request has one effect",
    ),
    (
        "stock_movements",
        "month_act_id = batch_id",
        "first",
        "its two lines cancel",
    ),
    (
        "month_acts",
        "INSERT",
        "SELECT batch_id, 202610, 'approve', '', 1, 5, '', 'ana', created_at FROM stock_batches LIMIT 1",
        "sold what its lines say",
    ),
];

fn statement(table: &str, set: &str, which: &str) -> String {
    let which = match which {
        "first" => {
            "movement_id = (SELECT movement_id FROM stock_movements ORDER BY movement_id LIMIT 1)"
        }
        "batch" => "batch_id = (SELECT batch_id FROM stock_batches ORDER BY batch_id LIMIT 1)",
        "all" => "TRUE",
        which => which,
    };
    match set {
        "INSERT" => format!("INSERT INTO {table} {which}"),
        "DELETE" => format!("DELETE FROM {table} WHERE {which}"),
        set => format!("UPDATE {table} SET {set} WHERE {which}"),
    }
}

/// Takes away everything that would refuse a damage.
async fn disarm(tx: &DatabaseTransaction, engine: &str) {
    let mut statements = vec!["DROP INDEX stock_movements_reverses_movement_id_key"];
    if engine == "PostgreSQL" {
        statements.extend([
            "SET LOCAL session_replication_role = replica",
            "ALTER TABLE stock_batches DROP CONSTRAINT stock_batches_quantity_not_negative",
        ]);
    } else {
        statements.extend([
            "DROP TRIGGER stock_movements_no_update",
            "DROP TRIGGER stock_movements_no_delete",
            "DROP TRIGGER hand_counts_no_update",
        ]);
    }
    for statement in statements {
        tx.execute_unprepared(statement).await.unwrap();
    }
}

async fn broken_by(
    connection: &DatabaseConnection,
    engine: &str,
    damage: &str,
) -> Vec<&'static str> {
    let tx = connection.begin().await.unwrap();
    disarm(&tx, engine).await;
    let done = tx.execute_unprepared(damage).await.unwrap();
    assert!(done.rows_affected() > 0, "{damage} damages nothing");
    let found = demeter_stock::violations(&tx).await.unwrap();
    tx.rollback().await.unwrap();
    found.iter().map(|violation| violation.law.says).collect()
}

#[tokio::test]
async fn every_kind_of_damage_is_found_and_every_law_finds_one() {
    for stock in everywhere().await {
        a_history(&stock).await;
        let connection = stock.single_connection().await;
        let engine = stock.database.engine;
        if engine != "PostgreSQL" {
            for pragma in [
                "PRAGMA foreign_keys = OFF",
                "PRAGMA ignore_check_constraints = ON",
            ] {
                connection.execute_unprepared(pragma).await.unwrap();
            }
        }
        assert_eq!(demeter_stock::violations(&connection).await.unwrap(), []);

        let mut found = Vec::new();
        for (table, set, which, law) in DAMAGES {
            let damage = statement(table, set, which);
            let broken = broken_by(&connection, engine, &damage).await;
            assert!(
                broken.iter().any(|says| says.contains(law)),
                "{engine}: {damage} breaks {broken:?}, not: {law}"
            );
            found.extend(broken);
        }
        let idle: Vec<_> = demeter_stock::LAWS
            .iter()
            .filter(|law| !found.contains(&law.says))
            .collect();
        assert!(idle.is_empty(), "no damage breaks {idle:?}");
        connection.close().await.unwrap();
        stock.stop().await;
    }
}

fn check(file: &Path, head: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify_ledger.py");
    Command::new("python3")
        .arg(script)
        .arg(file)
        .arg(head)
        .output()
        .unwrap()
}

/// The file with one text for another, and every hash made to fit again.
fn forged(file: &str, from: &str, to: &str) -> (String, String) {
    let (mut head, mut forged) = (String::new(), String::new());
    for line in file.lines() {
        let text = line.split_once(' ').unwrap().1.replacen(from, to, 1);
        let digest = Sha256::digest(format!("{head}{text}"));
        head = hex::encode(digest);
        forged.extend([head.as_str(), " ", &text, "\n"]);
    }
    (forged, head)
}

#[tokio::test]
async fn a_stranger_can_check_the_ledger_with_python_alone() {
    for stock in everywhere().await {
        a_history(&stock).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger");
        let connection = stock.connection().await;
        let out = std::fs::File::create(&file).unwrap();
        let exported = demeter_stock::export(&connection, out).await.unwrap();
        let written = std::fs::read_to_string(&file).unwrap();

        let checked = check(&file, &exported.head);
        assert!(checked.status.success(), "{checked:?}");
        assert_eq!(
            u64::try_from(written.lines().count()).unwrap(),
            exported.lines
        );

        let other = folder.path().join("other");
        std::fs::write(
            &other,
            written.replacen(r#""plants":-5"#, r#""plants":-6"#, 1),
        )
        .unwrap();
        let altered = check(&other, &exported.head);
        assert!(String::from_utf8_lossy(&altered.stderr).contains("is not what was written"));

        let lines: Vec<&str> = written.lines().collect();
        std::fs::write(&other, lines[..lines.len() - 1].join("\n")).unwrap();
        let cut = check(&other, &exported.head);
        assert!(
            String::from_utf8_lossy(&cut.stderr).contains("cut off"),
            "{cut:?}"
        );

        let (text, head) = forged(&written, r#""plants":-5"#, r#""plants":-6"#);
        std::fs::write(&other, text).unwrap();
        let wrong = check(&other, &head);
        assert!(!wrong.status.success());
        assert!(
            String::from_utf8_lossy(&wrong.stdout).contains("the sum is"),
            "{wrong:?}"
        );
        let another = check(&other, &exported.head);
        assert!(
            String::from_utf8_lossy(&another.stderr).contains("not the file"),
            "{another:?}"
        );
        connection.close().await.unwrap();
        stock.stop().await;
    }
}
