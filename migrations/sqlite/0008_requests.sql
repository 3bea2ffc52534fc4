-- Service requests, their timelines and photos.

CREATE TABLE service_request (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    kind TEXT NOT NULL CHECK (kind IN ('high_bill', 'leak', 'meter', 'move', 'outage', 'tree_or_light', 'payment', 'other')),
    status TEXT NOT NULL CHECK (status IN ('open', 'answered', 'closed')),
    -- The form's own key: a double click makes one request.
    form_key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (account_id, form_key)
) STRICT;
CREATE INDEX service_request_account ON service_request (account_id, id);
CREATE INDEX service_request_status ON service_request (status, changed_at);

-- The last number given out in a year.
CREATE TABLE request_number (
    year INTEGER NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

CREATE TABLE attachment (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('jpeg', 'png', 'webp', 'gif', 'heif')),
    content BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE request_entry (
    id INTEGER PRIMARY KEY,
    request_id INTEGER NOT NULL REFERENCES service_request (id),
    at TEXT NOT NULL,
    -- Who wrote.
    person_id INTEGER NOT NULL REFERENCES person (id),
    step TEXT NOT NULL CHECK (step IN ('resident_wrote', 'staff_answered', 'staff_closed')),
    message TEXT NOT NULL,
    attachment_id INTEGER REFERENCES attachment (id),
    form_key TEXT NOT NULL,
    UNIQUE (request_id, form_key)
) STRICT;
