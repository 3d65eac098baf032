"""What is found by a search, and how it is kept."""

from pathlib import Path

from alembic import op

from syncd.db.admin.schema import run_script

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    run_script(op.get_bind(), HERE / "0007_search_and_storage.sql")


def downgrade() -> None:
    run_script(op.get_bind(), HERE / "0007_search_and_storage_down.sql")
