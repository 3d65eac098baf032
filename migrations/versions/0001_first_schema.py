"""The first schema: queue and budgets, and the tables an analyst reads."""

from pathlib import Path

from alembic import op

from syncd.db.admin.schema import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    run_script(op.get_bind(), HERE / "0001_first_schema.sql")


def downgrade() -> None:
    run_script(op.get_bind(), HERE / "0001_first_schema_down.sql")
