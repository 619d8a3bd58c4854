-- People, their sessions and the hashes of the refresh tokens.
CREATE TABLE users (
    user_id       {uuid} PRIMARY KEY,
    email         varchar(255) NOT NULL UNIQUE,
    password_hash varchar(255) NOT NULL,
    first_name    varchar(100) NOT NULL,
    last_name     varchar(100) NOT NULL,
    role          varchar(20) NOT NULL,
    active        boolean NOT NULL,
    last_login_at {time},
    created_at    {time} NOT NULL,
    updated_at    {time} NOT NULL,
    CONSTRAINT users_email_lower_case CHECK (email = lower(email)),
    CONSTRAINT users_role_known CHECK (role IN ('viewer', 'worker', 'supervisor', 'admin'))
);

CREATE TABLE sessions (
    session_id {uuid} PRIMARY KEY,
    user_id    {uuid} NOT NULL REFERENCES users (user_id),
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    revoked_at {time}
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    token_hash varchar(64) PRIMARY KEY,
    session_id {uuid} NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    used_at    {time}
);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

-- Counted to slow down guessing; keyed by a hash, because people also type
-- passwords into the wrong field.
CREATE TABLE login_failures (
    failure_id {uuid} PRIMARY KEY,
    email_hash varchar(64) NOT NULL,
    failed_at  {time} NOT NULL
);
CREATE INDEX login_failures_email_hash_failed_at_idx ON login_failures (email_hash, failed_at);
