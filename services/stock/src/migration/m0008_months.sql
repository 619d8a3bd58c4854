-- Months whose end is worked out, and what supervisors did to them.
CREATE TABLE months (
    month              INTEGER PRIMARY KEY,
    starts_at          {time} NOT NULL,
    ends_at            {time} NOT NULL,
    closing_count_days INTEGER NOT NULL CONSTRAINT months_closing_count_days_known
                       CHECK (closing_count_days BETWEEN 1 AND 27),
    opened_by          TEXT NOT NULL,
    opened_at          {time} NOT NULL
);

-- Months that the ledger takes nothing of any more.
CREATE TABLE closed_months (
    month              INTEGER PRIMARY KEY REFERENCES months (month) ON DELETE RESTRICT,
    ends_at            {time} NOT NULL,
    closed_by          TEXT NOT NULL,
    closed_at          {time} NOT NULL
);

-- The key is the request's, so that a retry has one effect.
CREATE TABLE month_acts (
    month_act_id       {uuid} PRIMARY KEY,
    month              INTEGER NOT NULL REFERENCES months (month) ON DELETE RESTRICT,
    verb               TEXT NOT NULL CONSTRAINT month_acts_verb_known
                       CHECK (verb IN ('open', 'approve', 'reopen', 'close')),
    content_hash       TEXT NOT NULL,
    beds               BIGINT NOT NULL,
    sold               BIGINT NOT NULL,
    reason             TEXT NOT NULL,
    user_id            TEXT NOT NULL,
    created_at         {time} NOT NULL
);
CREATE INDEX month_acts_month ON month_acts (month);

-- One row for each bed of an approval; a bed's month has one that was not taken back.
CREATE TABLE month_approvals (
    month_act_id       {uuid} NOT NULL REFERENCES month_acts (month_act_id) ON DELETE RESTRICT,
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    month              INTEGER NOT NULL REFERENCES months (month) ON DELETE RESTRICT,
    sold               BIGINT NOT NULL CONSTRAINT month_approvals_sold_not_negative CHECK (sold >= 0),
    read_digest        TEXT NOT NULL,
    reopened_by        {uuid} REFERENCES month_acts (month_act_id) ON DELETE RESTRICT,
    PRIMARY KEY (month_act_id, storage_location_id)
);
CREATE UNIQUE INDEX month_approvals_month_storage_location_id_key
    ON month_approvals (month, storage_location_id) WHERE reopened_by IS NULL;

-- What a kind of a bed lacked still, or had too much, when its month was closed for good: from
-- then on a fact that changes it is a late one. Those that lacked nothing have no row.
CREATE TABLE month_remainders (
    month              INTEGER NOT NULL REFERENCES closed_months (month) ON DELETE RESTRICT,
    batch_id           {uuid} NOT NULL REFERENCES stock_batches (batch_id) ON DELETE RESTRICT,
    unexplained        BIGINT NOT NULL CONSTRAINT month_remainders_not_zero CHECK (unexplained <> 0),
    PRIMARY KEY (month, batch_id)
);

-- What late facts of closed months changed in a batch's kind, settled by an approval.
CREATE TABLE month_carries (
    month_act_id       {uuid} NOT NULL REFERENCES month_acts (month_act_id) ON DELETE RESTRICT,
    batch_id           {uuid} NOT NULL REFERENCES stock_batches (batch_id) ON DELETE RESTRICT,
    storage_location_id INTEGER NOT NULL REFERENCES storage_locations (storage_location_id) ON DELETE RESTRICT,
    plants             BIGINT NOT NULL CONSTRAINT month_carries_not_zero CHECK (plants <> 0),
    PRIMARY KEY (month_act_id, batch_id)
);

-- The approval or reopening that a line belongs to.
ALTER TABLE stock_movements ADD COLUMN month_act_id {uuid}
    REFERENCES month_acts (month_act_id) ON DELETE RESTRICT;
CREATE INDEX stock_movements_month_act ON stock_movements (month_act_id) WHERE month_act_id IS NOT NULL;
