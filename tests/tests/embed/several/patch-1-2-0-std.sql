-- migrate: wait 2s
VACUUM;
DROP TABLE a;
