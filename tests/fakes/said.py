"""What is wrong with nothing in particular, in words of the test's own."""

from drivers.link.messages import Wrong


def said(text: str = "so it is") -> Wrong:
    """Return what an alarm tells that has this detail in every language."""
    return Wrong("said", {"text": text})
