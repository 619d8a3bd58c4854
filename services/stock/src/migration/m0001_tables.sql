-- Places. Nothing that the ledger points to can be deleted.
CREATE TABLE warehouses (
    warehouse_id       {key},
    code               {code} NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    warehouse_type     TEXT NOT NULL CONSTRAINT warehouses_type_known
                       CHECK (warehouse_type IN ('greenhouse', 'shadehouse', 'open_field', 'tunnel')),
    outline            TEXT NOT NULL,
    centroid_longitude {real} NOT NULL,
    centroid_latitude  {real} NOT NULL,
    area_m2            {real} NOT NULL,
    active             BOOLEAN NOT NULL,
    created_at         {time} NOT NULL,
    updated_at         {time} NOT NULL
);

CREATE TABLE storage_areas (
    storage_area_id    {key},
    warehouse_id       INTEGER NOT NULL REFERENCES warehouses (warehouse_id) ON DELETE RESTRICT,
    code               {code} NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    position           TEXT NOT NULL,
    outline            TEXT NOT NULL,
    centroid_longitude {real} NOT NULL,
    centroid_latitude  {real} NOT NULL,
    area_m2            {real} NOT NULL,
    active             BOOLEAN NOT NULL,
    created_at         {time} NOT NULL,
    updated_at         {time} NOT NULL
);
CREATE INDEX storage_areas_warehouse ON storage_areas (warehouse_id);

CREATE TABLE storage_locations (
    storage_location_id {key},
    storage_area_id    INTEGER NOT NULL REFERENCES storage_areas (storage_area_id) ON DELETE RESTRICT,
    warehouse_id       INTEGER NOT NULL REFERENCES warehouses (warehouse_id) ON DELETE RESTRICT,
    code               {code} NOT NULL UNIQUE,
    qr_code            {code} NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    description        TEXT NOT NULL,
    outline            TEXT NOT NULL,
    centroid_longitude {real} NOT NULL,
    centroid_latitude  {real} NOT NULL,
    area_m2            {real} NOT NULL,
    active             BOOLEAN NOT NULL,
    created_at         {time} NOT NULL,
    updated_at         {time} NOT NULL
);
CREATE INDEX storage_locations_area ON storage_locations (storage_area_id);

CREATE TABLE storage_bin_types (
    storage_bin_type_id {key},
    code               {code} NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    category           TEXT NOT NULL CONSTRAINT storage_bin_types_category_known
                       CHECK (category IN ('plug', 'seedling_tray', 'box', 'segment', 'pot'))
);
INSERT INTO storage_bin_types (code, name, category) VALUES
    ('PLUG_TRAY', 'Plug tray', 'plug'),
    ('SEEDLING_TRAY', 'Seedling tray', 'seedling_tray'),
    ('BOX', 'Box', 'box'),
    ('SEGMENT', 'Segment', 'segment'),
    ('POT', 'Pot', 'pot');

CREATE TABLE storage_bins (
    storage_bin_id     {key},
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    storage_bin_type_id INTEGER NOT NULL REFERENCES storage_bin_types (storage_bin_type_id) ON DELETE RESTRICT,
    code               {code} NOT NULL UNIQUE,
    label              TEXT NOT NULL,
    status             TEXT NOT NULL CONSTRAINT storage_bins_status_known
                       CHECK (status IN ('active', 'maintenance', 'retired')),
    created_at         {time} NOT NULL
);
CREATE INDEX storage_bins_location ON storage_bins (storage_location_id);

-- Catalogue.
CREATE TABLE product_categories (
    product_category_id {key},
    code               {code} NOT NULL UNIQUE,
    name               TEXT NOT NULL
);

CREATE TABLE product_families (
    product_family_id  {key},
    product_category_id INTEGER NOT NULL REFERENCES product_categories (product_category_id) ON DELETE RESTRICT,
    name               {code} NOT NULL,
    scientific_name    TEXT NOT NULL,
    UNIQUE (product_category_id, name)
);

CREATE TABLE products (
    product_id         {key},
    product_family_id  INTEGER NOT NULL REFERENCES product_families (product_family_id) ON DELETE RESTRICT,
    sku                {code} NOT NULL UNIQUE,
    common_name        TEXT NOT NULL,
    scientific_name    TEXT NOT NULL
);
CREATE INDEX products_family ON products (product_family_id);

CREATE TABLE product_states (
    product_state_id   {key},
    code               {code} NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    is_sellable        BOOLEAN NOT NULL,
    sort_order         INTEGER NOT NULL UNIQUE
);
INSERT INTO product_states (code, name, is_sellable, sort_order) VALUES
    ('SEED', 'Seed', FALSE, 10),
    ('GERMINATING', 'Germinating', FALSE, 20),
    ('SEEDLING', 'Seedling', FALSE, 30),
    ('JUVENILE', 'Juvenile', FALSE, 40),
    ('ADULT', 'Adult', TRUE, 50),
    ('FLOWERING', 'Flowering', TRUE, 60),
    ('FRUITING', 'Fruiting', TRUE, 70),
    ('DORMANT', 'Dormant', TRUE, 80),
    ('PROPAGATING', 'Propagating', FALSE, 90),
    ('DYING', 'Dying', FALSE, 100),
    ('DEAD', 'Dead', FALSE, 110);

CREATE TABLE product_sizes (
    product_size_id    {key},
    code               {code} NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    min_height_cm      {real},
    max_height_cm      {real},
    sort_order         INTEGER NOT NULL UNIQUE
);
INSERT INTO product_sizes (code, name, min_height_cm, max_height_cm, sort_order) VALUES
    ('XS', 'Extra small', 0, 5, 10),
    ('S', 'Small', 5, 10, 20),
    ('M', 'Medium', 10, 20, 30),
    ('L', 'Large', 20, 40, 40),
    ('XL', 'Extra large', 40, 80, 50),
    ('XXL', 'Double extra large', 80, NULL, 60),
    ('CUSTOM', 'Custom', NULL, NULL, 99);

CREATE TABLE packaging_types (
    packaging_type_id  {key},
    code               {code} NOT NULL UNIQUE
);

CREATE TABLE packaging_materials (
    packaging_material_id {key},
    code               {code} NOT NULL UNIQUE
);

CREATE TABLE packaging_colors (
    packaging_color_id {key},
    name               {code} NOT NULL UNIQUE
);

CREATE TABLE packaging_catalog (
    packaging_id       {key},
    sku                {code} NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    packaging_type_id  INTEGER NOT NULL REFERENCES packaging_types (packaging_type_id) ON DELETE RESTRICT,
    packaging_material_id INTEGER NOT NULL REFERENCES packaging_materials (packaging_material_id) ON DELETE RESTRICT,
    packaging_color_id INTEGER NOT NULL REFERENCES packaging_colors (packaging_color_id) ON DELETE RESTRICT
);

-- Rows share category and packaging and differ by variety: the SKU is the key.
CREATE TABLE price_list (
    price_id           {key},
    sku                {code} NOT NULL UNIQUE,
    product_category_id INTEGER NOT NULL REFERENCES product_categories (product_category_id) ON DELETE RESTRICT,
    packaging_id       INTEGER NOT NULL REFERENCES packaging_catalog (packaging_id) ON DELETE RESTRICT,
    wholesale_unit_minor_units BIGINT NOT NULL CONSTRAINT price_list_price_positive
                       CHECK (wholesale_unit_minor_units > 0),
    currency           TEXT NOT NULL,
    units_per_box      INTEGER NOT NULL CONSTRAINT price_list_units_not_negative CHECK (units_per_box >= 0)
);

-- What is expected to grow where; inactive rows are history.
CREATE TABLE storage_location_config (
    storage_location_config_id {key},
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    product_id         INTEGER NOT NULL REFERENCES products (product_id) ON DELETE RESTRICT,
    product_state_id   INTEGER NOT NULL REFERENCES product_states (product_state_id) ON DELETE RESTRICT,
    product_size_id    INTEGER REFERENCES product_sizes (product_size_id) ON DELETE RESTRICT,
    packaging_id       INTEGER REFERENCES packaging_catalog (packaging_id) ON DELETE RESTRICT,
    area_cm2           {real} NOT NULL CONSTRAINT storage_location_config_area_not_negative CHECK (area_cm2 >= 0),
    notes              TEXT NOT NULL,
    active             BOOLEAN NOT NULL,
    created_at         {time} NOT NULL
);
CREATE UNIQUE INDEX storage_location_config_storage_location_id_key
    ON storage_location_config (storage_location_id) WHERE active;

-- Stock.
CREATE TABLE stock_batches (
    batch_id           {uuid} PRIMARY KEY,
    batch_code         {code} NOT NULL UNIQUE,
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    storage_bin_id     INTEGER NOT NULL REFERENCES storage_bins (storage_bin_id) ON DELETE RESTRICT,
    product_id         INTEGER NOT NULL REFERENCES products (product_id) ON DELETE RESTRICT,
    product_state_id   INTEGER NOT NULL REFERENCES product_states (product_state_id) ON DELETE RESTRICT,
    product_size_id    INTEGER REFERENCES product_sizes (product_size_id) ON DELETE RESTRICT,
    packaging_id       INTEGER REFERENCES packaging_catalog (packaging_id) ON DELETE RESTRICT,
    quantity_initial   BIGINT NOT NULL CONSTRAINT stock_batches_initial_not_negative CHECK (quantity_initial >= 0),
    quantity_current   BIGINT NOT NULL CONSTRAINT stock_batches_quantity_not_negative CHECK (quantity_current >= 0),
    quantity_empty_containers BIGINT NOT NULL CONSTRAINT stock_batches_empty_not_negative
                       CHECK (quantity_empty_containers >= 0),
    planting_date      {day},
    notes              TEXT NOT NULL,
    created_at         {time} NOT NULL,
    updated_at         {time} NOT NULL
);
CREATE INDEX stock_batches_location ON stock_batches (storage_location_id);
CREATE INDEX stock_batches_product ON stock_batches (product_id);

-- The ledger. Each engine's own file adds the triggers that keep it append-only.
CREATE TABLE stock_movements (
    movement_id        {uuid} PRIMARY KEY,
    batch_id           {uuid} NOT NULL REFERENCES stock_batches (batch_id) ON DELETE RESTRICT,
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    movement_type      TEXT NOT NULL CONSTRAINT stock_movements_type_known CHECK (movement_type IN
                       ('plantar', 'sembrar', 'transplante', 'muerte', 'ventas', 'foto', 'ajuste', 'manual_init')),
    quantity           BIGINT NOT NULL CONSTRAINT stock_movements_quantity_not_zero CHECK (quantity <> 0),
    balance            BIGINT NOT NULL CONSTRAINT stock_movements_balance_not_negative CHECK (balance >= 0),
    source_bin_id      INTEGER REFERENCES storage_bins (storage_bin_id) ON DELETE RESTRICT,
    destination_bin_id INTEGER REFERENCES storage_bins (storage_bin_id) ON DELETE RESTRICT,
    source_type        TEXT NOT NULL CONSTRAINT stock_movements_source_known
                       CHECK (source_type IN ('manual', 'ia', 'calculated')),
    reason_description TEXT NOT NULL,
    processing_session_id {uuid},
    user_id            TEXT NOT NULL,
    effective_at       {time} NOT NULL,
    created_at         {time} NOT NULL
);
CREATE INDEX stock_movements_batch ON stock_movements (batch_id, effective_at);
CREATE INDEX stock_movements_location ON stock_movements (storage_location_id);
CREATE INDEX stock_movements_session ON stock_movements (processing_session_id);

-- One row per photo session that was posted: what it counted and replaced.
CREATE TABLE photo_counts (
    processing_session_id {uuid} PRIMARY KEY,
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    quantity           BIGINT NOT NULL CONSTRAINT photo_counts_quantity_not_negative CHECK (quantity >= 0),
    observed_at        {time} NOT NULL,
    user_id            TEXT NOT NULL,
    superseded         BOOLEAN NOT NULL,
    result             TEXT NOT NULL,
    created_at         {time} NOT NULL
);
CREATE INDEX photo_counts_location ON photo_counts (storage_location_id, observed_at);

-- What each request id was used for, so that a retry has one effect.
CREATE TABLE requests (
    request_id         {uuid} PRIMARY KEY,
    operation          TEXT NOT NULL,
    content_hash       TEXT NOT NULL,
    result             TEXT NOT NULL,
    created_at         {time} NOT NULL
);
