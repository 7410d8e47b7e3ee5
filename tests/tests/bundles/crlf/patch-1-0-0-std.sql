-- Studies.
CREATE TABLE study (
  id bigint PRIMARY KEY,
  title text DEFAULT 'a
b'
);
