-- SQLite cannot drop columns that refer to other tables: the table is made anew.
DROP INDEX storage_location_config_storage_location_id_key;
ALTER TABLE storage_location_config RENAME TO storage_location_config_before;
CREATE TABLE storage_location_config (
    storage_location_config_id INTEGER PRIMARY KEY AUTOINCREMENT,
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    area_cm2           REAL NOT NULL CONSTRAINT storage_location_config_area_not_negative CHECK (area_cm2 >= 0),
    notes              TEXT NOT NULL,
    revision           INTEGER NOT NULL,
    created_at         TEXT NOT NULL,
    updated_at         TEXT NOT NULL,
    closed_at          TEXT
);
INSERT INTO storage_location_config
SELECT c.storage_location_config_id, c.storage_location_id, c.area_cm2, c.notes, 1, c.created_at, c.created_at,
       CASE WHEN NOT c.active THEN COALESCE(
           (SELECT MIN(next.created_at) FROM storage_location_config_before next
            WHERE next.storage_location_id = c.storage_location_id
            AND next.storage_location_config_id > c.storage_location_config_id),
           c.created_at) END
FROM storage_location_config_before c;
CREATE UNIQUE INDEX storage_location_config_storage_location_id_key
    ON storage_location_config (storage_location_id) WHERE closed_at IS NULL;
CREATE INDEX storage_location_config_history ON storage_location_config (storage_location_id, created_at);
