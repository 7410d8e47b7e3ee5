-- The studies that the clinic runs, and the sites that take part in them.

CREATE TABLE study (
    code      text PRIMARY KEY CONSTRAINT study_code_form CHECK (code ~ '^[A-Z]{2,8}-[0-9]{1,4}$'),
    title     text NOT NULL CONSTRAINT study_title_given CHECK (btrim(title) <> ''),
    phase     smallint CONSTRAINT study_phase_known CHECK (phase BETWEEN 1 AND 4),
    target    integer NOT NULL CONSTRAINT study_target_positive CHECK (target > 0),
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    CONSTRAINT study_closes_after_it_opens CHECK (closed_at > opened_at)
);

CREATE TABLE site (
    code    text PRIMARY KEY,
    name    text NOT NULL,
    country text NOT NULL CONSTRAINT site_country_form CHECK (country ~ '^[A-Z]{2}$')
);

COMMENT ON COLUMN study.target IS 'how many participants the study wants';

INSERT INTO site (code, name, country) VALUES
    ('BER', 'Berlin, Charité', 'DE'),
    ('LEI', 'Leiden, LUMC', 'NL'),
    ('LYO', 'Lyon, Croix-Rousse', 'FR');
