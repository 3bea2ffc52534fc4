-- Money that is given back, and two more ways in which a charge without the person can fail.

-- Constraints of a column cannot be widened in place: the two tables are copied, words first to go.
CREATE TABLE payment_wider (
    id INTEGER PRIMARY KEY,
    -- What people quote; also the reference under which the processor knows it, and so its idempotency key.
    number TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    -- Who began it; NULL where the program itself did (the demo town).
    person_id INTEGER REFERENCES person (id),
    -- In cents.
    amount INTEGER NOT NULL CHECK (amount > 0),
    status TEXT NOT NULL CHECK (status IN ('created', 'pending', 'succeeded', 'declined', 'cancelled', 'expired')),
    decline TEXT CHECK (decline IN ('by_bank', 'funds', 'expired_card', 'bank_account', 'needs_person', 'method_gone')),
    -- Of the newest word heard.
    revision INTEGER NOT NULL,
    -- The form's own key: a double click begins one payment.
    form_key TEXT NOT NULL,
    provider TEXT NOT NULL,
    checkout TEXT,
    checkout_url TEXT,
    -- What was paid with: "Visa ending 4242".
    method TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    -- When it was posted to the books.
    posted_at TEXT,
    returned_at TEXT,
    UNIQUE (account_id, form_key)
) STRICT;
INSERT INTO payment_wider (id, number, account_id, person_id, amount, status, decline, revision, form_key, provider, checkout,
                           checkout_url, method, created_at, expires_at, changed_at, posted_at, returned_at)
SELECT id, number, account_id, person_id, amount, status, decline, revision, form_key, provider, checkout,
       checkout_url, method, created_at, expires_at, changed_at, posted_at, returned_at FROM payment ORDER BY id;

CREATE TABLE payment_word_wider (
    id INTEGER PRIMARY KEY,
    payment_id INTEGER NOT NULL REFERENCES payment_wider (id),
    revision INTEGER NOT NULL,
    status TEXT NOT NULL,
    -- How it was heard first: webhook or question.
    heard_by TEXT NOT NULL CHECK (heard_by IN ('webhook', 'question')),
    heard_at TEXT NOT NULL,
    UNIQUE (payment_id, revision, status)
) STRICT;
INSERT INTO payment_word_wider (id, payment_id, revision, status, heard_by, heard_at)
SELECT id, payment_id, revision, status, heard_by, heard_at FROM payment_word ORDER BY id;

DROP TABLE payment_word;
DROP TABLE payment;
ALTER TABLE payment_wider RENAME TO payment;
ALTER TABLE payment_word_wider RENAME TO payment_word;
CREATE INDEX payment_account ON payment (account_id, id);
-- The processor may speak of a payment by its own key.
CREATE INDEX payment_checkout ON payment (checkout) WHERE checkout IS NOT NULL;

CREATE TABLE payment_refund (
    id INTEGER PRIMARY KEY,
    -- What people quote; also the reference under which the processor knows it, and so its idempotency key.
    number TEXT NOT NULL UNIQUE,
    payment_id INTEGER NOT NULL REFERENCES payment (id),
    -- In cents.
    amount INTEGER NOT NULL CHECK (amount > 0),
    status TEXT NOT NULL CHECK (status IN ('asked', 'pending', 'succeeded', 'failed')),
    -- Of the newest word heard.
    revision INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('duplicate', 'overpaid', 'wrong_account', 'mistake', 'other', 'processor')),
    -- For other employees.
    note TEXT NOT NULL,
    -- The form's own key: a double click gives back once.
    form_key TEXT NOT NULL,
    -- The processor's own key.
    provider_key TEXT,
    -- NULL where it was begun at the processor.
    asked_by INTEGER REFERENCES person (id),
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    -- When it was posted to the books first.
    posted_at TEXT,
    UNIQUE (payment_id, form_key)
) STRICT;
