-- A text that was in force before may take the place of the one that followed it.
ALTER TABLE tariff_file DROP CONSTRAINT tariff_file_hash_key;
