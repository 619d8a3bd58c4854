//! How long the month-end of a whole nursery takes: 1,290 beds, 600,000 plants, a year of
//! photos and movements.

use std::fmt::Write as _;
use std::time::Instant;

use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use uuid::Uuid;

use super::*;
use crate::harness::{everywhere, number};

const BEDS: i32 = 1_290;
const WAREHOUSES: i32 = 28;
const KINDS: i32 = 3;
const MONTHS: i64 = 12;
/// Entered in each bed each month.
const ENTRIES: i64 = 14;

/// Rows of a table, written some hundred at a time.
struct Rows {
    insert: &'static str,
    rows: Vec<String>,
}

/// What stands in a bed, and the rows that say so.
struct Generated {
    lines: Rows,
    counts: Rows,
    /// For keys.
    next: u128,
    /// Whether keys are written as SQLite has them.
    blobs: bool,
}

impl Rows {
    const fn of(insert: &'static str) -> Self {
        Self {
            insert,
            rows: Vec::new(),
        }
    }

    async fn write(&self, connection: &DatabaseConnection) {
        for some in self.rows.chunks(400) {
            let sql = format!("INSERT INTO {} VALUES {}", self.insert, some.join(","));
            connection.execute_unprepared(&sql).await.unwrap();
        }
    }
}

impl Generated {
    fn key(&mut self) -> String {
        self.next += 1;
        self.literal(self.next)
    }

    fn literal(&self, number: u128) -> String {
        let id = Uuid::from_u128(number);
        if self.blobs {
            format!("x'{}'", id.simple())
        } else {
            format!("'{id}'")
        }
    }

    /// A line: of which type, how many plants, and the balance after it.
    fn line(
        &mut self,
        (bed, batch): (i32, &str),
        (of, plants, balance): (&str, i64, i64),
        on: &str,
        photo: Option<&str>,
    ) {
        let id = self.key();
        let (photo, source) = (
            photo.unwrap_or("NULL"),
            if photo.is_some() { "photo" } else { "stated" },
        );
        let shared = photo != "NULL" && of == "foto";
        self.lines.rows.push(format!(
            "({id},{batch},{bed},'{of}',{plants},{balance},'manual','',{photo},'ana','{on}','{on}',{shared},'{source}')"
        ));
    }

    /// A year of a bed: some plants come and die, some are sold unseen, and a photo at
    /// each month's end shares what it sees by what stood there.
    fn year(&mut self, bed: i32, batches: &[String]) -> Vec<i64> {
        let mut held = vec![0i64; batches.len()];
        for month in 0..=MONTHS {
            let last = OPENING - 1 - 30 * (MONTHS - 1 - month);
            let last = if month == MONTHS { CLOSING } else { last };
            for entry in 0..ENTRIES {
                let on = day(last - 20 + entry).to_rfc3339();
                let at = usize::try_from(entry).unwrap() % batches.len();
                let (of, plants) = if month == 0 || entry % 2 == 0 {
                    ("plantar", 12)
                } else {
                    ("muerte", -1)
                };
                held[at] += plants;
                self.line((bed, &batches[at]), (of, plants, held[at]), &on, None);
            }
            let on = day(last).to_rfc3339();
            let photo = self.key();
            for (at, batch) in batches.iter().enumerate() {
                let stood = held[at];
                held[at] = stood - stood / 20;
                let balance = stood + held[at];
                self.line((bed, batch), ("foto", held[at], balance), &on, Some(&photo));
                self.line(
                    (bed, batch),
                    ("ajuste", -stood, held[at]),
                    &on,
                    Some(&photo),
                );
            }
            let all: i64 = held.iter().sum();
            self.counts.rows.push(format!(
                "({photo},{bed},{all},'{on}','ana',FALSE,0,0,{all},'{on}')"
            ));
        }
        held
    }
}

const OUTLINE: &str =
    r#"{"type":"Polygon","coordinates":[[[0,0],[0.001,0],[0.001,0.001],[0,0.001],[0,0]]]}"#;

async fn write_warehouses(connection: &DatabaseConnection, now: &str) {
    let mut places = String::new();
    for id in 1..=WAREHOUSES {
        let place = format!("'{OUTLINE}',0,0,1,TRUE,'{now}','{now}'");
        let _infallible = write!(
            places,
            "INSERT INTO warehouses VALUES ({id},'N{id:02}','N','greenhouse',{place});"
        );
        let _infallible = write!(
            places,
            "INSERT INTO storage_areas VALUES ({id},{id},'N{id:02}-N','A','N',{place});"
        );
    }
    // The tables' columns come first; PostgreSQL's geometry is made of the outline.
    connection.execute_unprepared(&places).await.unwrap();
}

async fn given_a_nursery(stock: &Stock) -> i64 {
    for number in 1..=KINDS {
        stock.given_a_product(&format!("Product{number}")).await;
    }
    let connection = stock.connection().await;
    let now = day(-500).to_rfc3339();
    write_warehouses(&connection, &now).await;
    let mut locations = Rows::of(
        "storage_locations (storage_location_id,storage_area_id,warehouse_id,code,qr_code,name,description,outline,\
         centroid_longitude,centroid_latitude,area_m2,active,created_at,updated_at)",
    );
    let mut bins = Rows::of(
        "storage_bins (storage_bin_id,storage_location_id,storage_bin_type_id,code,label,status,created_at)",
    );
    let mut stands = Rows::of(
        "stock_batches (batch_id,batch_code,storage_location_id,storage_bin_id,product_id,product_state_id,\
         quantity_initial,quantity_current,quantity_empty_containers,planting_date,notes,created_at,updated_at)",
    );
    let mut year = Generated {
        lines: Rows::of(
            "stock_movements (movement_id,batch_id,storage_location_id,movement_type,quantity,balance,source_type,\
             reason_description,processing_session_id,user_id,effective_at,created_at,allocated,effective_source)",
        ),
        counts: Rows::of(
            "photo_counts (processing_session_id,storage_location_id,quantity,observed_at,user_id,superseded,\
             quantity_empty_containers,previous_quantity,current_quantity,created_at)",
        ),
        next: 1 << 64,
        blobs: stock.database.url().starts_with("sqlite"),
    };
    for bed in 1..=BEDS {
        let area = 1 + bed % WAREHOUSES;
        locations.rows.push(format!(
            "({bed},{area},{area},'N{area:02}-N-C{bed:04}','QR-{bed:08}','C','','{OUTLINE}',0,0,1,TRUE,'{now}','{now}')"
        ));
        bins.rows.push(format!(
            "({bed},{bed},4,'N{area:02}-N-C{bed:04}-B1','','active','{now}')"
        ));
        let batches: Vec<String> = (0..KINDS).map(|_| year.key()).collect();
        let held = year.year(bed, &batches);
        for (product, (batch, held)) in (1..).zip(batches.iter().zip(held)) {
            stands.rows.push(format!(
                "({batch},'LOC{bed}-PROD{product}-1',{bed},{bed},{product},{ADULT},0,{held},0,NULL,'','{now}','{now}')"
            ));
        }
    }
    for rows in [&locations, &bins, &stands, &year.lines, &year.counts] {
        rows.write(&connection).await;
    }
    let lines = number(&connection, "SELECT COUNT(*) AS n FROM stock_movements").await;
    connection.close().await.unwrap();
    lines
}

#[expect(clippy::disallowed_methods, reason = "it is time that is measured")]
fn watch() -> Instant {
    Instant::now()
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
#[ignore = "a minute of inserts: run it to measure"]
async fn the_month_end_of_a_whole_nursery_takes_seconds() {
    for stock in everywhere().await {
        let written = given_a_nursery(&stock).await;
        it_is(&stock, 2);
        open(&stock).await;

        let timed = watch();
        let told = proposals(&stock).await;
        let proposed = timed.elapsed();
        assert_eq!(told.len(), usize::try_from(BEDS).unwrap());
        assert!(told.iter().all(|bed| bed.status() == pb::BedStatus::Ready));
        let timed = watch();
        let approved = approve(&stock, &an_approval(&stock, &told)).await.unwrap();
        let approving = timed.elapsed();
        let timed = watch();
        let report = reconciliation(&stock).await;
        let reporting = timed.elapsed();
        assert_eq!(report.recorded_sales, approved.sales);
        let close = pb::CloseMonthRequest {
            request_id: stock.id(),
            year: YEAR,
            month: OCTOBER,
            leave_unapproved: false,
        };
        let timed = watch();
        stock
            .months()
            .close_month(ask(&stock, close))
            .await
            .unwrap();
        let closing = timed.elapsed();
        println!(
            "{}: {BEDS} beds, {} plants, {written} lines: proposed in {proposed:.2?}, {} plants approved in \
             {approving:.2?}, reconciliation in {reporting:.2?}, closed in {closing:.2?}",
            stock.database.engine, report.closing_count, approved.sales
        );
        stock.leave().await;
    }
}
