"""Polling that learns: durations, the price of a look, and sweeps of the list."""

from pathlib import Path

from alembic import op

from syncd.db.admin.schema import run_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    run_script(op.get_bind(), HERE / "0002_polling.sql")


def downgrade() -> None:
    run_script(op.get_bind(), HERE / "0002_polling_down.sql")
