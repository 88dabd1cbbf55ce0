"""One index of advices where there were two: every hint writes a page less.

Revision 0002, 2026-11-29.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Find what was shown by client, in the order of the log."""
    op.drop_index(op.f("ix_advices_seq"), table_name="advices")
    op.drop_index(op.f("ix_advices_client"), table_name="advices")
    op.create_index("advices_of_client", "advices", ["client", "seq"], unique=False)
