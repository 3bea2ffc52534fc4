-- Keys of systems that send readings. Only a hash is kept.

CREATE TABLE api_key (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE,
    key_hash BLOB NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at TEXT
) STRICT;
