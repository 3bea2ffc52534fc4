-- Work to be done later, mail to be sent, and the record of who did what.

CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    -- The same key is queued once.
    dedupe_key TEXT NOT NULL UNIQUE,
    payload TEXT NOT NULL,
    run_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    claimed_until TEXT,
    done_at TEXT,
    failed_at TEXT,
    last_error TEXT
) STRICT;
CREATE INDEX job_due ON job (run_at) WHERE done_at IS NULL AND failed_at IS NULL;

CREATE TABLE mail (
    id INTEGER PRIMARY KEY,
    dedupe_key TEXT NOT NULL UNIQUE,
    person_id INTEGER REFERENCES person (id),
    account_id INTEGER REFERENCES account (id),
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    sent_at TEXT
) STRICT;
CREATE INDEX mail_unsent ON mail (id) WHERE sent_at IS NULL;

-- Written plainly with the change itself; sealed into hash chains by a job, so that writers do not queue.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    -- Who acted; NULL is the program itself or nobody signed in.
    actor_id INTEGER REFERENCES person (id),
    -- On whose behalf, where that is someone else.
    subject_id INTEGER REFERENCES person (id),
    account_id INTEGER REFERENCES account (id),
    view_as_id INTEGER REFERENCES view_as (id),
    use_case TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
    detail TEXT NOT NULL,
    request_id TEXT NOT NULL
) STRICT;
CREATE INDEX audit_account ON audit (account_id, at);

CREATE TABLE audit_seal (
    id INTEGER PRIMARY KEY,
    through_audit_id INTEGER NOT NULL UNIQUE,
    row_count INTEGER NOT NULL,
    hash BLOB NOT NULL,
    sealed_at TEXT NOT NULL
) STRICT;
