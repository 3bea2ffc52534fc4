-- A bank may send money back days after it settled: the payment was taken, and returned.

ALTER TABLE payment ADD COLUMN returned_at TIMESTAMPTZ;
