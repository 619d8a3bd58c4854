UPDATE stock_movements SET hand_count_id = movement_id WHERE movement_type = 'manual_init';
UPDATE stock_movements SET effective_source = 'photo' WHERE processing_session_id IS NOT NULL;

CREATE TRIGGER stock_movements_no_update BEFORE UPDATE ON stock_movements BEGIN
    SELECT RAISE(ABORT, 'stock_movements_append_only');
END;
CREATE TRIGGER hand_counts_no_update BEFORE UPDATE ON hand_counts BEGIN
    SELECT RAISE(ABORT, 'hand_counts_append_only');
END;
CREATE TRIGGER hand_counts_no_delete BEFORE DELETE ON hand_counts BEGIN
    SELECT RAISE(ABORT, 'hand_counts_append_only');
END;
