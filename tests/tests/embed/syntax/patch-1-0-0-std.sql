SELECT 1;

  CREAT TABLE study (id bigint);
