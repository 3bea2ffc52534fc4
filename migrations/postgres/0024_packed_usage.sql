-- Usage in the order it comes, and packed in the order it is read. A delivery brings a day of many registers: new days stand
-- together by day. Charts and bills read many days of one register: once no more is expected of a stretch of ten days, a
-- register's days in it become one row. A day is in one of both tables, never in both; `check` proves it, and that registers
-- and deliveries are there: a link proved for every row would cost more than the row.
--
-- Both are partitioned by time: usage_day by stretches of ten days, so that what was packed goes with its partition and leaves
-- nothing to clean up; usage_pack by 36 stretches, about a year, so that what is given up does.

ALTER TABLE usage_change DROP CONSTRAINT usage_change_register_id_day_fkey;
ALTER TABLE usage_day RENAME TO usage_day_before;
ALTER TABLE usage_day_before RENAME CONSTRAINT usage_day_pkey TO usage_day_before_pkey;

CREATE TABLE usage_day (
    -- Days since 1970-01-01.
    day BIGINT NOT NULL,
    register_id BIGINT NOT NULL,
    -- Of the values, in the block's unit and power of ten.
    sum BIGINT NOT NULL,
    -- Counts changes of a value; filling a hole is none.
    version BIGINT NOT NULL,
    -- Which delivery brought the day first; later ones are in usage_change.
    delivery_id BIGINT NOT NULL,
    block BYTEA NOT NULL,
    PRIMARY KEY (register_id, day)
) PARTITION BY RANGE (day);

-- Ten days of one register; see store::pack.
CREATE TABLE usage_pack (
    register_id BIGINT NOT NULL,
    -- Tens of days since 1970-01-01.
    stretch BIGINT NOT NULL,
    -- The last day that has data.
    last_day BIGINT NOT NULL,
    days BYTEA NOT NULL,
    PRIMARY KEY (register_id, stretch)
) PARTITION BY RANGE (stretch);

-- Which days usage_day holds ('day'), and which stretches usage_pack does ('pack').
CREATE TABLE usage_part (
    kind TEXT NOT NULL CHECK (kind IN ('day', 'pack')),
    number BIGINT NOT NULL,
    PRIMARY KEY (kind, number)
);

-- Before this day usage was given up (retention); one row at most.
CREATE TABLE usage_given_up (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    before_day BIGINT NOT NULL
);

-- Makes the partition that a part of usage is kept in, should it not be there. ATTACH lets readers and writers go on.
CREATE FUNCTION usage_room(part_kind TEXT, part_stretch BIGINT) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    parent TEXT := CASE part_kind WHEN 'day' THEN 'usage_day' ELSE 'usage_pack' END;
    -- A number below zero is before 1970.
    nth BIGINT := CASE part_kind WHEN 'day' THEN part_stretch ELSE floor(part_stretch / 36.0)::BIGINT END;
    size BIGINT := CASE part_kind WHEN 'day' THEN 10 ELSE 36 END;
    child TEXT := replace(parent || '_' || nth, '-', 'm');
BEGIN
    IF to_regclass(child) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(541701);
    IF to_regclass(child) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child, parent);
    -- Packed values do not get smaller.
    EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET STORAGE EXTERNAL', child,
                   CASE part_kind WHEN 'day' THEN 'block' ELSE 'days' END);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, child, nth * size,
                   (nth + 1) * size);
END $$;

-- Drops partitions of usage_day whose days are all packed, and of usage_pack whose stretches are all given up. A reader that
-- began earlier may still need them: they are looked for when the next packing begins. Answers how many went.
CREATE FUNCTION usage_sweep() RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    part RECORD;
    empty BOOLEAN;
    gone BIGINT := 0;
BEGIN
    -- No writer may be on its way into a partition (store::pack::hold).
    PERFORM pg_advisory_xact_lock(541702);
    SET LOCAL lock_timeout = '200ms';
    FOR part IN
        SELECT c.relname AS child, p.relname AS parent,
               replace(substring(c.relname FROM '_(m?[0-9]+)$'), 'm', '-')::BIGINT AS nth
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
        WHERE p.relname IN ('usage_day', 'usage_pack') AND p.relkind = 'p'
    LOOP
        IF part.parent = 'usage_day' THEN
            CONTINUE WHEN EXISTS (SELECT 1 FROM usage_part WHERE kind = 'day'
                                  AND number >= part.nth * 10 AND number < (part.nth + 1) * 10);
        ELSE
            CONTINUE WHEN EXISTS (SELECT 1 FROM usage_part WHERE kind = 'pack'
                                  AND number >= part.nth * 36 AND number < (part.nth + 1) * 36);
        END IF;
        BEGIN
            EXECUTE format('SELECT NOT EXISTS (SELECT 1 FROM %I)', part.child) INTO empty;
            IF empty THEN
                EXECUTE format('DROP TABLE %I', part.child);
                gone := gone + 1;
            END IF;
        EXCEPTION WHEN lock_not_available THEN
            NULL; -- Someone reads: next time.
        END;
    END LOOP;
    RETURN gone;
END $$;

SELECT usage_room('day', s) FROM (SELECT DISTINCT floor(day / 10.0)::BIGINT AS s FROM usage_day_before) d;
INSERT INTO usage_day (day, register_id, sum, version, delivery_id, block)
SELECT day, register_id, sum, version, delivery_id, block FROM usage_day_before ORDER BY day, register_id;
INSERT INTO usage_part SELECT DISTINCT 'day', day FROM usage_day_before;
DROP TABLE usage_day_before;
