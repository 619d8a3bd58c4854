-- SQLite cannot make a column NOT NULL afterwards: the tables are made anew.
ALTER TABLE requests RENAME TO requests_before;
CREATE TABLE requests (
    request_id         BLOB PRIMARY KEY,
    operation          TEXT NOT NULL,
    content_hash       TEXT NOT NULL,
    movement_id        BLOB NOT NULL REFERENCES stock_movements (movement_id) ON DELETE RESTRICT,
    quantity_empty_containers BIGINT NOT NULL CONSTRAINT requests_empty_not_negative
                       CHECK (quantity_empty_containers >= 0),
    created_at         TEXT NOT NULL
);
INSERT INTO requests
SELECT request_id, operation, content_hash,
       unhex(replace(json_extract(result, '$.movement.id'), '-', '')),
       json_extract(result, '$.batch.quantity_empty_containers'),
       created_at
FROM requests_before;
DROP TABLE requests_before;

ALTER TABLE photo_counts RENAME TO photo_counts_before;
DROP INDEX photo_counts_location;
CREATE TABLE photo_counts (
    processing_session_id BLOB PRIMARY KEY,
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    quantity           BIGINT NOT NULL CONSTRAINT photo_counts_quantity_not_negative CHECK (quantity >= 0),
    observed_at        TEXT NOT NULL,
    user_id            TEXT NOT NULL,
    superseded         BOOLEAN NOT NULL,
    batch_id           BLOB REFERENCES stock_batches (batch_id) ON DELETE RESTRICT,
    quantity_empty_containers BIGINT NOT NULL CONSTRAINT photo_counts_empty_not_negative
                       CHECK (quantity_empty_containers >= 0),
    previous_quantity  BIGINT NOT NULL CONSTRAINT photo_counts_previous_not_negative CHECK (previous_quantity >= 0),
    current_quantity   BIGINT NOT NULL CONSTRAINT photo_counts_current_not_negative CHECK (current_quantity >= 0),
    created_at         TEXT NOT NULL
);
INSERT INTO photo_counts
SELECT processing_session_id, storage_location_id, quantity, observed_at, user_id, superseded,
       unhex(replace(json_extract(result, '$.batch.id'), '-', '')),
       coalesce(json_extract(result, '$.batch.quantity_empty_containers'), 0),
       json_extract(result, '$.previous_quantity'),
       json_extract(result, '$.current_quantity'),
       created_at
FROM photo_counts_before;
DROP TABLE photo_counts_before;
CREATE INDEX photo_counts_location ON photo_counts (storage_location_id, observed_at);
