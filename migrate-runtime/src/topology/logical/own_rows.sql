-- Each node of a replicated set has a history of its own. Where the publisher's is published with all other tables, its
-- rows come here too: as replicated ones only, and those are passed over.
CREATE OR REPLACE FUNCTION {schema}.own_rows() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $own$ BEGIN RETURN NULL; END $own$;
DO $own$
DECLARE
    own regclass;
BEGIN
    FOR own IN
        SELECT c.oid
          FROM pg_catalog.pg_class AS c
         WHERE c.relnamespace OPERATOR(pg_catalog.=) {name}::pg_catalog.regnamespace
           AND c.relname OPERATOR(pg_catalog.=) ANY (ARRAY['patch', 'bundle', 'event', 'statement', 'catalog'])
           AND c.relkind OPERATOR(pg_catalog.=) 'r'
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                            WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid AND t.tgname OPERATOR(pg_catalog.=) 'own_rows')
    LOOP
        EXECUTE pg_catalog.format('CREATE TRIGGER own_rows BEFORE INSERT OR UPDATE OR DELETE ON %s '
                                  'FOR EACH ROW EXECUTE FUNCTION {schema}.own_rows()', own);
        EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE REPLICA TRIGGER own_rows', own);
    END LOOP;
END $own$;
