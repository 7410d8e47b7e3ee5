INSERT INTO site VALUES ('Jena');
