DROP TABLE study;
