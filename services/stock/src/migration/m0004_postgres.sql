UPDATE stock_movements SET hand_count_id = movement_id WHERE movement_type = 'manual_init';
UPDATE stock_movements SET effective_source = 'photo' WHERE processing_session_id IS NOT NULL;
-- A table with deferred checks to come cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE stock_movements ENABLE TRIGGER stock_movements_append_only;

CREATE FUNCTION hand_counts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'hand_counts_append_only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'hand_counts_append_only';
END
$$;
CREATE TRIGGER hand_counts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hand_counts
    FOR EACH STATEMENT EXECUTE FUNCTION hand_counts_refuse_change();
