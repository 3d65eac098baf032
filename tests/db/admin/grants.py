"""What the tests of `syncd grants` share."""

import pytest

READABLE = """
    select c.oid::regclass::text, string_agg(quote_ident(a.attname), ', ' order by a.attnum)
    from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'recall'::regnamespace and c.relkind in ('r', 'v')
      and c.oid::regclass::text || '.' || a.attname <> 'recall.payloads.content'
    group by 1 order by 1
"""


ISOLATED = pytest.mark.parametrize("workspace", [None, "default"], ids=["everything", "isolated"])
