-- Usage files that residents bring along, such as from an old home.

CREATE TABLE data_set (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    -- Channels that came in one file share it.
    upload TEXT NOT NULL,
    -- What stands in addresses.
    number TEXT NOT NULL UNIQUE,
    -- Who brought it; nobody where an operator read it in.
    person_id INTEGER REFERENCES person (id),
    -- A draft waits for its owner to confirm what its times mean.
    status TEXT NOT NULL CHECK (status IN ('draft', 'kept')),
    label TEXT NOT NULL,
    file_name TEXT NOT NULL,
    format TEXT NOT NULL,
    -- SHA-256 of the file, in hex.
    checksum TEXT NOT NULL,
    channel INTEGER NOT NULL,
    meter TEXT NOT NULL,
    commodity TEXT CHECK (commodity IN ('electricity', 'gas', 'water')),
    direction TEXT CHECK (direction IN ('delivered', 'received', 'net')),
    unit TEXT,
    unit_text TEXT NOT NULL,
    exponent INTEGER NOT NULL,
    -- Whether the values are those of a register that counts on.
    cumulative INTEGER NOT NULL,
    times TEXT NOT NULL CHECK (times IN ('utc', 'local')),
    zone TEXT NOT NULL,
    value_count INTEGER NOT NULL,
    -- Records of the file that could not be read.
    refused INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX data_set_account ON data_set (account_id, status, id);
CREATE UNIQUE INDEX data_set_kept ON data_set (account_id, checksum, channel) WHERE status = 'kept';

-- The values as they stand in the file, in its order.
CREATE TABLE data_set_chunk (
    data_set_id INTEGER NOT NULL REFERENCES data_set (id),
    seq INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (data_set_id, seq)
) STRICT;
