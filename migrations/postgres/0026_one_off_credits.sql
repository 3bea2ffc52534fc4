-- Credits that are given once: what for, and who gave them. The money is the journal's.
CREATE TABLE account_credit (
    journal_id BIGINT PRIMARY KEY REFERENCES journal (id),
    account_id BIGINT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('climate', 'pledge', 'back_bill', 'leak', 'goodwill')),
    note TEXT NOT NULL,
    given_by BIGINT NOT NULL REFERENCES person (id),
    given_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX account_credit_account ON account_credit (account_id);
