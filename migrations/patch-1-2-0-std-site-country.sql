-- Countries as ISO 3166-1 writes them, before it becomes a fact.

UPDATE site
   SET country = upper(country)
 WHERE country <> upper(country);
