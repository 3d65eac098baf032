
-- 3. The writer is the daemon, and the other commands: it reads and writes rows. It creates, changes and drops nothing.
grant usage on schema recall, syncd to {writer};
grant select, insert, update, delete on all tables in schema recall, syncd to {writer};
revoke insert, update, delete on syncd.alembic_version from {writer};
grant usage, select on all sequences in schema recall, syncd to {writer};
-- Postgres lets everybody execute new functions, and recall.track() works with its owner's rights.
revoke execute on all routines in schema recall, syncd from public;
grant execute on all routines in schema recall, syncd to {writer};
-- The same for whatever the owner creates later.
alter default privileges for role {owner} in schema recall, syncd
    grant select, insert, update, delete on tables to {writer};
alter default privileges for role {owner} in schema recall, syncd grant usage, select on sequences to {writer};
alter default privileges for role {owner} revoke execute on functions from public;
alter default privileges for role {owner} in schema recall, syncd grant execute on functions to {writer};
