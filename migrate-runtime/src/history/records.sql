SELECT b.name, b.patches, b.facts FROM ONLY {schema}.bundle AS b
