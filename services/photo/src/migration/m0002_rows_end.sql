DROP TABLE results_as_json;
ALTER TABLE upload_requests DROP COLUMN answer;
ALTER TABLE sessions DROP COLUMN message;
ALTER TABLE sessions DROP COLUMN model;
ALTER TABLE sessions DROP COLUMN batch_id;
ALTER TABLE sessions RENAME COLUMN counted_by TO model;
ALTER TABLE sessions RENAME COLUMN posted_to TO batch_id;
