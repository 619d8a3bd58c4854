CREATE TRIGGER stock_movements_no_update BEFORE UPDATE ON stock_movements BEGIN
    SELECT RAISE(ABORT, 'stock_movements_append_only');
END;

-- A request may have entered any number of movements, and may have been refused some of them.
ALTER TABLE requests RENAME TO requests_before;
CREATE TABLE requests (
    request_id         BLOB PRIMARY KEY,
    operation          TEXT NOT NULL,
    content_hash       TEXT NOT NULL,
    created_at         TEXT NOT NULL
);
INSERT INTO requests SELECT request_id, operation, content_hash, created_at FROM requests_before;
CREATE TABLE request_movements (
    request_id         BLOB NOT NULL REFERENCES requests (request_id) ON DELETE RESTRICT,
    ordinal            INTEGER NOT NULL,
    item               INTEGER NOT NULL,
    movement_id        BLOB NOT NULL REFERENCES stock_movements (movement_id) ON DELETE RESTRICT,
    quantity_empty_containers BIGINT NOT NULL CONSTRAINT request_movements_empty_not_negative
                       CHECK (quantity_empty_containers >= 0),
    PRIMARY KEY (request_id, ordinal)
);
INSERT INTO request_movements
SELECT request_id, 0, 0, movement_id, quantity_empty_containers FROM requests_before;
CREATE TABLE request_refusals (
    request_id         BLOB NOT NULL REFERENCES requests (request_id) ON DELETE RESTRICT,
    item               INTEGER NOT NULL,
    field              TEXT NOT NULL,
    reason             TEXT NOT NULL,
    message            TEXT NOT NULL,
    PRIMARY KEY (request_id, item)
);
DROP TABLE requests_before;
