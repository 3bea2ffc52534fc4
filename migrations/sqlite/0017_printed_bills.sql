-- Bills that were printed to be mailed: which batch, and where in its files, so that an envelope can be found again.

CREATE TABLE print_batch (
    id INTEGER PRIMARY KEY,
    made_at TEXT NOT NULL,
    -- Bills that were issued on these days, both included.
    issued_from TEXT NOT NULL,
    issued_through TEXT NOT NULL
) STRICT;

CREATE TABLE bill_print (
    bill_id INTEGER PRIMARY KEY REFERENCES bill (id),
    batch_id INTEGER NOT NULL REFERENCES print_batch (id),
    -- The number of the file in the batch, and of the bill's first page in the file; both from 1.
    file INTEGER NOT NULL,
    first_page INTEGER NOT NULL,
    pages INTEGER NOT NULL
) STRICT;
CREATE INDEX bill_print_batch ON bill_print (batch_id, file, first_page);
