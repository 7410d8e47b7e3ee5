-- migrate: lock-timeout soon
-- migrate: statement-timeout 2 parsecs
-- migrate: min-app one
-- migrate: allow drop-column
-- migrate: requires audit
-- migrate: requires
-- migrate: irreversible
SELECT 1;
