SELECT {slony}.ddlcapture({text}, NULL::pg_catalog.text);
UPDATE {slony}.sl_log_script AS s
   SET log_actionseq = pg_catalog.nextval({numbers}::pg_catalog.regclass)
 WHERE s.log_txid OPERATOR(pg_catalog.=) pg_catalog.txid_current()
   AND s.log_actionseq OPERATOR(pg_catalog.=) (SELECT pg_catalog.max(l.log_actionseq)
                                                 FROM {slony}.sl_log_script AS l
                                                WHERE l.log_txid OPERATOR(pg_catalog.=) pg_catalog.txid_current());
