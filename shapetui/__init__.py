"""shapetui: the statistical shape of a production chat database, rebuilt as synthetic data and judged."""

from shapetui.version import __version__ as __version__
