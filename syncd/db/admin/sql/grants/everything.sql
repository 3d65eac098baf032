
-- 5. All rows. Tables and views that the owner creates later can be read at once; new functions, after the next run.
alter default privileges for role {owner} in schema recall grant select on tables to {analyst};
-- These policies mean something only where row level security is on, for the sake of an analyst of one workspace.
set local client_min_messages = warning;
