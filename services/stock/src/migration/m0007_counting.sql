-- How densely plants of a product stand, in a container category or any, in a packaging or any.
CREATE TABLE density_parameters (
    density_parameters_id {key},
    container_category TEXT CONSTRAINT density_parameters_category_known
                       CHECK (container_category IN ('plug', 'seedling_tray', 'box', 'segment', 'pot')),
    product_id         INTEGER NOT NULL REFERENCES products (product_id) ON DELETE RESTRICT,
    packaging_id       INTEGER REFERENCES packaging_catalog (packaging_id) ON DELETE RESTRICT,
    area_per_plant_cm2 {real} NOT NULL CONSTRAINT density_parameters_area_positive CHECK (area_per_plant_cm2 > 0),
    overlap_factor     {real} NOT NULL CONSTRAINT density_parameters_overlap_known
                       CHECK (overlap_factor > 0 AND overlap_factor <= 1),
    diameter_cm        {real} CONSTRAINT density_parameters_diameter_positive CHECK (diameter_cm > 0),
    notes              TEXT NOT NULL,
    revision           INTEGER NOT NULL,
    samples            INTEGER NOT NULL CONSTRAINT density_parameters_samples_not_negative CHECK (samples >= 0),
    stated_at          {time} NOT NULL,
    created_at         {time} NOT NULL,
    updated_at         {time} NOT NULL
);
-- One of each: what is not stated is a value of its own.
CREATE UNIQUE INDEX density_parameters_of_key
    ON density_parameters (product_id, COALESCE(packaging_id, 0), COALESCE(container_category, ''));

-- Plants that were counted on a known area, and what they made of the density.
CREATE TABLE density_samples (
    density_sample_id  {key},
    density_parameters_id INTEGER NOT NULL REFERENCES density_parameters (density_parameters_id) ON DELETE RESTRICT,
    request_id         {uuid} NOT NULL UNIQUE,
    content_hash       TEXT NOT NULL,
    processing_session_id {uuid} REFERENCES photo_counts (processing_session_id) ON DELETE RESTRICT,
    hand_count_id      {uuid} REFERENCES hand_counts (hand_count_id) ON DELETE RESTRICT,
    plants             BIGINT NOT NULL CONSTRAINT density_samples_plants_positive CHECK (plants > 0),
    area_cm2           {real} NOT NULL CONSTRAINT density_samples_area_positive CHECK (area_cm2 > 0),
    area_per_plant_cm2 {real} NOT NULL,
    samples            INTEGER NOT NULL,
    user_id            TEXT NOT NULL,
    created_at         {time} NOT NULL,
    UNIQUE (density_parameters_id, processing_session_id),
    UNIQUE (density_parameters_id, hand_count_id)
);

-- Counting by people, together: who counts which beds, what each entered, and what was posted.
CREATE TABLE count_sessions (
    session_number     {key},
    count_session_id   {uuid} NOT NULL UNIQUE,
    content_hash       TEXT NOT NULL,
    name               TEXT NOT NULL,
    notes              TEXT NOT NULL,
    blind              BOOLEAN NOT NULL,
    status             TEXT NOT NULL CONSTRAINT count_sessions_status_known
                       CHECK (status IN ('open', 'posted', 'cancelled')),
    revision           INTEGER NOT NULL,
    opened_by          TEXT NOT NULL,
    created_at         {time} NOT NULL,
    closed_by          TEXT,
    closed_at          {time},
    CONSTRAINT count_sessions_closed_by_somebody
        CHECK ((status = 'open') = (closed_at IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL))
);

CREATE TABLE count_session_beds (
    count_session_id   {uuid} NOT NULL REFERENCES count_sessions (count_session_id) ON DELETE RESTRICT,
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    PRIMARY KEY (count_session_id, storage_location_id)
);

-- What one person counted; entries of a bed and kind are added up. One that is withdrawn stays.
CREATE TABLE count_entries (
    entry_number       {key},
    count_entry_id     {uuid} NOT NULL UNIQUE,
    content_hash       TEXT NOT NULL,
    count_session_id   {uuid} NOT NULL,
    storage_location_id INTEGER NOT NULL,
    product_id         INTEGER NOT NULL REFERENCES products (product_id) ON DELETE RESTRICT,
    product_state_id   INTEGER NOT NULL REFERENCES product_states (product_state_id) ON DELETE RESTRICT,
    product_size_id    INTEGER REFERENCES product_sizes (product_size_id) ON DELETE RESTRICT,
    packaging_id       INTEGER REFERENCES packaging_catalog (packaging_id) ON DELETE RESTRICT,
    plants             BIGINT NOT NULL CONSTRAINT count_entries_plants_not_negative CHECK (plants >= 0),
    notes              TEXT NOT NULL,
    user_id            TEXT NOT NULL,
    counted_at         {time} NOT NULL,
    created_at         {time} NOT NULL,
    withdrawn_at       {time},
    FOREIGN KEY (count_session_id, storage_location_id)
        REFERENCES count_session_beds (count_session_id, storage_location_id) ON DELETE RESTRICT
);
CREATE INDEX count_entries_session ON count_entries (count_session_id, storage_location_id);

-- What a posted session said of each bed and kind: each line is a count by hand.
CREATE TABLE count_session_lines (
    count_session_id   {uuid} NOT NULL,
    storage_location_id INTEGER NOT NULL,
    product_id         INTEGER NOT NULL REFERENCES products (product_id) ON DELETE RESTRICT,
    product_state_id   INTEGER NOT NULL REFERENCES product_states (product_state_id) ON DELETE RESTRICT,
    product_size_id    INTEGER REFERENCES product_sizes (product_size_id) ON DELETE RESTRICT,
    packaging_id       INTEGER REFERENCES packaging_catalog (packaging_id) ON DELETE RESTRICT,
    expected           BIGINT NOT NULL CONSTRAINT count_session_lines_expected_not_negative CHECK (expected >= 0),
    counted            BIGINT NOT NULL CONSTRAINT count_session_lines_counted_not_negative CHECK (counted >= 0),
    movements_meanwhile BIGINT NOT NULL CONSTRAINT count_session_lines_movements_not_negative
                       CHECK (movements_meanwhile >= 0),
    counted_at         {time} NOT NULL,
    hand_count_id      {uuid} PRIMARY KEY REFERENCES hand_counts (hand_count_id) ON DELETE RESTRICT,
    FOREIGN KEY (count_session_id, storage_location_id)
        REFERENCES count_session_beds (count_session_id, storage_location_id) ON DELETE RESTRICT
);
-- One of each: no packaging is a value of its own.
CREATE UNIQUE INDEX count_session_lines_of_kind
    ON count_session_lines (count_session_id, storage_location_id, product_id, COALESCE(packaging_id, 0));

-- A bed that was counted may be empty, and a count may speak of one packaging of its product.
ALTER TABLE hand_counts ADD COLUMN covers TEXT NOT NULL DEFAULT 'product'
    CONSTRAINT hand_counts_covers_known CHECK (covers IN ('product', 'packaging'));
