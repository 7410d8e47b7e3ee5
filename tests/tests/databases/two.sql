CREATE TABLE site (name text);
INSERT INTO site VALUES ('Leipzig'), ('Halle');
