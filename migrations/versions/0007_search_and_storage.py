"""What is found by a search, and how it is kept."""

from pathlib import Path

from alembic import op

from syncd.db.admin.revision import MIGRATIONS
from syncd.db.admin.schema import run_script

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    for name in ("search_lower", "search_signs", "search_text"):  # what is indexed anew is read by them
        run_script(op.get_bind(), MIGRATIONS / "views" / f"{name}.sql")
    run_script(op.get_bind(), HERE / "0007_search_and_storage.sql")
    run_script(op.get_bind(), HERE / "0007_views.sql")


def downgrade() -> None:
    run_script(op.get_bind(), HERE / "0007_search_and_storage_down.sql")
    run_script(op.get_bind(), HERE / "0005_views.sql")
