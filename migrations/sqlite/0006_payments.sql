-- Payments: what was begun, and every word that the processor said about it.

CREATE TABLE payment (
    id INTEGER PRIMARY KEY,
    -- What people quote; also the reference under which the processor knows it, and so its idempotency key.
    number TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    -- Who began it; NULL where the program itself did (the demo town).
    person_id INTEGER REFERENCES person (id),
    -- In cents.
    amount INTEGER NOT NULL CHECK (amount > 0),
    status TEXT NOT NULL CHECK (status IN ('created', 'pending', 'succeeded', 'declined', 'cancelled', 'expired')),
    decline TEXT CHECK (decline IN ('by_bank', 'funds', 'expired_card', 'bank_account')),
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
    UNIQUE (account_id, form_key)
) STRICT;
CREATE INDEX payment_account ON payment (account_id, id);

-- Kept as heard, for questions later. The same word heard again is not kept again.
CREATE TABLE payment_word (
    id INTEGER PRIMARY KEY,
    payment_id INTEGER NOT NULL REFERENCES payment (id),
    revision INTEGER NOT NULL,
    status TEXT NOT NULL,
    -- How it was heard first: webhook or question.
    heard_by TEXT NOT NULL CHECK (heard_by IN ('webhook', 'question')),
    heard_at TEXT NOT NULL,
    UNIQUE (payment_id, revision, status)
) STRICT;
