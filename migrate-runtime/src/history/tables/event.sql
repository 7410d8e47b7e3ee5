-- What happened beside the patches themselves: failures, and what was noticed. It is read by people, in the
-- order of time, so it has neither key nor index; and it is made when there is something to write into it.
CREATE TABLE IF NOT EXISTS {schema}.event (
    happened_at timestamptz NOT NULL,
    what        text        NOT NULL,
    bundle      text,
    version     integer[],
    detail      text,
    application text,
    revision    text
);
