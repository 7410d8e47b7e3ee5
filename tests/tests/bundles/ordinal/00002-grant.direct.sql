GRANT SELECT ON study TO reader;
