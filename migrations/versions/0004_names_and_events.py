"""The field's words in the private tables; events are written by syncd and not by triggers."""

from pathlib import Path

from alembic import op

from syncd.db.admin.schema import run_script

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    run_script(op.get_bind(), HERE / "0004_names_and_events.sql")


def downgrade() -> None:
    run_script(op.get_bind(), HERE / "0004_names_and_events_down.sql")
