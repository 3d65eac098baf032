-- Back to an empty database. alembic_version stays in schema syncd.
drop schema recall cascade;
drop table syncd.calls, syncd.queue, syncd.budgets, syncd.workspaces;
drop sequence syncd.lease_token;
