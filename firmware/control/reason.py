"""Why somebody does something: a line on record, beside who and when."""

from typing import Annotated

from msgspec import Meta

_SEEN = "[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]"
# What is done often, where a word is a courtesy
Reason = Annotated[
    str, Meta(pattern=f"^{_SEEN}{{0,200}}\\Z", description="up to 200 characters, no control characters")
]
# What concerns a caller's data, where the law wants a reason
Why = Annotated[
    str,
    Meta(pattern=f"^{_SEEN}{{3,200}}\\Z", description="3 to 200 characters that say why, no control characters"),
]
