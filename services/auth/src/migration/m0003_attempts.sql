-- Attempts to sign in, by a hash of what they are counted by: an account, an
-- address, or both; a hash, because people also type passwords into the wrong
-- field. Times are milliseconds of the Unix epoch, so that one statement can
-- reckon with them on both engines. `login_failures` is not used any more.
CREATE TABLE login_attempts (
    counter      varchar(64) PRIMARY KEY,
    attempts     integer NOT NULL,
    ready_at     bigint NOT NULL,
    forgotten_at bigint NOT NULL
);
CREATE INDEX login_attempts_forgotten_at_idx ON login_attempts (forgotten_at);

-- Where an account has signed in: a hash of both.
CREATE TABLE known_addresses (
    pair          varchar(64) PRIMARY KEY,
    last_login_at {time} NOT NULL
);
CREATE INDEX known_addresses_last_login_at_idx ON known_addresses (last_login_at);
