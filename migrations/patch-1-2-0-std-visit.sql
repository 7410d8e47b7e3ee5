-- The visits that a participant makes, each of a kind that the protocol knows.

CREATE TABLE visit_kind (
    code  text PRIMARY KEY,
    title text NOT NULL,
    day   integer NOT NULL
);

COMMENT ON COLUMN visit_kind.day IS 'counted from enrolment, which is day 0';

INSERT INTO visit_kind (code, title, day) VALUES
    ('screening', 'Screening', -14),
    ('baseline', 'Baseline', 0),
    ('week-4', 'Follow-up after 4 weeks', 28),
    ('week-12', 'Follow-up after 12 weeks', 84),
    ('closing', 'Closing visit', 168);

CREATE TABLE visit (
    participant bigint NOT NULL CONSTRAINT visit_participant REFERENCES participant,
    kind        text NOT NULL CONSTRAINT visit_kind REFERENCES visit_kind,
    made_on     date NOT NULL,
    PRIMARY KEY (participant, kind)
);
