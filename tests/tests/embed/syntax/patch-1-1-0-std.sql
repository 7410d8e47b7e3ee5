CREATE TABLE study (
  id bigint,
  title text NOT NUL
);
