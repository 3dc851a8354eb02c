r"""What single values of a configuration may be: numbers, names, sounds, places a caller is sent to.

A pattern ends with \Z, since $ would let a newline through. What a description says is what somebody reads whose value
was refused.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Number = Annotated[
    str, Meta(pattern=r"^[0-9]{1,15}\Z", description="1 to 15 digits", extra={"code": "digits", "least": 1, "most": 15})
]
ExtensionNumber = Annotated[
    str, Meta(pattern=r"^[0-9]{2,8}\Z", description="2 to 8 digits", extra={"code": "digits", "least": 2, "most": 8})
]
Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_-]{0,31}\Z",
        description="a small letter, then up to 31 of a-z 0-9 _ -",
        extra={"code": "name"},
    ),
]
Text = Annotated[
    str,
    Meta(
        pattern="^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]{0,80}\\Z",
        description="up to 80 characters, no control characters",
        extra={"code": "line", "most": 80},
    ),
]
Seconds = Annotated[
    float, Meta(ge=0, le=86400, description="0 to 86400 seconds", extra={"code": "seconds", "least": 0, "most": 86400})
]
# What somebody dials for it: the feature codes
Code = Annotated[
    str,
    Meta(pattern=r"^[*#][0-9*#]{1,5}\Z", description="* or #, then 1 to 5 of 0-9 * #", extra={"code": "feature-code"}),
]
# `queue:service`, `flow:main`, `extension:201`, `number:10086` (outside), `hangup`
DestinationName = Annotated[
    str,
    Meta(
        pattern=r"^((queue|flow):[a-z][a-z0-9_-]{0,31}|extension:[0-9]{2,8}|number:[0-9]{1,20}|hangup)\Z",
        description="queue:NAME, flow:NAME, extension:NUMBER, number:DIGITS or hangup",
        extra={"code": "destination"},
    ),
]
# Where the fax machine is: at an extension, or at a number outside that a rule leads there
FaxName = Annotated[
    str,
    Meta(
        pattern=r"^(extension:[0-9]{2,8}|number:[0-9]{1,20})?\Z",
        description="extension:NUMBER or number:DIGITS, or nothing",
        extra={"code": "fax"},
    ),
]
KeyTarget = Annotated[
    str,
    Meta(
        pattern=r"^((queue|flow):[a-z][a-z0-9_-]{0,31}|extension:[0-9]{2,8}|number:[0-9]{1,20}|hangup|repeat)\Z",
        description="queue:NAME, flow:NAME, extension:NUMBER, number:DIGITS, hangup or repeat",
        extra={"code": "destination"},
    ),
]
# A built-in prompt (`welcome`), one language's (`zh/welcome`), or a file of the prompts folder (`file:ours.wav`)
SoundName = Annotated[
    str,
    Meta(
        pattern=r"^(((zh|en)/)?[a-z0-9][a-z0-9_-]{0,63}|file:[^/\x00-\x1f]{1,120}\.wav)\Z",
        description="NAME, zh/NAME, en/NAME or file:NAME.wav",
        extra={"code": "sound"},
    ),
]
# What must be dialled to get outside of another exchange
AccessCode = Annotated[
    str, Meta(pattern=r"^[0-9]{0,5}\Z", description="up to 5 digits", extra={"code": "digits-up-to", "most": 5})
]
# A tone as a country's table writes it: frequencies together, on and off in turns
BusyTone = Annotated[
    str,
    Meta(
        pattern=r"^((([2-9][0-9]{2}|1[0-9]{3}|2[0-4][0-9]{2})(\+([2-9][0-9]{2}|1[0-9]{3}|2[0-4][0-9]{2})){0,3})"
        r"/[1-9][0-9]{1,3},0/[1-9][0-9]{1,3}"
        r"(,\2/[1-9][0-9]{1,3},0/[1-9][0-9]{1,3}){0,3})?\Z",
        description=(
            "HZ+HZ/ON_MS,0/OFF_MS as 480+620/250,0/250, up to 4 times, always the same frequencies, 200 to 2499"
        ),
        extra={"code": "busy-tone"},
    ),
]
# How far an extension may call, each with all before it
Rights = Literal["internal", "local", "national", "international"]
Language = Literal["zh", "en"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Common shape: unknown keys are refused."""
