-- What some employees may do beyond what every employee may.

CREATE TABLE staff_permission (
    person_id BIGINT NOT NULL REFERENCES person (id),
    permission TEXT NOT NULL CHECK (permission IN ('refunds')),
    granted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (person_id, permission)
);
