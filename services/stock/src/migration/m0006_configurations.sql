-- A configuration has a line for each kind that is to grow in the location.
CREATE TABLE storage_location_config_lines (
    storage_location_config_id INTEGER NOT NULL
                       REFERENCES storage_location_config (storage_location_config_id) ON DELETE RESTRICT,
    ordinal            INTEGER NOT NULL,
    container_category TEXT CONSTRAINT storage_location_config_lines_category_known
                       CHECK (container_category IN ('plug', 'seedling_tray', 'box', 'segment', 'pot')),
    product_id         INTEGER NOT NULL REFERENCES products (product_id) ON DELETE RESTRICT,
    product_state_id   INTEGER NOT NULL REFERENCES product_states (product_state_id) ON DELETE RESTRICT,
    product_size_id    INTEGER REFERENCES product_sizes (product_size_id) ON DELETE RESTRICT,
    packaging_id       INTEGER REFERENCES packaging_catalog (packaging_id) ON DELETE RESTRICT,
    PRIMARY KEY (storage_location_config_id, ordinal)
);

-- One configuration given to many locations at once, which can be undone.
CREATE TABLE configuration_operations (
    operation_number   {key},
    operation_id       {uuid} NOT NULL UNIQUE,
    content_hash       TEXT NOT NULL,
    user_id            TEXT NOT NULL,
    changed_locations  INTEGER NOT NULL,
    created_at         {time} NOT NULL,
    undone_at          {time},
    undone_by          TEXT,
    CONSTRAINT configuration_operations_undone_by_somebody CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
-- What it did to each location, and what its undoing did.
CREATE TABLE configuration_changes (
    operation_id       {uuid} NOT NULL REFERENCES configuration_operations (operation_id) ON DELETE RESTRICT,
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    previous_config_id INTEGER REFERENCES storage_location_config (storage_location_config_id) ON DELETE RESTRICT,
    config_id          INTEGER NOT NULL REFERENCES storage_location_config (storage_location_config_id) ON DELETE RESTRICT,
    undone_config_id   INTEGER REFERENCES storage_location_config (storage_location_config_id) ON DELETE RESTRICT,
    PRIMARY KEY (operation_id, storage_location_id)
);
