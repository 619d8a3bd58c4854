-- The geometry is derived from the outline by the database, so that the two
-- cannot differ.
ALTER TABLE warehouses ADD COLUMN geometry geometry(Polygon, 4326)
    GENERATED ALWAYS AS (ST_SetSRID(ST_GeomFromGeoJSON(outline), 4326)) STORED;
ALTER TABLE storage_areas ADD COLUMN geometry geometry(Polygon, 4326)
    GENERATED ALWAYS AS (ST_SetSRID(ST_GeomFromGeoJSON(outline), 4326)) STORED;
ALTER TABLE storage_locations ADD COLUMN geometry geometry(Polygon, 4326)
    GENERATED ALWAYS AS (ST_SetSRID(ST_GeomFromGeoJSON(outline), 4326)) STORED;
CREATE INDEX warehouses_geometry ON warehouses USING gist (geometry);
CREATE INDEX storage_areas_geometry ON storage_areas USING gist (geometry);
CREATE INDEX storage_locations_geometry ON storage_locations USING gist (geometry);

CREATE FUNCTION stock_movements_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stock_movements_append_only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_movements_append_only';
END
$$;
CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
    FOR EACH STATEMENT EXECUTE FUNCTION stock_movements_refuse_change();
