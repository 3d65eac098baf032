-- Whether the caller may see a workspace. Views that run with their owner's rights ask it, for row level security does not
-- hold in them; a function runs with the rights of whoever reads the view.
create or replace function recall.sees_workspace(workspace text) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (select from recall.workspaces as seen where seen.workspace = sees_workspace.workspace)
$$;
