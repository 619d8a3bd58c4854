-- Facts arrive in any order. A line says of which fact it states the effect, and which
-- fact's arrival made it necessary; counts by hand are counts, with rows of their own.
CREATE TABLE hand_counts (
    hand_count_id      {uuid} PRIMARY KEY,
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    product_id         INTEGER NOT NULL REFERENCES products (product_id) ON DELETE RESTRICT,
    product_state_id   INTEGER NOT NULL REFERENCES product_states (product_state_id) ON DELETE RESTRICT,
    product_size_id    INTEGER REFERENCES product_sizes (product_size_id) ON DELETE RESTRICT,
    packaging_id       INTEGER REFERENCES packaging_catalog (packaging_id) ON DELETE RESTRICT,
    quantity           BIGINT NOT NULL CONSTRAINT hand_counts_quantity_positive CHECK (quantity > 0),
    observed_at        {time} NOT NULL,
    observed_source    TEXT NOT NULL CONSTRAINT hand_counts_source_known
                       CHECK (observed_source IN ('recorded', 'stated')),
    user_id            TEXT NOT NULL,
    superseded         BOOLEAN NOT NULL,
    previous_quantity  BIGINT NOT NULL CONSTRAINT hand_counts_previous_not_negative CHECK (previous_quantity >= 0),
    current_quantity   BIGINT NOT NULL CONSTRAINT hand_counts_current_not_negative CHECK (current_quantity >= 0),
    created_at         {time} NOT NULL
);
CREATE INDEX hand_counts_location ON hand_counts (storage_location_id, observed_at);

-- Every count by hand so far was the first of an empty location.
INSERT INTO hand_counts
SELECT m.movement_id, m.storage_location_id, b.product_id, b.product_state_id, b.product_size_id, b.packaging_id,
       m.quantity, m.effective_at, 'recorded', m.user_id, FALSE, 0, m.quantity, m.created_at
FROM stock_movements m JOIN stock_batches b ON b.batch_id = m.batch_id
WHERE m.movement_type = 'manual_init';

-- The count's own row is written after its lines.
ALTER TABLE stock_movements ADD COLUMN hand_count_id {uuid}
    REFERENCES hand_counts (hand_count_id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;
-- The entered movement whose effect this line corrects.
ALTER TABLE stock_movements ADD COLUMN corrected_movement_id {uuid}
    REFERENCES stock_movements (movement_id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;
-- The movement, photo session or count by hand whose late arrival made this line necessary.
ALTER TABLE stock_movements ADD COLUMN late_fact_id {uuid};
ALTER TABLE stock_movements ADD COLUMN allocated BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE stock_movements ADD COLUMN effective_source TEXT NOT NULL DEFAULT 'recorded'
    CONSTRAINT stock_movements_effective_source_known CHECK (effective_source IN ('recorded', 'stated', 'photo'));

DROP INDEX stock_movements_location;
CREATE INDEX stock_movements_location ON stock_movements (storage_location_id, effective_at);
CREATE INDEX stock_movements_hand_count ON stock_movements (hand_count_id) WHERE hand_count_id IS NOT NULL;
CREATE INDEX stock_movements_late_fact ON stock_movements (late_fact_id) WHERE late_fact_id IS NOT NULL;
