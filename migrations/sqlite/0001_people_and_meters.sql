-- People, accounts, premises, service points, meters, registers and agreements, each link with its instants.

CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('resident', 'staff')),
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    -- Lower case, for search and sorting on both engines alike.
    search_name TEXT NOT NULL,
    email TEXT,
    email_normal TEXT UNIQUE,
    phone TEXT,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    -- The name printed on the bill: a person's or a firm's.
    name TEXT NOT NULL,
    search_name TEXT NOT NULL,
    opened_on TEXT NOT NULL,
    closed_on TEXT,
    -- Day of month on which the meters of the account are read for the bill.
    cycle_day INTEGER NOT NULL CHECK (cycle_day BETWEEN 1 AND 28),
    paperless INTEGER NOT NULL,
    mailing_street TEXT NOT NULL,
    mailing_city TEXT NOT NULL,
    mailing_postcode TEXT NOT NULL
) STRICT;

CREATE TABLE account_role (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    role TEXT NOT NULL CHECK (role IN ('holder', 'guest')),
    since TEXT NOT NULL,
    until TEXT
) STRICT;
CREATE INDEX account_role_account ON account_role (account_id);
CREATE INDEX account_role_person ON account_role (person_id);

CREATE TABLE premise (
    id INTEGER PRIMARY KEY,
    street TEXT NOT NULL,
    city TEXT NOT NULL,
    postcode TEXT NOT NULL,
    search_street TEXT NOT NULL,
    -- IANA name; makes the local days of all service points here.
    zone TEXT NOT NULL
) STRICT;

CREATE TABLE service_point (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    premise_id INTEGER NOT NULL REFERENCES premise (id),
    commodity TEXT NOT NULL CHECK (commodity IN ('electricity', 'gas', 'water'))
) STRICT;
CREATE INDEX service_point_premise ON service_point (premise_id);

CREATE TABLE meter (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    commodity TEXT NOT NULL CHECK (commodity IN ('electricity', 'gas', 'water')),
    UNIQUE (number, commodity)
) STRICT;

CREATE TABLE register (
    id INTEGER PRIMARY KEY,
    meter_id INTEGER NOT NULL REFERENCES meter (id),
    direction TEXT NOT NULL CHECK (direction IN ('delivered', 'received', 'net')),
    -- What a stored number counts: value * 10^exponent of this unit.
    unit TEXT NOT NULL,
    exponent INTEGER NOT NULL,
    -- Seconds between readings of the interval channel: 900 or 3600.
    interval_seconds INTEGER NOT NULL,
    -- Digits of the cumulative dial before it rolls over.
    dial_digits INTEGER NOT NULL,
    UNIQUE (meter_id, direction)
) STRICT;

CREATE TABLE meter_installation (
    id INTEGER PRIMARY KEY,
    meter_id INTEGER NOT NULL REFERENCES meter (id),
    service_point_id INTEGER NOT NULL REFERENCES service_point (id),
    since TEXT NOT NULL,
    until TEXT
) STRICT;
CREATE INDEX meter_installation_meter ON meter_installation (meter_id);
CREATE INDEX meter_installation_point ON meter_installation (service_point_id);

CREATE TABLE service_agreement (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    premise_id INTEGER NOT NULL REFERENCES premise (id),
    service_point_id INTEGER REFERENCES service_point (id),
    service TEXT NOT NULL CHECK (service IN ('electricity', 'gas', 'water', 'wastewater', 'refuse', 'storm')),
    -- The rate schedule, such as E-1.
    schedule TEXT NOT NULL,
    -- Facts the schedule needs: ERU, cart, meter size, assistance.
    facts TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT
) STRICT;
CREATE INDEX service_agreement_account ON service_agreement (account_id);
CREATE INDEX service_agreement_premise ON service_agreement (premise_id);
CREATE INDEX service_agreement_point ON service_agreement (service_point_id);
