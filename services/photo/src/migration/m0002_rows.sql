-- What stood as JSON in one column stands in rows and columns of its own.

ALTER TABLE results RENAME TO results_as_json;

-- Everything that a count rests on but its boxes; written together with the
-- status `counted`.
CREATE TABLE results (
    session_id            {uuid} NOT NULL PRIMARY KEY REFERENCES sessions (session_id),
    model_name            TEXT NOT NULL,
    model_version         TEXT NOT NULL,
    -- The number of its task in the inference contract.
    model_task            INTEGER NOT NULL,
    -- SHA-256 of its weights.
    model_sha256          TEXT NOT NULL,
    tile_size_px          INTEGER NOT NULL,
    tile_overlap          {single} NOT NULL,
    min_confidence        {single} NOT NULL,
    merge_threshold       {single} NOT NULL,
    counted_at            {time} NOT NULL
);

-- The classes of a model by index. The weights know them, so they are kept once
-- for all counts that rest on the same weights.
CREATE TABLE model_classes (
    model_sha256          TEXT NOT NULL,
    ordinal               INTEGER NOT NULL,
    name                  TEXT NOT NULL,
    PRIMARY KEY (model_sha256, ordinal)
);

-- One row per plant, most confident first.
CREATE TABLE detections (
    -- The run that found it. Today a session has one, and this is its key.
    run_id                {uuid} NOT NULL REFERENCES results (session_id),
    ordinal               INTEGER NOT NULL,
    -- Pixels of the upright photo.
    x_min                 {single} NOT NULL,
    y_min                 {single} NOT NULL,
    x_max                 {single} NOT NULL,
    y_max                 {single} NOT NULL,
    confidence            {single} NOT NULL,
    label                 TEXT NOT NULL,
    PRIMARY KEY (run_id, ordinal)
);

-- What became of each file of an upload that carried a request id: stored, or
-- refused with a reason.
CREATE TABLE upload_request_files (
    user_id               TEXT NOT NULL,
    request_id            {uuid} NOT NULL,
    ordinal               INTEGER NOT NULL,
    filename              TEXT NOT NULL,
    session_id            {uuid} REFERENCES sessions (session_id),
    -- How far it was when it was answered.
    status                TEXT,
    duplicate             BOOLEAN,
    reason                TEXT,
    message               TEXT,
    PRIMARY KEY (user_id, request_id, ordinal),
    FOREIGN KEY (user_id, request_id) REFERENCES upload_requests (user_id, request_id),
    CONSTRAINT upload_request_files_stored_or_refused CHECK (
        (session_id IS NOT NULL AND status IS NOT NULL AND duplicate IS NOT NULL
            AND reason IS NULL AND message IS NULL)
        OR (session_id IS NULL AND status IS NULL AND duplicate IS NULL
            AND reason IS NOT NULL AND message IS NOT NULL))
);

-- What is not there is NULL, not empty; a batch is named by its UUID.
ALTER TABLE sessions ADD COLUMN why TEXT;
ALTER TABLE sessions ADD COLUMN counted_by TEXT;
ALTER TABLE sessions ADD COLUMN posted_to {uuid};
UPDATE sessions SET why = NULLIF(message, ''), counted_by = NULLIF(model, '');
