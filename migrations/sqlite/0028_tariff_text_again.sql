-- A text that was in force before may take the place of the one that followed it.
CREATE TABLE tariff_file_new (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    imported_at TEXT NOT NULL
) STRICT;
INSERT INTO tariff_file_new SELECT id, code, hash, body, imported_at FROM tariff_file;
DROP TABLE tariff_file;
ALTER TABLE tariff_file_new RENAME TO tariff_file;
CREATE INDEX tariff_file_code ON tariff_file (code, id);
