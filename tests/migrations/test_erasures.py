"""Revision 0008 keeps what was erased before it from being tracked again."""

from syncd.db.admin import schema
from syncd.db.engine import make_engine

ERASED, OTHER = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"


def test_what_was_erased_before_stays_erased(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    schema.migrate(engine, "0007")
    with engine.begin() as connection:
        for id_ in (ERASED, OTHER):
            connection.exec_driver_sql(
                "insert into recall.transcripts (transcript_id, workspace, first_seen_at) values (%s, 'acme', now())",
                (id_,),
            )
            for _ in range(2):  # as by a later erasure of the same id, tracked again in between
                connection.exec_driver_sql(
                    "insert into recall.events (transcript_id, workspace, kind, occurred_at)"
                    " values (%s, 'acme', 'erased', now())",
                    (id_,),
                )
        connection.exec_driver_sql("delete from recall.transcripts where transcript_id = %s", (ERASED,))
    schema.migrate(engine)
    with engine.begin() as connection:
        kept = connection.exec_driver_sql(
            "select transcript_id::text, workspace, row_count from recall.erasures"
        ).all()
        tracked = [
            connection.exec_driver_sql("select recall.track(%s)", (id_,)).scalar_one() for id_ in (ERASED, OTHER)
        ]
    engine.dispose()
    assert ([tuple(row) for row in kept], tracked) == ([(ERASED, "acme", 0)], [False, False])
