-- Usage by register and local day, where it came from, and what could not be taken in.

-- A usage file (or a request body) that was taken in, or is being.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    -- SHA-256 of the content: the same file twice changes nothing.
    checksum BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The sending system as the file names it, empty where it names none.
    sender TEXT NOT NULL,
    format TEXT NOT NULL,
    -- The zone by which local times in the file were read.
    zone TEXT NOT NULL,
    arrived_at TEXT NOT NULL,
    finished_at TEXT,
    -- How many records are committed; an interrupted run goes on behind them.
    cursor_records INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    superseding INTEGER NOT NULL,
    outranked INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    reads INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_unfinished ON delivery (id) WHERE finished_at IS NULL;

-- One register, one local day, packed.
CREATE TABLE usage_day (
    register_id INTEGER NOT NULL REFERENCES register (id),
    -- Days since 1970-01-01.
    day INTEGER NOT NULL,
    -- Of the values, in the block's unit and power of ten.
    sum INTEGER NOT NULL,
    -- Counts changes of a value; filling a hole is none.
    version INTEGER NOT NULL,
    -- Which delivery brought the day first; later ones are in usage_change.
    delivery_id INTEGER NOT NULL REFERENCES delivery (id),
    block BLOB NOT NULL,
    PRIMARY KEY (register_id, day)
) STRICT, WITHOUT ROWID;

-- Every later change of a day, with what it replaced.
CREATE TABLE usage_change (
    register_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    -- Counts the changes of one day from 1.
    number INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('filled', 'corrected')),
    changed_at TEXT NOT NULL,
    delivery_id INTEGER NOT NULL REFERENCES delivery (id),
    version_before INTEGER NOT NULL,
    sum_before INTEGER NOT NULL,
    block_before BLOB NOT NULL,
    PRIMARY KEY (register_id, day, number),
    FOREIGN KEY (register_id, day) REFERENCES usage_day (register_id, day)
) STRICT, WITHOUT ROWID;

-- What a dial said.
CREATE TABLE register_read (
    register_id INTEGER NOT NULL REFERENCES register (id),
    -- Seconds since 1970-01-01, UTC.
    read_at INTEGER NOT NULL,
    -- In the register's unit and power of ten.
    value INTEGER NOT NULL,
    -- Code of domain::metering::Quality.
    quality INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL REFERENCES delivery (id),
    PRIMARY KEY (register_id, read_at)
) STRICT, WITHOUT ROWID;

-- Reads that were replaced by others of the same instant.
CREATE TABLE register_read_change (
    id INTEGER PRIMARY KEY,
    register_id INTEGER NOT NULL REFERENCES register (id),
    read_at INTEGER NOT NULL,
    changed_at TEXT NOT NULL,
    delivery_id INTEGER NOT NULL REFERENCES delivery (id),
    value_before INTEGER NOT NULL,
    quality_before INTEGER NOT NULL,
    delivery_before INTEGER NOT NULL REFERENCES delivery (id)
) STRICT;
CREATE INDEX register_read_change_register ON register_read_change (register_id, read_at);

-- Amounts over other stretches than intervals: days, billing lengths.
CREATE TABLE period_use (
    register_id INTEGER NOT NULL REFERENCES register (id),
    -- Seconds since 1970-01-01, UTC.
    starts_at INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    value INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL REFERENCES delivery (id),
    PRIMARY KEY (register_id, starts_at, seconds)
) STRICT, WITHOUT ROWID;

-- Records that could not be taken in, kept as they came.
CREATE TABLE rejected_record (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES delivery (id),
    line INTEGER NOT NULL,
    -- What was wrong: a code and what was found.
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    raw TEXT NOT NULL,
    -- Set when a later attempt took it in.
    resolved_at TEXT
) STRICT;
CREATE INDEX rejected_record_open ON rejected_record (delivery_id, line) WHERE resolved_at IS NULL;

-- Readings of meters that are not registered yet; they flow in by themselves once they are.
CREATE TABLE waiting_reading (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES delivery (id),
    meter_number TEXT NOT NULL,
    -- Commodity, direction, unit, exponent, interval.
    channel TEXT NOT NULL,
    -- Of the first and last reading, seconds since 1970-01-01, UTC.
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    count INTEGER NOT NULL,
    -- Packed readings.
    readings BLOB NOT NULL
) STRICT;
CREATE INDEX waiting_reading_meter ON waiting_reading (meter_number);

-- What the checks found. The work list of exceptions is built on it.
CREATE TABLE usage_finding (
    id INTEGER PRIMARY KEY,
    register_id INTEGER NOT NULL REFERENCES register (id),
    day INTEGER NOT NULL,
    rule TEXT NOT NULL,
    -- The figures behind it.
    evidence TEXT NOT NULL,
    found_at TEXT NOT NULL,
    delivery_id INTEGER NOT NULL REFERENCES delivery (id),
    resolved_at TEXT,
    UNIQUE (register_id, day, rule)
) STRICT;
