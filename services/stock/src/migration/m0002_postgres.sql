ALTER TABLE requests
    ADD COLUMN movement_id UUID REFERENCES stock_movements (movement_id) ON DELETE RESTRICT,
    ADD COLUMN quantity_empty_containers BIGINT CONSTRAINT requests_empty_not_negative
        CHECK (quantity_empty_containers >= 0);
UPDATE requests
SET movement_id = (result::jsonb #>> '{movement,id}')::uuid,
    quantity_empty_containers = (result::jsonb #>> '{batch,quantity_empty_containers}')::bigint;
ALTER TABLE requests
    ALTER COLUMN movement_id SET NOT NULL,
    ALTER COLUMN quantity_empty_containers SET NOT NULL,
    DROP COLUMN result;

ALTER TABLE photo_counts
    ADD COLUMN batch_id UUID REFERENCES stock_batches (batch_id) ON DELETE RESTRICT,
    ADD COLUMN quantity_empty_containers BIGINT CONSTRAINT photo_counts_empty_not_negative
        CHECK (quantity_empty_containers >= 0),
    ADD COLUMN previous_quantity BIGINT CONSTRAINT photo_counts_previous_not_negative
        CHECK (previous_quantity >= 0),
    ADD COLUMN current_quantity BIGINT CONSTRAINT photo_counts_current_not_negative
        CHECK (current_quantity >= 0);
UPDATE photo_counts
SET batch_id = (result::jsonb #>> '{batch,id}')::uuid,
    quantity_empty_containers = coalesce((result::jsonb #>> '{batch,quantity_empty_containers}')::bigint, 0),
    previous_quantity = (result::jsonb ->> 'previous_quantity')::bigint,
    current_quantity = (result::jsonb ->> 'current_quantity')::bigint;
ALTER TABLE photo_counts
    ALTER COLUMN quantity_empty_containers SET NOT NULL,
    ALTER COLUMN previous_quantity SET NOT NULL,
    ALTER COLUMN current_quantity SET NOT NULL,
    DROP COLUMN result;
