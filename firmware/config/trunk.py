"""A SIP trunk as an installer sets it up, and what of it a profile may set in their stead."""

from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

from drivers.link import manner
from firmware.config.values import AccessCode, Name, Number, Part

Srtp = Literal["off", "offer", "require"]
# How a number is written to the far end: as dialled or configured, +861088886666, 861088886666, 01088886666
Format = Literal["unchanged", "plus", "digits", "national"]
Domain = Annotated[str, Meta(max_length=253)]
Port = Annotated[int, Meta(ge=1, le=65535)]
SessionTimer = Annotated[
    int,
    Meta(
        description="0 for none, or 90 to 86400 seconds", ge=0, le=86400,
        extra={"code": "session-timer", "least": 90, "most": 86400},
    ),
]  # fmt: skip
RegisterFor = Annotated[int, Meta(ge=60, le=86400, description="60 to 86400 seconds")]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a profile sets; what it leaves out is as here. See drivers.link.manner and Trunk for what is not told.

    `called_format` is how numbers that are called are written to it, `caller_format` the numbers of ours that it is
    shown. One that is not valid in the box's country's plan, as a service number, is sent as it is.
    """

    domain: Domain = ""
    register: bool = False
    transport: manner.Transport = "udp"
    port: int = 5060
    did_from: manner.DidFrom = "request"
    caller_from: manner.CallerFrom = "asserted"
    sender: manner.Sender = "number"
    caller_in: manner.CallerIn = "from"
    presentation: manner.Presentation = "shown"
    called_format: Format = "unchanged"
    caller_format: Format = "unchanged"
    dtmf: manner.Dtmf = "rfc4733"
    early_media: bool = False
    prack: manner.Prack = "off"
    session_timer_s: SessionTimer = 600
    codecs: list[manner.Codec] = []
    keep_alive: manner.KeepAlive = "options"
    register_s: RegisterFor = 600
    gin: bool = False
    authorize_first: bool = False


def _own() -> Any:
    """Return the settings as a trunk has them itself: null, or empty where they may be that, is as its profile says."""
    hints = get_type_hints(Settings, include_extras=True)
    fields: list[tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(Settings):
        if field.default == "":
            fields.append((field.name, hints[field.name], ""))
        elif field.default_factory is list:
            fields.append((field.name, hints[field.name], []))
        else:
            fields.append((field.name, hints[field.name] | None, None))
    return msgspec.defstruct("Own", fields, frozen=True, kw_only=True)


Own = _own()


class Trunk(Part, Own, frozen=True):  # type: ignore[misc, valid-type]  # made of Settings
    """A SIP carrier, a gateway or another PBX. Calls are taken from `addresses` (CIDR or single; the host's if empty).

    `host` is where its packets go; `domain` what its numbers belong to, where that is not the host. `auth_name` is the
    name that `secret` is for, where that is not `username`: an IMS has a private identity beside the number.

    `profile` names what is usual with a carrier or a kind of gateway (firmware/config/profiles.toml); of all Settings
    those that are null here, or empty, are as it has them.

    Trunks may share addresses where whom a call is for tells whose it is: their `numbers`, or the `username` each
    registers as. A call there for none of these is taken for the first such trunk's.
    `numbers` are also the only ones that may be shown to whom is called; an extension without one of its own shows the
    first. `access_code` is what must be dialled to get outside, where the trunk leads to another PBX first.
    `srtp`: calls to it are plain (`off`), leave the choice to it (`offer`: keys in an offer of plain voice), or are
    encrypted or not at all (`require`, in both directions). A call from it is encrypted wherever it offers that.
    With `tls` its calls come by TLS, too, and by nothing else. Its certificate must be made out to `host`, and vouched
    for by `authority`, certificates as PEM, or where that is empty by one that this system trusts.
    """

    name: Name
    host: Annotated[str, Meta(max_length=253)]
    profile: Annotated[str, Meta(max_length=64)] = ""
    authority: Annotated[str, Meta(max_length=20000)] = ""
    srtp: Srtp = "off"
    addresses: list[str] = []
    username: Annotated[
        str,
        Meta(
            pattern=r"^[!#-9;=?-Z_a-z~^+]{0,128}\Z",
            description="up to 128 characters of a SIP user name",
            extra={"code": "sip-user"},
        ),
    ] = ""
    auth_name: Annotated[
        str,
        Meta(
            pattern=r"^[!#-\[\]-~]{0,128}\Z",
            description='up to 128 printable ASCII characters without spaces, " and \\',
            extra={"code": "auth-name"},
        ),
    ] = ""
    secret: Annotated[
        str,
        Meta(
            pattern=r"^[ -~]{0,128}\Z",
            description="up to 128 printable ASCII characters",
            extra={"code": "ascii", "least": 0, "most": 128},
        ),
    ] = ""
    numbers: list[Number] = []
    channels: Annotated[int, Meta(ge=1, le=500)] = 30
    access_code: AccessCode = ""
