-- A table with deferred checks to come cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE stock_movements ENABLE TRIGGER stock_movements_append_only;

-- A request may have entered any number of movements, and may have been refused some of them.
CREATE TABLE request_movements (
    request_id         UUID NOT NULL REFERENCES requests (request_id) ON DELETE RESTRICT,
    ordinal            INTEGER NOT NULL,
    item               INTEGER NOT NULL,
    movement_id        UUID NOT NULL REFERENCES stock_movements (movement_id) ON DELETE RESTRICT,
    quantity_empty_containers BIGINT NOT NULL CONSTRAINT request_movements_empty_not_negative
                       CHECK (quantity_empty_containers >= 0),
    PRIMARY KEY (request_id, ordinal)
);
INSERT INTO request_movements
SELECT request_id, 0, 0, movement_id, quantity_empty_containers FROM requests;
CREATE TABLE request_refusals (
    request_id         UUID NOT NULL REFERENCES requests (request_id) ON DELETE RESTRICT,
    item               INTEGER NOT NULL,
    field              TEXT NOT NULL,
    reason             TEXT NOT NULL,
    message            TEXT NOT NULL,
    PRIMARY KEY (request_id, item)
);
ALTER TABLE requests DROP COLUMN movement_id;
ALTER TABLE requests DROP COLUMN quantity_empty_containers;
