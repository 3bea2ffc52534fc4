-- Exceptions: what the checks, refused records and meter readers found, as one work list; how estimates were made; and
-- how far the history of each register was judged.

-- One thing for someone to look at.
CREATE TABLE usage_exception (
    id INTEGER PRIMARY KEY,
    -- The same thing is one row: register, day and code; or the delivery and code; or the meter.
    key TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL CHECK (source IN ('ami', 'handheld')),
    -- NULL where no register is known.
    register_id INTEGER REFERENCES register (id),
    meter_number TEXT NOT NULL,
    commodity TEXT CHECK (commodity IN ('electricity', 'gas', 'water')),
    -- The local day, since 1970-01-01.
    day INTEGER NOT NULL,
    -- An instant in that day, to tell whose use it was.
    at TEXT NOT NULL,
    code TEXT NOT NULL,
    -- 3 urgent, 2 before the bill, 1 worth a look.
    severity INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'ordered', 'settled')),
    settled_how TEXT CHECK (settled_how IN ('cured', 'accepted', 'estimated', 'edited')),
    -- The figures behind it.
    evidence TEXT NOT NULL,
    delivery_id INTEGER REFERENCES delivery (id),
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX usage_exception_list ON usage_exception (state, severity, opened_at);
CREATE INDEX usage_exception_register ON usage_exception (register_id, day);

-- What was done about it, by whom.
CREATE TABLE usage_exception_step (
    id INTEGER PRIMARY KEY,
    exception_id INTEGER NOT NULL REFERENCES usage_exception (id),
    at TEXT NOT NULL,
    -- NULL is the program itself.
    person_id INTEGER REFERENCES person (id),
    step TEXT NOT NULL CHECK (step IN ('cured', 'accepted', 'estimated', 'edited', 'reread', 'visit', 'undone')),
    note TEXT NOT NULL,
    -- The change of the day that it made (usage_change.number), 0 where it made the day; NULL where it changed nothing.
    change_number INTEGER,
    -- Set when it was taken back.
    undone_at TEXT
) STRICT;
CREATE INDEX usage_exception_step_of ON usage_exception_step (exception_id, id);

-- How a run of estimated intervals came to be.
CREATE TABLE usage_estimate (
    id INTEGER PRIMARY KEY,
    register_id INTEGER NOT NULL REFERENCES register (id),
    day INTEGER NOT NULL,
    first_slot INTEGER NOT NULL,
    slots INTEGER NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('interpolated', 'like_days', 'like_days_scaled', 'dial_spread')),
    -- The days learnt from.
    learnt_from TEXT NOT NULL,
    made_at TEXT NOT NULL
) STRICT;
CREATE INDEX usage_estimate_day ON usage_estimate (register_id, day);

-- How far the history of a register was judged.
CREATE TABLE usage_review (
    register_id INTEGER NOT NULL PRIMARY KEY REFERENCES register (id),
    through_day INTEGER NOT NULL
) STRICT;

INSERT INTO usage_exception (key, source, register_id, meter_number, commodity, day, at, code, severity, state, settled_how,
                             evidence, delivery_id, opened_at, changed_at)
SELECT 'r' || CAST(f.register_id AS TEXT) || ':' || CAST(f.day AS TEXT) || ':' || f.rule, 'ami', f.register_id, m.number,
       m.commodity, f.day, f.found_at, f.rule, 2, CASE WHEN f.resolved_at IS NULL THEN 'open' ELSE 'settled' END,
       CASE WHEN f.resolved_at IS NULL THEN NULL ELSE 'cured' END, f.evidence, f.delivery_id, f.found_at, f.found_at
FROM usage_finding f JOIN register r ON r.id = f.register_id JOIN meter m ON m.id = r.meter_id;
DROP TABLE usage_finding;
