-- Typing errors put visits into the last century.

ALTER TABLE visit ADD CONSTRAINT visit_made_in_our_time CHECK (made_on >= DATE '2000-01-01') NOT VALID;
ALTER TABLE visit VALIDATE CONSTRAINT visit_made_in_our_time;
