-- Bounding boxes of the locations, kept by triggers: the coarse half of the
-- point lookup. The R*Tree rounds its boxes outwards.
CREATE VIRTUAL TABLE storage_location_boxes USING rtree (
    storage_location_id, min_longitude, max_longitude, min_latitude, max_latitude
);
CREATE TRIGGER storage_locations_box_insert AFTER INSERT ON storage_locations BEGIN
    INSERT INTO storage_location_boxes
    SELECT NEW.storage_location_id,
           min(json_extract(value, '$[0]')), max(json_extract(value, '$[0]')),
           min(json_extract(value, '$[1]')), max(json_extract(value, '$[1]'))
    FROM json_each(NEW.outline, '$.coordinates[0]');
END;
CREATE TRIGGER storage_locations_box_update AFTER UPDATE OF outline ON storage_locations BEGIN
    DELETE FROM storage_location_boxes WHERE storage_location_id = OLD.storage_location_id;
    INSERT INTO storage_location_boxes
    SELECT NEW.storage_location_id,
           min(json_extract(value, '$[0]')), max(json_extract(value, '$[0]')),
           min(json_extract(value, '$[1]')), max(json_extract(value, '$[1]'))
    FROM json_each(NEW.outline, '$.coordinates[0]');
END;
CREATE TRIGGER storage_locations_box_delete AFTER DELETE ON storage_locations BEGIN
    DELETE FROM storage_location_boxes WHERE storage_location_id = OLD.storage_location_id;
END;

CREATE TRIGGER stock_movements_no_update BEFORE UPDATE ON stock_movements BEGIN
    SELECT RAISE(ABORT, 'stock_movements_append_only');
END;
CREATE TRIGGER stock_movements_no_delete BEFORE DELETE ON stock_movements BEGIN
    SELECT RAISE(ABORT, 'stock_movements_append_only');
END;
