-- SQLite cannot change a check: the column is made anew.
DROP TRIGGER hand_counts_no_update;
ALTER TABLE hand_counts ADD COLUMN plants BIGINT NOT NULL DEFAULT 0
    CONSTRAINT hand_counts_quantity_not_negative CHECK (plants >= 0);
UPDATE hand_counts SET plants = quantity;
ALTER TABLE hand_counts DROP COLUMN quantity;
ALTER TABLE hand_counts RENAME COLUMN plants TO quantity;
CREATE TRIGGER hand_counts_no_update BEFORE UPDATE ON hand_counts BEGIN
    SELECT RAISE(ABORT, 'hand_counts_append_only');
END;
