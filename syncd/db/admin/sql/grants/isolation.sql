
-- 5. The rows of one workspace. What the owner creates later stays closed to this analyst until these grants are
--    printed and run again: a new table has no policy yet.
alter default privileges for role {owner} in schema recall revoke select on tables from {analyst};
-- Row level security, once it is on, shows no row to a role without a policy. Run `syncd grants --analyst NAME` for
-- every other role that reads, with or without --workspace. The owner and superusers are not concerned.
set local client_min_messages = warning;
