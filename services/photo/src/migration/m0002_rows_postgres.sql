-- PostgreSQL's spelling of JSON and of a UUID in text.

UPDATE sessions SET posted_to = batch_id::uuid WHERE batch_id <> '';

INSERT INTO results
SELECT session_id,
       model::jsonb ->> 'name', model::jsonb ->> 'version',
       (model::jsonb ->> 'task')::integer, model::jsonb ->> 'sha256',
       (parameters::jsonb ->> 'tile_size_px')::integer,
       (parameters::jsonb ->> 'tile_overlap')::real,
       (parameters::jsonb ->> 'min_confidence')::real,
       (parameters::jsonb ->> 'merge_threshold')::real,
       counted_at
FROM results_as_json;

INSERT INTO model_classes
SELECT model::jsonb ->> 'sha256', class.number - 1, class.name
FROM results_as_json,
     jsonb_array_elements_text(model::jsonb -> 'classes') WITH ORDINALITY AS class (name, number)
ON CONFLICT DO NOTHING;

INSERT INTO detections
SELECT session_id, plant.number - 1,
       (plant.value ->> 0)::real, (plant.value ->> 1)::real,
       (plant.value ->> 2)::real, (plant.value ->> 3)::real,
       (plant.value ->> 4)::real, plant.value ->> 5
FROM results_as_json,
     jsonb_array_elements(detections::jsonb) WITH ORDINALITY AS plant (value, number);

INSERT INTO upload_request_files
SELECT user_id, request_id, file.number - 1, file.value ->> 'filename',
       (file.value ->> 'session')::uuid, file.value ->> 'status',
       (file.value ->> 'duplicate')::boolean, NULL, NULL
FROM upload_requests,
     jsonb_array_elements(answer::jsonb -> 'stored') WITH ORDINALITY AS file (value, number);

-- The order between stored and refused files was not kept.
INSERT INTO upload_request_files
SELECT user_id, request_id,
       jsonb_array_length(answer::jsonb -> 'stored') + file.number - 1,
       file.value ->> 'filename', NULL, NULL, NULL,
       file.value ->> 'reason', file.value ->> 'message'
FROM upload_requests,
     jsonb_array_elements(answer::jsonb -> 'rejected') WITH ORDINALITY AS file (value, number);
