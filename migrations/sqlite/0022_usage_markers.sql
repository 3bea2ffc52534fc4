-- Days that residents mark because something changed in the home: a heat pump, a new car, someone moved in.

CREATE TABLE usage_marker (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    -- The first day with the change.
    day TEXT NOT NULL,
    label TEXT NOT NULL,
    -- NULL: it touches every service.
    commodity TEXT CHECK (commodity IN ('electricity', 'gas', 'water')),
    person_id INTEGER REFERENCES person (id),
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX usage_marker_account ON usage_marker (account_id, day, id);
