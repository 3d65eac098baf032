-- The functions of schema recall that can be called; the ones that belong to triggers are nobody's to call.
select
    made.proname::text as name,
    pg_get_function_arguments(made.oid) as arguments,
    pg_get_function_result(made.oid) as result,
    coalesce(obj_description(made.oid, 'pg_proc'), '') as purpose
from pg_proc as made
where made.pronamespace = 'recall'::regnamespace
  and made.prokind in ('f', 'w')
  and made.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
order by made.proname::text collate "C", pg_get_function_arguments(made.oid) collate "C";
