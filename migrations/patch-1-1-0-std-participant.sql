-- Who takes part, and where. A participant is known by a number within the study, never by name.

CREATE TABLE participant (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    study       text NOT NULL CONSTRAINT participant_study REFERENCES study,
    site        text NOT NULL CONSTRAINT participant_site REFERENCES site,
    number      text NOT NULL CONSTRAINT participant_number_given CHECK (btrim(number) <> ''),
    birth_year  integer NOT NULL CONSTRAINT participant_birth_year CHECK (birth_year BETWEEN 1900 AND 2100),
    enrolled_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT participant_known_once UNIQUE (study, number)
);

CREATE INDEX participant_by_site ON participant (site, enrolled_at);

-- A closed study takes nobody in.
CREATE FUNCTION participant_needs_open_study() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (SELECT FROM study WHERE code = NEW.study AND closed_at <= now()) THEN
        RAISE EXCEPTION 'study % is closed', NEW.study
            USING ERRCODE = 'check_violation', CONSTRAINT = 'participant_needs_open_study';
    END IF;
    RETURN NEW;
END
$body$;

CREATE TRIGGER participant_needs_open_study
    BEFORE INSERT ON participant
    FOR EACH ROW EXECUTE FUNCTION participant_needs_open_study();
