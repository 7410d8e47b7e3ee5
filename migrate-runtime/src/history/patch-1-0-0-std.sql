-- The history of applied patches. These tables only grow: an older binary must be able to read them.
CREATE TABLE patch (
    -- The order of application over all bundles. Each row names the one before it, so that none can be
    -- written unless its predecessor was committed. The check makes the predecessor unique as well.
    position    bigint      PRIMARY KEY,
    previous    bigint      REFERENCES patch (position),
    bundle      text        NOT NULL,
    -- major, minor, point
    version     integer[]   NOT NULL,
    kind        text        NOT NULL,
    file        text        NOT NULL,
    checksum    text        NOT NULL,
    tokens      text        NOT NULL,
    -- The oldest binary that may run against the result, by where its bundle ends; null stands for any.
    min_app     integer[],
    draft       boolean     NOT NULL,
    baseline    boolean     NOT NULL,
    started_at  timestamptz NOT NULL,
    -- Null: interrupted, or still running.
    ended_at    timestamptz,
    application text,
    revision    text,
    applied_by  text        NOT NULL,
    CONSTRAINT patch_version_uk UNIQUE (bundle, version),
    CONSTRAINT patch_previous_ck CHECK (
        previous IS NOT DISTINCT FROM NULLIF(position - 1, 0)
    )
);

-- One row a bundle: what a boot has to read when there is nothing to do. A new connection loads all that hangs
-- on it: so it has no defaults, no foreign key and no arrays.
CREATE TABLE bundle (
    name        text        PRIMARY KEY,
    -- SHA-256 over the versions and tokens of the bundle's patches up to its head.
    digest      text        NOT NULL,
    -- Null where the bundle has facts and no patches.
    head        text,
    min_app     text,
    interrupted boolean     NOT NULL,
    -- The last row of the history when this one was written: looked up, and null if it isn't there.
    position    bigint      NOT NULL,
    updated_at  timestamptz NOT NULL,
    -- The revision of the facts that were deployed last: its number, its digest, and how far it is.
    facts       text
);

-- What happened beside the patches themselves: failures, and what was noticed. It is read by people, in the
-- order of time, so it has neither key nor index, which every first boot would make.
CREATE TABLE event (
    happened_at timestamptz NOT NULL,
    what        text        NOT NULL,
    bundle      text,
    version     integer[],
    detail      text,
    application text,
    revision    text
);
