-- Corrected bills, holds, and the release of prices by two people.

-- Why a bill took the place of another. Never changed.
CREATE TABLE bill_correction (
    bill_id INTEGER NOT NULL PRIMARY KEY REFERENCES bill (id),
    replaces_id INTEGER NOT NULL UNIQUE REFERENCES bill (id),
    reason TEXT NOT NULL CHECK (reason IN ('reads', 'prices', 'facts', 'carried', 'other')),
    -- What the resident reads about it.
    note TEXT NOT NULL,
    -- NULL is the program itself.
    made_by INTEGER REFERENCES person (id),
    made_at TEXT NOT NULL
) STRICT;

-- Why an account is not billed now. Rows of the bill run itself (put_by NULL) are lifted by it.
CREATE TABLE bill_hold (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    reason TEXT NOT NULL CHECK (reason IN ('meter_test', 'question', 'reading_check', 'prices_check', 'agreement', 'other',
                                           'no_readings', 'waiting_for_readings', 'overlapping_agreements', 'not_priced')),
    -- What the resident reads beside the reason.
    note TEXT NOT NULL,
    -- What happens next happens by this day.
    next_on TEXT NOT NULL,
    put_by INTEGER REFERENCES person (id),
    put_at TEXT NOT NULL,
    lifted_by INTEGER REFERENCES person (id),
    lifted_at TEXT
) STRICT;
CREATE UNIQUE INDEX bill_hold_staff ON bill_hold (account_id) WHERE lifted_at IS NULL AND put_by IS NOT NULL;
CREATE UNIQUE INDEX bill_hold_run ON bill_hold (account_id) WHERE lifted_at IS NULL AND put_by IS NULL;

-- A tariff file that somebody proposed and somebody else released or refused.
CREATE TABLE tariff_proposal (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    note TEXT NOT NULL,
    proposed_by INTEGER NOT NULL REFERENCES person (id),
    proposed_at TEXT NOT NULL,
    decided_by INTEGER REFERENCES person (id),
    decided_at TEXT,
    released INTEGER,
    CHECK (decided_by IS NULL OR decided_by <> proposed_by)
) STRICT;
CREATE INDEX tariff_proposal_open ON tariff_proposal (decided_at, id);
