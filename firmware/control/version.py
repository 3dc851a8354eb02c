"""Which release this is."""

from importlib import metadata


def version() -> str:
    """Return the release, `unknown` where the package is not installed."""
    try:
        return metadata.version("busyhour")
    except metadata.PackageNotFoundError:
        return "unknown"
