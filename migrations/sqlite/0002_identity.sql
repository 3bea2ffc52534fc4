-- Who signs in, from where, and on whose behalf.

CREATE TABLE credential (
    person_id INTEGER PRIMARY KEY REFERENCES person (id),
    -- argon2id in PHC string form.
    password_hash TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    -- SHA-256 of the cookie's token; the token itself is never stored.
    token_hash BLOB NOT NULL UNIQUE,
    person_id INTEGER NOT NULL REFERENCES person (id),
    realm TEXT NOT NULL CHECK (realm IN ('resident', 'staff')),
    device TEXT NOT NULL,
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;
CREATE INDEX session_person ON session (person_id);

-- One-use links sent by mail: claiming an account, a new password, a new address.
CREATE TABLE mail_link (
    id INTEGER PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    purpose TEXT NOT NULL CHECK (purpose IN ('claim', 'recover', 'change_email')),
    person_id INTEGER REFERENCES person (id),
    account_id INTEGER REFERENCES account (id),
    email TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;

-- What was typed when a session ended in the middle of a form.
CREATE TABLE form_draft (
    id INTEGER PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    -- Whose it is; NULL where nobody was signed in and the cookie alone says so.
    person_id INTEGER REFERENCES person (id),
    path TEXT NOT NULL,
    fields TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

CREATE TABLE view_as (
    id INTEGER PRIMARY KEY,
    staff_id INTEGER NOT NULL REFERENCES person (id),
    staff_session_id INTEGER NOT NULL REFERENCES session (id),
    subject_id INTEGER NOT NULL REFERENCES person (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    reason TEXT NOT NULL CHECK (reason IN ('bill_question', 'usage_question', 'payment_help', 'portal_help', 'other')),
    note TEXT NOT NULL,
    -- SHA-256 of the cookie's token on the assist origin; set when the one-use hand-over is redeemed.
    token_hash BLOB UNIQUE,
    started_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT,
    pages_seen INTEGER NOT NULL
) STRICT;
CREATE INDEX view_as_account ON view_as (account_id, started_at);
CREATE INDEX view_as_staff ON view_as (staff_id, started_at);

-- Tries within a window, by a hash of what is limited; swept when the window has passed.
CREATE TABLE rate_limit (
    bucket TEXT PRIMARY KEY,
    tries INTEGER NOT NULL,
    window_ends TEXT NOT NULL
) STRICT;

-- What signs tokens that leave the process; the newest one signs, all that are not retired are accepted.
CREATE TABLE signing_key (
    id INTEGER PRIMARY KEY,
    secret BLOB NOT NULL,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;
