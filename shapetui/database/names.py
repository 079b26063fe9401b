"""How a database on the embedded server is named; apart from the rest, which needs psycopg."""

from __future__ import annotations

import re
from typing import Final

EMBEDDED: Final = "embedded:"
# PostgreSQL cuts names after 63 bytes.
EMBEDDED_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,62}")
