-- Amounts over a day or longer were kept here and shown nowhere. They are refused now, with the reason, and kept as refused records.
DROP TABLE period_use;
