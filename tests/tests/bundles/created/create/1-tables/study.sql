-- Studies come first: visits name them.
CREATE TABLE study (
    code text PRIMARY KEY,
    title text NOT NULL
);
