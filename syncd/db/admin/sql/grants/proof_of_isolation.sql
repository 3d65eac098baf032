union all
        select format('it can read all rows of %s', oid::regclass) from pg_class
        where relnamespace = 'recall'::regnamespace and relkind = 'r' and not relrowsecurity
          and has_any_column_privilege(analyst, oid, 'select')
