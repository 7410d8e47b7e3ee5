ALTER TABLE visit ADD note text;
