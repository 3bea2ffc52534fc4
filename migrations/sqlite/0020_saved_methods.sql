-- Saved ways to pay, and payments that are taken later with them: scheduled ones and autopay's.

-- The person may be on the processor's page, to save a way to pay.
CREATE TABLE method_setup (
    id INTEGER PRIMARY KEY,
    -- The reference under which the processor knows it, and so its idempotency key.
    reference TEXT NOT NULL UNIQUE,
    person_id INTEGER NOT NULL REFERENCES person (id),
    -- From which account's pages; to lead back there.
    account_id INTEGER NOT NULL REFERENCES account (id),
    status TEXT NOT NULL CHECK (status IN ('open', 'saved', 'cancelled', 'expired', 'declined')),
    -- Of the newest word heard.
    revision INTEGER NOT NULL,
    form_key TEXT NOT NULL,
    -- The processor's own key, and the hosted page.
    setup TEXT,
    url TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (person_id, form_key)
) STRICT;

-- A person's, not an account's: whoever else has a role on the account sees at most its name.
CREATE TABLE saved_method (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    setup_id INTEGER NOT NULL UNIQUE REFERENCES method_setup (id),
    provider TEXT NOT NULL,
    -- The processor's key; never a number of a card or bank account.
    token TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('card', 'bank')),
    -- "Visa ending 4242".
    label TEXT NOT NULL,
    -- The last day on which it is good.
    expires_on TEXT,
    saved_at TEXT NOT NULL,
    removed_at TEXT,
    -- When the processor forgot it too.
    forgotten_at TEXT
) STRICT;
CREATE INDEX saved_method_person ON saved_method (person_id);
CREATE INDEX saved_method_expires ON saved_method (expires_on) WHERE removed_at IS NULL;

CREATE TABLE autopay (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    -- Who agreed.
    person_id INTEGER NOT NULL REFERENCES person (id),
    method_id INTEGER NOT NULL REFERENCES saved_method (id),
    days_before INTEGER NOT NULL CHECK (days_before BETWEEN 0 AND 10),
    limit_amount INTEGER CHECK (limit_amount > 0),
    brake_percent INTEGER CHECK (brake_percent > 0),
    -- What is due up to this day is not taken; NULL takes all that is owed.
    after_due TEXT,
    -- The autopay of the account before a move, where it was carried on.
    carried_from INTEGER REFERENCES autopay (id),
    form_key TEXT NOT NULL,
    since TEXT NOT NULL,
    ended_at TEXT,
    ended_why TEXT CHECK (ended_why IN ('left', 'closed', 'method_removed', 'no_role')),
    UNIQUE (account_id, form_key)
) STRICT;
CREATE UNIQUE INDEX autopay_active ON autopay (account_id) WHERE ended_at IS NULL;
CREATE INDEX autopay_method ON autopay (method_id);

CREATE TABLE planned_payment (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    method_id INTEGER NOT NULL REFERENCES saved_method (id),
    -- Autopay's; NULL for a scheduled one.
    autopay_id INTEGER REFERENCES autopay (id),
    -- For which bill, where it is for one.
    bill_id INTEGER REFERENCES bill (id),
    -- What is due by this day (autopay).
    due_on TEXT,
    take_on TEXT NOT NULL,
    -- The most that is taken, in cents: what the person agreed to or was told.
    amount INTEGER NOT NULL CHECK (amount > 0),
    -- What had been expected of the bill, in cents, where autopay has a brake.
    expected INTEGER,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'asking', 'taking', 'retrying', 'taken', 'covered', 'cancelled', 'failed')),
    why TEXT CHECK (why IN ('brake', 'limit', 'method_expired', 'method_removed', 'left', 'closed', 'no_role', 'by_person')),
    -- How often it was declined.
    declines INTEGER NOT NULL,
    -- How often a payment for it was begun.
    tries INTEGER NOT NULL,
    asked_at TEXT,
    answered_at TEXT,
    form_key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (account_id, form_key)
) STRICT;
CREATE UNIQUE INDEX planned_payment_due ON planned_payment (autopay_id, due_on) WHERE autopay_id IS NOT NULL;
CREATE INDEX planned_payment_open ON planned_payment (take_on) WHERE state IN ('waiting', 'asking', 'taking', 'retrying');
CREATE INDEX planned_payment_method ON planned_payment (method_id);

-- With which saved way it is taken, and for which plan; NULL for one that is paid on the processor's page.
ALTER TABLE payment ADD COLUMN method_id INTEGER REFERENCES saved_method (id);
ALTER TABLE payment ADD COLUMN planned_id INTEGER REFERENCES planned_payment (id);
CREATE INDEX payment_planned ON payment (planned_id) WHERE planned_id IS NOT NULL;
