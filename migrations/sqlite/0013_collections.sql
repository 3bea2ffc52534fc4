-- What follows when a bill is not paid at once: notices, holds, arrangements, budget billing, deposits. And their books.

-- Constraints of a column cannot be widened in place: the two tables are copied, entries first to go.
CREATE TABLE journal_wider (
    id INTEGER PRIMARY KEY,
    -- The same event is posted once.
    event_key TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('bill', 'payment', 'payment_return', 'refund', 'settlement', 'credit_applied', 'adjustment', 'reversal', 'late_fee', 'deposit_taken', 'deposit_released')),
    effective_on TEXT NOT NULL,
    posted_at TEXT NOT NULL,
    bill_id INTEGER REFERENCES bill (id),
    reverses_id INTEGER REFERENCES journal_wider (id)
) STRICT;
INSERT INTO journal_wider (id, event_key, account_id, kind, effective_on, posted_at, bill_id, reverses_id)
SELECT id, event_key, account_id, kind, effective_on, posted_at, bill_id, reverses_id FROM journal ORDER BY id;

CREATE TABLE ledger_entry_wider (
    id INTEGER PRIMARY KEY,
    journal_id INTEGER NOT NULL REFERENCES journal_wider (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    book TEXT NOT NULL CHECK (book IN ('receivable', 'customer_credit', 'revenue', 'assistance', 'energy_purchased', 'tax_payable', 'processor_clearing', 'cash', 'processor_fees', 'adjustments', 'late_fees', 'deposits', 'deposit_interest')),
    service TEXT CHECK (service IN ('electricity', 'gas', 'water', 'wastewater', 'refuse', 'storm')),
    -- Cents: debit positive, credit negative.
    amount INTEGER NOT NULL CHECK (amount <> 0)
) STRICT;
INSERT INTO ledger_entry_wider (id, journal_id, account_id, book, service, amount)
SELECT id, journal_id, account_id, book, service, amount FROM ledger_entry ORDER BY id;

DROP TABLE ledger_entry;
PRAGMA defer_foreign_keys = ON;
DROP TABLE journal;
ALTER TABLE journal_wider RENAME TO journal;
ALTER TABLE ledger_entry_wider RENAME TO ledger_entry;
CREATE INDEX journal_account ON journal (account_id, id);
CREATE INDEX journal_bill ON journal (bill_id);
CREATE INDEX ledger_entry_journal ON ledger_entry (journal_id);
CREATE INDEX ledger_entry_account ON ledger_entry (account_id, book, service, amount);

-- Journals of one kind, such as the late fees that are still owed.
CREATE INDEX journal_kind ON journal (account_id, kind);
CREATE INDEX journal_reverses ON journal (reverses_id) WHERE reverses_id IS NOT NULL;

-- What was written about a debt. A debt is named by its oldest due date: paid and owed again, it is another one.
CREATE TABLE collection_notice (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('reminder', 'energy', 'water')),
    -- The due date that was missed first.
    debt_since TEXT NOT NULL,
    -- What was past due, in cents.
    amount INTEGER NOT NULL,
    sent_on TEXT NOT NULL,
    -- Before this day nothing is cut off; only in final notices.
    not_before TEXT,
    UNIQUE (account_id, kind, debt_since)
) STRICT;

-- While one is in force no fee is charged, no notice is sent and nothing is cut off.
CREATE TABLE collection_hold (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    reason TEXT NOT NULL CHECK (reason IN ('medical', 'dispute', 'extension', 'assistance')),
    note TEXT NOT NULL,
    since TEXT NOT NULL,
    -- The last day.
    through TEXT NOT NULL,
    set_by INTEGER NOT NULL REFERENCES person (id),
    lifted_on TEXT
) STRICT;
CREATE INDEX collection_hold_account ON collection_hold (account_id);

CREATE TABLE arrangement (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    total INTEGER NOT NULL CHECK (total > 0),
    months INTEGER NOT NULL CHECK (months BETWEEN 2 AND 18),
    -- Bills and fees up to this day are paid by its instalments.
    through TEXT NOT NULL,
    agreed_on TEXT NOT NULL,
    -- Who agreed: the resident, or the employee who wrote it down for them.
    agreed_by INTEGER NOT NULL REFERENCES person (id),
    by_staff INTEGER NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('active', 'kept', 'broken', 'ended')),
    reinstated INTEGER NOT NULL,
    changed_on TEXT NOT NULL,
    form_key TEXT NOT NULL,
    UNIQUE (account_id, form_key)
) STRICT;
CREATE UNIQUE INDEX arrangement_active ON arrangement (account_id) WHERE standing = 'active';

CREATE TABLE arrangement_instalment (
    arrangement_id INTEGER NOT NULL REFERENCES arrangement (id),
    position INTEGER NOT NULL,
    due_on TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (arrangement_id, position)
) STRICT;

CREATE TABLE budget_plan (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    -- Bills that end after this day are levelled.
    since TEXT NOT NULL,
    -- Bills that end after this day are not any more; absent while it runs.
    until TEXT,
    -- What each bill asks, in cents.
    monthly INTEGER NOT NULL CHECK (monthly >= 0),
    -- When the difference is due, once it has ended.
    settled_on TEXT,
    joined_by INTEGER REFERENCES person (id),
    form_key TEXT NOT NULL,
    UNIQUE (account_id, form_key),
    CHECK ((until IS NULL) = (settled_on IS NULL))
) STRICT;
CREATE UNIQUE INDEX budget_plan_active ON budget_plan (account_id) WHERE until IS NULL;

CREATE TABLE deposit (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    taken_on TEXT NOT NULL,
    taken_by INTEGER REFERENCES person (id),
    note TEXT NOT NULL,
    released_on TEXT,
    -- Interest that was given with it, in cents.
    interest INTEGER NOT NULL,
    -- Why it was released: three sound years, or the account was closed, or an employee decided.
    outcome TEXT CHECK (outcome IN ('sound', 'closed', 'staff')),
    form_key TEXT NOT NULL,
    UNIQUE (account_id, form_key)
) STRICT;
