-- Typing errors put visits into the last century. They are mended once; that none follow is a fact.

UPDATE visit
   SET made_on = (made_on + INTERVAL '100 years')::date
 WHERE made_on < DATE '2000-01-01';
