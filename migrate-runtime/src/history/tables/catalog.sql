-- What the last run of a bundle with facts left in the database: one row, which the server writes and compresses by
-- itself. It is made when there is something to write into it; no boot reads it.
CREATE TABLE IF NOT EXISTS {schema}.catalog (
    taken_at    timestamptz NOT NULL,
    taken_by    text        NOT NULL,
    application text,
    revision    text,
    -- The last row of the history when it was taken: later ones are of runs that did not come to their end.
    position    bigint      PRIMARY KEY,
    -- server_version_num: another major version prints otherwise.
    server      integer     NOT NULL,
    -- SHA-256 of the queries whose rows `contents` holds, kind by kind.
    format      text        NOT NULL,
    contents    text        NOT NULL
);
