-- The history of applied patches. These tables only grow: an older binary must be able to read them. A first boot
-- makes them, so each has only what keeps it right: an index more is half a millisecond.
CREATE TABLE patch (
    -- The order of application over all bundles. Each row names the one before it, which is looked up when it is
    -- written and null where it isn't there, so that no row can be written unless its predecessor was committed. The
    -- check makes the predecessor unique as well, and with it the version in its bundle.
    position    bigint      PRIMARY KEY,
    previous    bigint,
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
    CONSTRAINT patch_previous_ck CHECK (
        previous IS NOT DISTINCT FROM NULLIF(position - 1, 0)
    )
);

-- One row a bundle: what a boot has to read when there is nothing to do. A new connection loads all that hangs
-- on it, and the planner looks up each column that is asked for: so it has no defaults, no foreign key, no index, few
-- columns, and texts too short for a table of their own. That there is one row a bundle is the writer's care, who has
-- the migration lock, and the reader's, who believes no two of them.
CREATE TABLE bundle (
    name       varchar(63)  NOT NULL,
    -- SHA-256 over the versions, kinds and tokens of the bundle's patches up to its head; the head, or `none`; the
    -- oldest binary that may run, or `any`. `interrupted` stands before them while less than that is known.
    patches    varchar(160) NOT NULL,
    -- The last row of the history when this one was written: looked up, and null if it isn't there.
    position   bigint       NOT NULL,
    updated_at timestamptz  NOT NULL,
    -- The revision of the facts that were deployed last: its number, its digest, and how far it is.
    facts      varchar(96)
);
-- A table without a key can't be updated where it is published, unless its rows are told apart by all that they hold.
ALTER TABLE bundle REPLICA IDENTITY FULL;
