-- Usage in the order it comes, and packed in the order it is read. A delivery brings a day of many registers: new days stand
-- together by day. Charts and bills read many days of one register: once no more is expected of a stretch of ten days, a
-- register's days in it become one row. A day is in one of both tables, never in both; `check` proves it, and that registers
-- and deliveries are there: a link proved for every row would cost more than the row.

CREATE TABLE usage_day_by_day (
    -- Days since 1970-01-01.
    day INTEGER NOT NULL,
    register_id INTEGER NOT NULL,
    -- Of the values, in the block's unit and power of ten.
    sum INTEGER NOT NULL,
    -- Counts changes of a value; filling a hole is none.
    version INTEGER NOT NULL,
    -- Which delivery brought the day first; later ones are in usage_change.
    delivery_id INTEGER NOT NULL,
    block BLOB NOT NULL,
    PRIMARY KEY (day, register_id)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_day_by_day SELECT day, register_id, sum, version, delivery_id, block FROM usage_day ORDER BY day, register_id;

-- Ten days of one register; see store::pack. Not WITHOUT ROWID: rows are written in the order of time and stay where they are.
CREATE TABLE usage_pack (
    register_id INTEGER NOT NULL,
    -- Tens of days since 1970-01-01.
    stretch INTEGER NOT NULL,
    -- The last day that has data.
    last_day INTEGER NOT NULL,
    days BLOB NOT NULL,
    PRIMARY KEY (register_id, stretch)
) STRICT;

-- Which days usage_day holds ('day'), and which stretches usage_pack does ('pack').
CREATE TABLE usage_part (
    kind TEXT NOT NULL CHECK (kind IN ('day', 'pack')),
    number INTEGER NOT NULL,
    PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_part SELECT DISTINCT 'day', day FROM usage_day_by_day;

-- The changes no longer point to usage_day: the day may be packed.
CREATE TABLE usage_change_of (
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
    PRIMARY KEY (register_id, day, number)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_change_of SELECT * FROM usage_change;
DROP TABLE usage_change;
ALTER TABLE usage_change_of RENAME TO usage_change;
DROP TABLE usage_day;
ALTER TABLE usage_day_by_day RENAME TO usage_day;

-- Before this day usage was given up (retention); one row at most.
CREATE TABLE usage_given_up (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    before_day INTEGER NOT NULL
) STRICT;
