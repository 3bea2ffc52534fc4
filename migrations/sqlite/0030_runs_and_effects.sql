-- A bill run that waits for a person: the shadow run that was made of it, and what became of it.
CREATE TABLE waiting_run (
    id INTEGER PRIMARY KEY,
    -- The last day on which its bills may be issued.
    through TEXT NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('by_hand', 'far_sum', 'changed')),
    -- A digest of every account's difference: a run that comes to another one is not what was looked at.
    digest TEXT NOT NULL,
    -- What the page shows.
    kept TEXT NOT NULL,
    made_at TEXT NOT NULL,
    -- When somebody asked for a new shadow run in its place.
    anew_at TEXT,
    released_by INTEGER REFERENCES person (id),
    released_at TEXT,
    -- When its bills began to be issued: it was found to be the same until then.
    begun_at TEXT,
    closed_at TEXT
) STRICT;
CREATE INDEX waiting_run_open ON waiting_run (closed_at, id);

-- What proposed prices do to every account's last bill, as it was worked out last.
CREATE TABLE proposal_effect (
    proposal_id INTEGER PRIMARY KEY REFERENCES tariff_proposal (id),
    -- When somebody asked for it.
    asked_at TEXT NOT NULL,
    made_at TEXT,
    -- A digest of the proposed file, the files in force and the bills.
    stamp TEXT,
    kept TEXT
) STRICT;

-- Employees may be allowed to release bill runs.
CREATE TABLE staff_permission_new (
    person_id INTEGER NOT NULL REFERENCES person (id),
    permission TEXT NOT NULL CHECK (permission IN ('refunds', 'bill_runs')),
    granted_at TEXT NOT NULL,
    PRIMARY KEY (person_id, permission)
) STRICT;
INSERT INTO staff_permission_new SELECT person_id, permission, granted_at FROM staff_permission;
DROP TABLE staff_permission;
ALTER TABLE staff_permission_new RENAME TO staff_permission;
