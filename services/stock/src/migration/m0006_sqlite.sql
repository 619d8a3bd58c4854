-- What was one row is a version with one line.
INSERT INTO storage_location_config_lines
SELECT storage_location_config_id, 0, NULL, product_id, product_state_id, product_size_id, packaging_id
FROM storage_location_config_before;
DROP TABLE storage_location_config_before;
