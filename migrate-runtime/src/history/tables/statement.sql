-- The statements of concurrent patches. It is made when there is something to write into it.
CREATE TABLE IF NOT EXISTS {schema}.statement (
    -- The patch's row in the history, and the statement's number in it, from 1.
    position   bigint      NOT NULL,
    number     integer     NOT NULL,
    -- SHA-256 of the statement's text.
    checksum   text        NOT NULL,
    started_at timestamptz NOT NULL,
    -- Null: it may be under way, or was interrupted.
    ended_at   timestamptz,
    -- The process that runs it, or ran it.
    pid        integer     NOT NULL,
    -- What the catalog showed before it was started, where it can't run in a transaction.
    before     text,
    -- Of a batched statement: the key up to which it is done, the one at which it ends, and how many rows it changed.
    reached    text,
    last       text,
    changed    bigint,
    PRIMARY KEY (position, number)
);
