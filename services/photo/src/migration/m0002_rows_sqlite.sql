-- SQLite's spelling of JSON and of a UUID in text.

UPDATE sessions SET posted_to = unhex(batch_id, '-') WHERE batch_id <> '';

INSERT INTO results
SELECT session_id,
       model ->> 'name', model ->> 'version', model ->> 'task', model ->> 'sha256',
       parameters ->> 'tile_size_px', parameters ->> 'tile_overlap',
       parameters ->> 'min_confidence', parameters ->> 'merge_threshold',
       counted_at
FROM results_as_json;

INSERT OR IGNORE INTO model_classes
SELECT model ->> 'sha256', class.key, class.value
FROM results_as_json, json_each(model, '$.classes') AS class;

INSERT INTO detections
SELECT session_id, plant.key,
       plant.value ->> 0, plant.value ->> 1, plant.value ->> 2, plant.value ->> 3,
       plant.value ->> 4, plant.value ->> 5
FROM results_as_json, json_each(detections) AS plant;

INSERT INTO upload_request_files
SELECT user_id, request_id, file.key, file.value ->> 'filename',
       unhex(file.value ->> 'session', '-'), file.value ->> 'status',
       file.value ->> 'duplicate', NULL, NULL
FROM upload_requests, json_each(answer, '$.stored') AS file;

-- The order between stored and refused files was not kept.
INSERT INTO upload_request_files
SELECT user_id, request_id, json_array_length(answer, '$.stored') + file.key,
       file.value ->> 'filename', NULL, NULL, NULL,
       file.value ->> 'reason', file.value ->> 'message'
FROM upload_requests, json_each(answer, '$.rejected') AS file;
