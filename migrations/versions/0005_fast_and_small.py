"""Less to read, to write and to keep, for the same answers."""

from pathlib import Path

from alembic import op

from syncd.db.admin.revision import MIGRATIONS
from syncd.db.admin.schema import run_script

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    # a generated column calls them, so they must be there before the other functions and views are
    for name in ("search_lower", "search_signs", "search_text", "search_vector"):
        run_script(op.get_bind(), MIGRATIONS / "views" / f"{name}.sql")
    run_script(op.get_bind(), HERE / "0005_fast_and_small.sql")
    run_script(op.get_bind(), HERE / "0005_views.sql")


def downgrade() -> None:
    run_script(op.get_bind(), HERE / "0005_fast_and_small_down.sql")
