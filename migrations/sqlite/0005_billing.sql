-- Tariff files as imported, bills by line, and the books.

-- A file is never changed: a new one is a new row. The latest row of a code stands.
CREATE TABLE tariff_file (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    imported_at TEXT NOT NULL
) STRICT;
CREATE INDEX tariff_file_code ON tariff_file (code, id);

CREATE TABLE bill (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    -- The first local day and the day after the last one.
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    -- The charges of this bill, in cents.
    total INTEGER NOT NULL,
    -- What was owed before it, in cents; negative is in the customer's favour.
    carried INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('issued', 'replaced')),
    version INTEGER NOT NULL,
    replaces_id INTEGER REFERENCES bill (id),
    -- By service: schedule, days, quantities, verified prices or not.
    detail TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
-- A period is billed once; a corrected bill replaces the one before.
CREATE UNIQUE INDEX bill_period ON bill (account_id, period_from) WHERE status = 'issued';
CREATE INDEX bill_account ON bill (account_id, period_to);

CREATE TABLE bill_line (
    bill_id INTEGER NOT NULL REFERENCES bill (id),
    position INTEGER NOT NULL,
    service TEXT NOT NULL CHECK (service IN ('electricity', 'gas', 'water', 'wastewater', 'refuse', 'storm')),
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (bill_id, position)
) STRICT;

CREATE TABLE bill_read (
    bill_id INTEGER NOT NULL REFERENCES bill (id),
    position INTEGER NOT NULL,
    service TEXT NOT NULL CHECK (service IN ('electricity', 'gas', 'water')),
    meter TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (bill_id, position)
) STRICT;

CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    -- The same event is posted once.
    event_key TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('bill', 'payment', 'payment_return', 'refund', 'settlement', 'credit_applied', 'adjustment', 'reversal')),
    effective_on TEXT NOT NULL,
    posted_at TEXT NOT NULL,
    bill_id INTEGER REFERENCES bill (id),
    reverses_id INTEGER REFERENCES journal (id)
) STRICT;
CREATE INDEX journal_account ON journal (account_id, id);
CREATE INDEX journal_bill ON journal (bill_id);

CREATE TABLE ledger_entry (
    id INTEGER PRIMARY KEY,
    journal_id INTEGER NOT NULL REFERENCES journal (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    book TEXT NOT NULL CHECK (book IN ('receivable', 'customer_credit', 'revenue', 'assistance', 'energy_purchased', 'tax_payable', 'processor_clearing', 'cash', 'processor_fees', 'adjustments')),
    service TEXT CHECK (service IN ('electricity', 'gas', 'water', 'wastewater', 'refuse', 'storm')),
    -- Cents: debit positive, credit negative.
    amount INTEGER NOT NULL CHECK (amount <> 0)
) STRICT;
CREATE INDEX ledger_entry_journal ON ledger_entry (journal_id);
CREATE INDEX ledger_entry_account ON ledger_entry (account_id, book, service, amount);
