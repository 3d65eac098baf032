-- The policies that decide which rows of schema recall somebody sees.
select
    policy.tablename::text as relation,
    policy.policyname::text as name,
    lower(policy.cmd) as command,
    array_to_string(policy.roles, ', ') as roles,
    policy.qual as condition
from pg_policies as policy
where policy.schemaname = 'recall'
order by policy.tablename::text collate "C", policy.policyname::text collate "C";
