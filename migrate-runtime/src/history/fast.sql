SELECT b.name, b.digest, b.head, b.min_app, b.interrupted
  FROM {schema}.bundle AS b
