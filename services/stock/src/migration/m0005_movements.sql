-- What ties movements to one another, and to money.
-- Shared by the halves of a transplant.
ALTER TABLE stock_movements ADD COLUMN transfer_id {uuid};
-- The movement that this one takes back.
ALTER TABLE stock_movements ADD COLUMN reverses_movement_id {uuid}
    REFERENCES stock_movements (movement_id) ON DELETE RESTRICT;
-- What the plants were sold for, in the currency's smallest unit. Kept here, so that prices
-- may change without changing what was sold.
ALTER TABLE stock_movements ADD COLUMN unit_price_minor_units BIGINT
    CONSTRAINT stock_movements_unit_price_not_negative CHECK (unit_price_minor_units >= 0);
ALTER TABLE stock_movements ADD COLUMN total_price_minor_units BIGINT;
ALTER TABLE stock_movements ADD COLUMN price_currency TEXT;
-- Pots that became empty (above 0) or were filled again (below 0): a batch's empty pots are
-- their sum.
ALTER TABLE stock_movements ADD COLUMN empty_containers BIGINT NOT NULL DEFAULT 0;
-- Whether plants that go leave their pots empty, and plants that come fill empty ones.
ALTER TABLE stock_movements ADD COLUMN trades_empty_containers BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE stock_movements SET empty_containers = -quantity, trades_empty_containers = TRUE
WHERE movement_type = 'muerte' OR corrected_movement_id IN
      (SELECT m.movement_id FROM stock_movements m WHERE m.movement_type = 'muerte');

CREATE INDEX stock_movements_transfer ON stock_movements (transfer_id) WHERE transfer_id IS NOT NULL;
CREATE UNIQUE INDEX stock_movements_reverses_movement_id_key ON stock_movements (reverses_movement_id)
    WHERE reverses_movement_id IS NOT NULL;
