//! The laws of the ledger, each a query that finds what breaks it.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use crate::database::StoreError;

/// Something that is true of the ledger at every moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Law {
    /// What is true.
    pub says: &'static str,
    /// What the key of a violation names.
    pub of: &'static str,
    /// Finds what breaks it: `key` and `detail`.
    sql: &'static str,
}

/// Something that breaks a law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The law.
    pub law: Law,
    /// The batch, movement, count, transplant or request.
    pub key: Uuid,
    /// What it says, and what it should.
    pub detail: String,
}

#[derive(FromQueryResult)]
struct Row {
    key: Uuid,
    detail: String,
}

/// Everything in the database that breaks a law, by law.
///
/// Each law reads the whole ledger once; run it in one transaction to see one state of it.
pub async fn violations(connection: &impl ConnectionTrait) -> Result<Vec<Violation>, StoreError> {
    let mut found = Vec::new();
    for law in LAWS {
        let statement = Statement::from_string(connection.get_database_backend(), law.sql);
        let rows = Row::find_by_statement(statement).all(connection).await?;
        found.extend(rows.into_iter().map(|Row { key, detail }| Violation {
            law: *law,
            key,
            detail,
        }));
    }
    Ok(found)
}

/// The laws.
pub const LAWS: &[Law] = &[
    Law {
        says: "a batch holds the sum of its movements",
        of: "batch",
        sql: "SELECT b.batch_id AS key, 'holds ' || CAST(b.quantity_current AS TEXT) || ', its movements say ' \
              || CAST(COALESCE(m.plants, 0) AS TEXT) AS detail FROM stock_batches b \
              LEFT JOIN (SELECT batch_id, SUM(quantity) AS plants FROM stock_movements GROUP BY batch_id) m \
              ON m.batch_id = b.batch_id WHERE b.quantity_current <> COALESCE(m.plants, 0)",
    },
    Law {
        says: "a batch has the empty pots that its movements left and did not fill",
        of: "batch",
        sql: "SELECT b.batch_id AS key, 'has ' || CAST(b.quantity_empty_containers AS TEXT) \
              || ', its movements say ' || CAST(COALESCE(m.pots, 0) AS TEXT) AS detail FROM stock_batches b \
              LEFT JOIN (SELECT batch_id, SUM(empty_containers) AS pots FROM stock_movements GROUP BY batch_id) m \
              ON m.batch_id = b.batch_id WHERE b.quantity_empty_containers <> COALESCE(m.pots, 0)",
    },
    Law {
        says: "a batch begins with its first movement",
        of: "batch",
        sql: "SELECT b.batch_id AS key, 'began with ' || CAST(b.quantity_initial AS TEXT) \
              || ', its first movement says ' || COALESCE(CAST(m.quantity AS TEXT), 'nothing') AS detail \
              FROM stock_batches b LEFT JOIN (SELECT batch_id, quantity, \
              ROW_NUMBER() OVER (PARTITION BY batch_id ORDER BY movement_id) AS place FROM stock_movements) m \
              ON m.batch_id = b.batch_id AND m.place = 1 \
              WHERE m.quantity IS NULL OR b.quantity_initial <> m.quantity",
    },
    Law {
        says: "each balance follows from the one before, in the order of recording",
        of: "movement",
        sql: "SELECT movement_id AS key, 'balance ' || CAST(balance AS TEXT) || ' instead of ' \
              || CAST(plants AS TEXT) AS detail FROM (SELECT movement_id, balance, \
              SUM(quantity) OVER (PARTITION BY batch_id ORDER BY movement_id) AS plants FROM stock_movements) s \
              WHERE balance <> plants",
    },
    Law {
        says: "nothing is below zero, and no movement is of nothing",
        of: "batch or movement",
        sql: "SELECT movement_id AS key, 'balance ' || CAST(balance AS TEXT) || ', quantity ' \
              || CAST(quantity AS TEXT) AS detail FROM stock_movements WHERE balance < 0 OR quantity = 0 \
              UNION ALL SELECT batch_id, 'holds ' || CAST(quantity_current AS TEXT) || ' plants and ' \
              || CAST(quantity_empty_containers AS TEXT) || ' empty pots' FROM stock_batches \
              WHERE quantity_current < 0 OR quantity_empty_containers < 0",
    },
    Law {
        says: "nothing was below zero at any instant",
        of: "batch",
        sql: "SELECT batch_id AS key, 'held ' || CAST(MIN(plants) AS TEXT) || ' at some instant' AS detail \
              FROM (SELECT batch_id, SUM(SUM(quantity)) OVER (PARTITION BY batch_id ORDER BY effective_at) AS plants \
              FROM stock_movements GROUP BY batch_id, effective_at) s WHERE plants < 0 GROUP BY batch_id",
    },
    Law {
        says: "a movement's type says whether plants come or go, unless it takes back another",
        of: "movement",
        sql: "SELECT movement_id AS key, movement_type || ' of ' || CAST(quantity AS TEXT) AS detail \
              FROM stock_movements WHERE reverses_movement_id IS NULL \
              AND ((quantity < 0 AND movement_type IN ('plantar', 'sembrar', 'foto', 'manual_init')) \
              OR (quantity > 0 AND movement_type IN ('muerte', 'ventas') AND month_act_id IS NULL))",
    },
    Law {
        says: "plants that come have a bin to come to, plants that go one to leave: the batch's",
        of: "movement",
        sql: "SELECT m.movement_id AS key, 'source bin ' || COALESCE(CAST(m.source_bin_id AS TEXT), 'none') \
              || ', destination bin ' || COALESCE(CAST(m.destination_bin_id AS TEXT), 'none') AS detail \
              FROM stock_movements m JOIN stock_batches b ON b.batch_id = m.batch_id WHERE \
              (m.quantity > 0 AND (m.source_bin_id IS NOT NULL OR COALESCE(m.destination_bin_id, -1) <> b.storage_bin_id)) \
              OR (m.quantity < 0 AND (m.destination_bin_id IS NOT NULL OR COALESCE(m.source_bin_id, -1) <> b.storage_bin_id))",
    },
    Law {
        says: "a movement is in the location of its batch, and so is its bin",
        of: "movement",
        sql: "SELECT m.movement_id AS key, 'location ' || CAST(m.storage_location_id AS TEXT) || ', its batch in ' \
              || CAST(b.storage_location_id AS TEXT) || ', its bin in ' || CAST(n.storage_location_id AS TEXT) AS detail \
              FROM stock_movements m JOIN stock_batches b ON b.batch_id = m.batch_id \
              JOIN storage_bins n ON n.storage_bin_id = b.storage_bin_id \
              WHERE m.storage_location_id <> b.storage_location_id OR n.storage_location_id <> b.storage_location_id",
    },
    Law {
        says: "nothing took effect after it was recorded",
        of: "movement",
        sql: "SELECT movement_id AS key, 'effective ' || CAST(effective_at AS TEXT) || ', recorded ' \
              || CAST(created_at AS TEXT) AS detail FROM stock_movements WHERE effective_at > created_at",
    },
    Law {
        says: "the halves of a transplant add up to nothing",
        of: "transplant",
        sql: "SELECT transfer_id AS key, CAST(COUNT(*) AS TEXT) || ' movements add up to ' \
              || CAST(SUM(quantity) AS TEXT) AS detail FROM stock_movements WHERE transfer_id IS NOT NULL \
              GROUP BY transfer_id HAVING SUM(quantity) <> 0 OR COUNT(*) < 2",
    },
    Law {
        says: "a transplant has halves, and only a transplant has",
        of: "movement",
        sql: "SELECT movement_id AS key, movement_type || CASE WHEN transfer_id IS NULL THEN ' without a transfer' \
              ELSE ' with a transfer' END AS detail FROM stock_movements \
              WHERE (movement_type = 'transplante') <> (transfer_id IS NOT NULL)",
    },
    Law {
        says: "a reversal is the opposite of an entered movement that is no reversal",
        of: "movement",
        sql: "SELECT r.movement_id AS key, r.movement_type || ' ' || CAST(r.quantity AS TEXT) || ' takes back ' \
              || o.movement_type || ' ' || CAST(o.quantity AS TEXT) AS detail FROM stock_movements r \
              JOIN stock_movements o ON o.movement_id = r.reverses_movement_id WHERE r.quantity <> -o.quantity \
              OR r.batch_id <> o.batch_id OR r.movement_type <> o.movement_type OR o.reverses_movement_id IS NOT NULL \
              OR o.late_fact_id IS NOT NULL OR o.processing_session_id IS NOT NULL OR o.hand_count_id IS NOT NULL",
    },
    Law {
        says: "a movement is taken back once",
        of: "movement",
        sql: "SELECT reverses_movement_id AS key, 'taken back ' || CAST(COUNT(*) AS TEXT) || ' times' AS detail \
              FROM stock_movements WHERE reverses_movement_id IS NOT NULL GROUP BY reverses_movement_id \
              HAVING COUNT(*) > 1",
    },
    Law {
        says: "a correction is an ajuste in the location of the entered movement that it corrects",
        of: "movement",
        sql: "SELECT c.movement_id AS key, c.movement_type || ' corrects ' || o.movement_type AS detail \
              FROM stock_movements c JOIN stock_movements o ON o.movement_id = c.corrected_movement_id \
              WHERE c.movement_type <> 'ajuste' OR c.storage_location_id <> o.storage_location_id \
              OR o.corrected_movement_id IS NOT NULL OR o.late_fact_id IS NOT NULL \
              OR o.processing_session_id IS NOT NULL OR (o.hand_count_id IS NOT NULL AND o.movement_type <> 'manual_init')",
    },
    Law {
        says: "what a late fact made necessary names a fact that is there",
        of: "movement",
        sql: "SELECT m.movement_id AS key, 'its late fact is not there' AS detail FROM stock_movements m \
              WHERE m.late_fact_id IS NOT NULL \
              AND NOT EXISTS (SELECT 1 FROM stock_movements f WHERE f.movement_id = m.late_fact_id) \
              AND NOT EXISTS (SELECT 1 FROM photo_counts p WHERE p.processing_session_id = m.late_fact_id) \
              AND NOT EXISTS (SELECT 1 FROM hand_counts h WHERE h.hand_count_id = m.late_fact_id)",
    },
    Law {
        says: "counted plants belong to a count that is there",
        of: "movement",
        sql: "SELECT m.movement_id AS key, m.movement_type || ' without its count' AS detail FROM stock_movements m \
              LEFT JOIN photo_counts p ON p.processing_session_id = m.processing_session_id \
              LEFT JOIN hand_counts h ON h.hand_count_id = m.hand_count_id \
              WHERE (m.movement_type = 'foto' AND p.processing_session_id IS NULL) \
              OR (m.movement_type = 'manual_init' AND h.hand_count_id IS NULL) \
              OR (m.processing_session_id IS NOT NULL AND p.processing_session_id IS NULL)",
    },
    Law {
        says: "a photo's count is what stood in its location at its instant",
        of: "photo session",
        sql: "SELECT c.processing_session_id AS key, 'counted ' || CAST(c.quantity AS TEXT) || ', the ledger says ' \
              || CAST(COALESCE((SELECT SUM(q.quantity) FROM stock_movements q \
              WHERE q.storage_location_id = c.storage_location_id AND q.effective_at <= c.observed_at), 0) AS TEXT) \
              AS detail FROM photo_counts c WHERE c.quantity <> COALESCE((SELECT SUM(q.quantity) \
              FROM stock_movements q WHERE q.storage_location_id = c.storage_location_id \
              AND q.effective_at <= c.observed_at), 0) \
              AND NOT EXISTS (SELECT 1 FROM photo_counts o WHERE o.storage_location_id = c.storage_location_id \
              AND o.observed_at = c.observed_at AND o.processing_session_id > c.processing_session_id) \
              AND NOT EXISTS (SELECT 1 FROM hand_counts h WHERE h.storage_location_id = c.storage_location_id \
              AND h.observed_at = c.observed_at) \
              AND (NOT c.superseded OR EXISTS (SELECT 1 FROM stock_movements s \
              WHERE s.processing_session_id = c.processing_session_id))",
    },
    // Those of an earlier version are named like their line, and stand as they were.
    Law {
        says: "a count by hand is what stood in its location of what it speaks of, at its instant",
        of: "count by hand",
        sql: "SELECT c.hand_count_id AS key, 'counted ' || CAST(c.quantity AS TEXT) || ', the ledger says ' \
              || CAST(c.stood AS TEXT) AS detail FROM (SELECT h.*, COALESCE((SELECT SUM(q.quantity) \
              FROM stock_movements q JOIN stock_batches b ON b.batch_id = q.batch_id \
              WHERE q.storage_location_id = h.storage_location_id AND b.product_id = h.product_id \
              AND q.effective_at <= h.observed_at AND (h.covers = 'product' \
              OR COALESCE(b.packaging_id, 0) = COALESCE(h.packaging_id, 0))), 0) AS stood FROM hand_counts h) c \
              WHERE c.quantity <> c.stood \
              AND NOT EXISTS (SELECT 1 FROM hand_counts o WHERE o.storage_location_id = c.storage_location_id \
              AND (c.covers = 'product' OR o.covers = 'product') \
              AND o.observed_at = c.observed_at AND o.hand_count_id > c.hand_count_id) \
              AND NOT EXISTS (SELECT 1 FROM photo_counts p WHERE p.storage_location_id = c.storage_location_id \
              AND p.observed_at = c.observed_at) \
              AND NOT EXISTS (SELECT 1 FROM stock_movements l WHERE l.movement_id = c.hand_count_id)",
    },
    Law {
        says: "a sale's total is its price times its plants, and only sales have a price",
        of: "movement",
        sql: "SELECT movement_id AS key, movement_type || ' of ' || CAST(quantity AS TEXT) || ' at ' \
              || COALESCE(CAST(unit_price_minor_units AS TEXT), 'no price') || ', in all ' \
              || COALESCE(CAST(total_price_minor_units AS TEXT), 'nothing') AS detail FROM stock_movements \
              WHERE (unit_price_minor_units IS NOT NULL OR total_price_minor_units IS NOT NULL \
              OR price_currency IS NOT NULL) AND (movement_type <> 'ventas' OR price_currency IS NULL \
              OR COALESCE(total_price_minor_units, -1) <> -quantity * COALESCE(unit_price_minor_units, 0))",
    },
    Law {
        says: "a month's approval or reopening changes no batch: its two lines cancel",
        of: "month's act",
        sql: "SELECT month_act_id AS key, CAST(COUNT(*) AS TEXT) || ' lines of a batch add up to ' \
              || CAST(SUM(quantity) AS TEXT) AS detail FROM stock_movements WHERE month_act_id IS NOT NULL \
              GROUP BY month_act_id, batch_id, effective_at HAVING SUM(quantity) <> 0 OR COUNT(*) <> 2",
    },
    Law {
        says: "a month's act sold what its lines say",
        of: "month's act",
        sql: "SELECT month_act_id AS key, 'sold ' || CAST(sold AS TEXT) || ', its lines say ' \
              || CAST(said AS TEXT) AS detail FROM (SELECT a.month_act_id, a.sold, COALESCE((SELECT SUM(-m.quantity) \
              FROM stock_movements m WHERE m.month_act_id = a.month_act_id AND m.movement_type = 'ventas'), 0) AS said \
              FROM month_acts a) s WHERE sold <> said",
    },
    Law {
        says: "only deaths, and what fills their pots, change empty pots",
        of: "movement",
        sql: "SELECT movement_id AS key, movement_type || ' changes ' || CAST(empty_containers AS TEXT) || ' pots' \
              AS detail FROM stock_movements WHERE empty_containers <> 0 AND NOT trades_empty_containers",
    },
    Law {
        says: "a request has one effect: its lines are no other's, and it has some answer",
        of: "movement or request",
        sql: "SELECT movement_id AS key, 'entered by ' || CAST(COUNT(DISTINCT request_id) AS TEXT) || ' requests' \
              AS detail FROM request_movements GROUP BY movement_id HAVING COUNT(DISTINCT request_id) > 1 \
              UNION ALL SELECT r.request_id, r.operation || ' without an answer' FROM requests r \
              WHERE NOT EXISTS (SELECT 1 FROM request_movements m WHERE m.request_id = r.request_id) \
              AND NOT EXISTS (SELECT 1 FROM request_refusals f WHERE f.request_id = r.request_id)",
    },
];
