-- What was uploaded. Never changes.
CREATE TABLE photos (
    photo_id              {uuid} NOT NULL PRIMARY KEY,
    session_id            {uuid} NOT NULL UNIQUE,
    sha256                TEXT NOT NULL,
    -- 0: none was stated. Not NULL, so that the key below holds for it too.
    requested_location_id INTEGER NOT NULL,
    format                TEXT NOT NULL CONSTRAINT photos_format_known
                          CHECK (format IN ('jpg', 'png', 'webp')),
    size_bytes            BIGINT NOT NULL CONSTRAINT photos_size_positive CHECK (size_bytes > 0),
    width_px              INTEGER NOT NULL CONSTRAINT photos_width_positive CHECK (width_px > 0),
    height_px             INTEGER NOT NULL CONSTRAINT photos_height_positive CHECK (height_px > 0),
    longitude             {real},
    latitude              {real},
    captured_at           {time},
    observed_at           {time} NOT NULL,
    created_at            {time} NOT NULL,
    user_id               TEXT NOT NULL,
    filename              TEXT NOT NULL,
    -- The same bytes for the same location are one photo.
    UNIQUE (sha256, requested_location_id)
);

-- How far each photo is: the durable state machine.
CREATE TABLE sessions (
    session_id            {uuid} NOT NULL PRIMARY KEY REFERENCES photos (session_id),
    status                TEXT NOT NULL CONSTRAINT sessions_status_known
                          CHECK (status IN ('received', 'located', 'analysing', 'counted', 'posted',
                                            'needs_location', 'needs_config', 'failed')),
    message               TEXT NOT NULL,
    location_id           INTEGER,
    location_candidates   INTEGER NOT NULL,
    attempts              INTEGER NOT NULL,
    next_attempt_at       {time} NOT NULL,
    lease_owner           TEXT,
    lease_expires_at      {time},
    total_detected        INTEGER CONSTRAINT sessions_total_not_negative CHECK (total_detected >= 0),
    mean_confidence       {real},
    model                 TEXT NOT NULL,
    batch_id              TEXT NOT NULL,
    updated_at            {time} NOT NULL
);
CREATE INDEX sessions_to_do ON sessions (next_attempt_at)
    WHERE status IN ('received', 'located', 'analysing', 'counted');
CREATE INDEX sessions_location ON sessions (location_id);

-- Everything that a count rests on; written together with the status `counted`.
CREATE TABLE results (
    session_id            {uuid} NOT NULL PRIMARY KEY REFERENCES sessions (session_id),
    -- [[x_min, y_min, x_max, y_max, confidence, label], ...], most confident first.
    detections            TEXT NOT NULL,
    model                 TEXT NOT NULL,
    parameters            TEXT NOT NULL,
    counted_at            {time} NOT NULL
);

-- Objects that may be there without a photo: written before the objects,
-- removed together with the insert of the photo.
CREATE TABLE pending_uploads (
    session_id            {uuid} NOT NULL PRIMARY KEY,
    format                TEXT NOT NULL,
    created_at            {time} NOT NULL
);

-- Answers to uploads that carried a request id.
CREATE TABLE upload_requests (
    request_id            {uuid} NOT NULL,
    user_id               TEXT NOT NULL,
    fingerprint           TEXT NOT NULL,
    answer                TEXT NOT NULL,
    created_at            {time} NOT NULL,
    PRIMARY KEY (user_id, request_id)
);
