-- What was one row is a version with one line, open until it was replaced.
INSERT INTO storage_location_config_lines
SELECT storage_location_config_id, 0, NULL, product_id, product_state_id, product_size_id, packaging_id
FROM storage_location_config;
DROP INDEX storage_location_config_storage_location_id_key;
ALTER TABLE storage_location_config
    ADD COLUMN revision INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN updated_at TIMESTAMPTZ,
    ADD COLUMN closed_at TIMESTAMPTZ;
UPDATE storage_location_config SET
    updated_at = created_at,
    closed_at = CASE WHEN NOT active THEN COALESCE(
        (SELECT MIN(next.created_at) FROM storage_location_config next
         WHERE next.storage_location_id = storage_location_config.storage_location_id
         AND next.storage_location_config_id > storage_location_config.storage_location_config_id),
        created_at) END;
ALTER TABLE storage_location_config
    ALTER COLUMN revision DROP DEFAULT,
    ALTER COLUMN updated_at SET NOT NULL,
    DROP COLUMN product_id,
    DROP COLUMN product_state_id,
    DROP COLUMN product_size_id,
    DROP COLUMN packaging_id,
    DROP COLUMN active;
CREATE UNIQUE INDEX storage_location_config_storage_location_id_key
    ON storage_location_config (storage_location_id) WHERE closed_at IS NULL;
CREATE INDEX storage_location_config_history ON storage_location_config (storage_location_id, created_at);
