-- migrate: min-app 2.0.0
DROP TABLE visit;
