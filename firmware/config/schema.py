"""The shape of a configuration: frozen structs, one list a noun, every default a good one."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Number = Annotated[str, Meta(pattern=r"^[0-9]{1,15}$", description="1 to 15 digits")]
ExtensionNumber = Annotated[str, Meta(pattern=r"^[0-9]{2,8}$", description="2 to 8 digits")]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$", description="a small letter, then up to 31 of a-z 0-9 _ -")]
Text = Annotated[str, Meta(max_length=80, description="up to 80 characters")]
Seconds = Annotated[float, Meta(ge=0, le=86400, description="0 to 86400 seconds")]
# `queue:service`, `flow:main`, `extension:201`, `number:10086` (outside), `hangup`
DestinationName = Annotated[
    str, Meta(pattern=r"^((queue|flow):[a-z][a-z0-9_-]{0,31}|(extension|number):[0-9]{1,20}|hangup)$",
              description="queue:NAME, flow:NAME, extension:NUMBER, number:DIGITS or hangup")
]
# A built-in prompt (`welcome`), one language's (`zh/welcome`), or a file of the prompts folder (`file:ours.wav`)
SoundName = Annotated[str, Meta(pattern=r"^(((zh|en)/)?[a-z0-9][a-z0-9_-]*|file:[^/\x00]+\.wav)$",
                                description="NAME, zh/NAME, en/NAME or file:NAME.wav")]
Language = Literal["zh", "en"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Common shape: unknown keys are refused."""


class Box(Part):
    """Where the box stands: what numbers, tones, clock and first language follow from."""

    name: Text = "Busyhour"
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$", description="two capital letters, ISO 3166")] = "CN"
    area_code: Annotated[str, Meta(pattern="^[0-9]{0,5}$", description="up to 5 digits, without the leading 0")] = "10"
    timezone: str = "Asia/Shanghai"
    language: Language = "zh"


class MediaAddress(Part):
    """The address our media shows to peers in a network, where the route's own address would be wrong (NAT)."""

    network: str
    address: str


class Sip(Part):
    """SIP and media of the box."""

    realm: Text = "busyhour"
    rtp_first: Annotated[int, Meta(ge=1024, le=65534)] = 20000
    rtp_last: Annotated[int, Meta(ge=1025, le=65535)] = 23999
    media_addresses: list[MediaAddress] = []


class Line(Part):
    """An analog telephone line; `did` is its own number, what its callers dialled."""

    number: Annotated[int, Meta(ge=1, le=960)]
    name: Text = ""
    did: str = ""


class Trunk(Part):
    """A SIP carrier or another PBX. Calls are taken from `addresses` (CIDR or single; the host's own if empty)."""

    name: Name
    host: str
    port: Annotated[int, Meta(ge=1, le=65535)] = 5060
    transport: Literal["udp", "tcp"] = "udp"
    addresses: list[str] = []
    username: str = ""
    secret: str = ""
    register: bool = False
    numbers: list[Number] = []
    channels: Annotated[int, Meta(ge=1, le=500)] = 30


class Extension(Part):
    """A telephone inside. A missing secret is made by the box when the configuration is committed."""

    number: ExtensionNumber
    name: Text = ""
    secret: str = ""


class Agent(Part):
    """Someone who answers queue calls, known by a number; `extension` is where they log in unless they say otherwise."""

    number: ExtensionNumber
    name: Text = ""
    extension: str = ""


class Queue(Part):
    """A waiting list and its agents."""

    name: Name
    title: Text = ""
    agents: list[str] = []
    strategy: Literal["longest_idle", "ring_all"] = "longest_idle"
    ring_timeout_s: Annotated[float, Meta(ge=3, le=300)] = 20
    acw_s: Seconds = 10
    music: SoundName = "music"
    announce_every_s: Seconds = 30
    max_wait_s: Seconds = 600
    max_waiting: Annotated[int, Meta(ge=1, le=1000)] = 20
    overflow: DestinationName = "hangup"
    service_level_s: Seconds = 20
    record: bool = True


class Choice(Part, kw_only=True):
    """What a key does: go somewhere, speak another language from here on, or say it again."""

    to: DestinationName | Literal["repeat"]
    language: Language | None = None


class Flow(Part):
    """An IVR: greeting, recording notice, then a menu until a key is chosen."""

    name: Name
    greeting: list[SoundName] = []
    notice: list[SoundName] = []
    menu: list[SoundName] = []
    keys: dict[Annotated[str, Meta(pattern="^[0-9*#]$", description="one of 0-9 * #")], Choice] = {}
    wait_s: Annotated[float, Meta(ge=1, le=60)] = 5
    repeats: Annotated[int, Meta(ge=0, le=9)] = 2
    wrong: list[SoundName] = msgspec.field(default_factory=lambda: ["wrong-key"])
    no_key: DestinationName = "hangup"


class Hours(Part):
    """When the shop is open: spans `HH:MM-HH:MM` by weekday (mon..sun), and dates on which it is closed."""

    name: Name
    week: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], list[str]] = {}
    closed: list[str] = []


class Route(Part, kw_only=True):
    """Where incoming calls go; the first that fits is taken. An empty field fits everything."""

    name: Name
    source: Annotated[str, Meta(pattern=r"^(line:[0-9]+|trunk:[a-z][a-z0-9_-]*|line|trunk|)$",
                                description="line, line:N, trunk, trunk:NAME or empty")] = ""
    did: Annotated[str, Meta(pattern=r"^\+?[0-9]*\*?$", description="digits, perhaps with a final *")] = ""
    hours: str = ""
    to: DestinationName
    otherwise: DestinationName | None = None  # outside the hours; else the next route is tried


class Outgoing(Part, kw_only=True):
    """What a number dialled outside goes through: the first rule whose prefix fits."""

    name: Name
    prefix: Annotated[str, Meta(pattern=r"^[0-9*#]*$", description="digits")] = ""
    strip: Annotated[int, Meta(ge=0, le=15)] = 0
    prepend: Annotated[str, Meta(pattern=r"^[0-9]*$", description="digits")] = ""
    min_digits: Annotated[int, Meta(ge=1, le=30)] = 3
    max_digits: Annotated[int, Meta(ge=1, le=30)] = 20
    via: list[Annotated[str, Meta(pattern=r"^(lines|line:[0-9]+|trunk:[a-z][a-z0-9_-]*)$",
                                  description="lines, line:N or trunk:NAME")]]


class Features(Part):
    """What agents dial on their telephone."""

    login: str = "*20"       # *20 as one's own agent, *20 and an agent's number for that one
    logout: str = "*21"
    ready: str = "*22"
    not_ready: str = "*23"   # *23 and a digit: with that reason


class Config(Part):
    """All an installer decides."""

    box: Box = Box()
    sip: Sip = Sip()
    lines: list[Line] = []
    trunks: list[Trunk] = []
    extensions: list[Extension] = []
    agents: list[Agent] = []
    reasons: dict[Annotated[str, Meta(pattern="^[0-9]$")], Name] = msgspec.field(
        default_factory=lambda: {"1": "break", "2": "lunch", "3": "training"}
    )
    queues: list[Queue] = []
    flows: list[Flow] = []
    hours: list[Hours] = []
    routes: list[Route] = []
    outgoing: list[Outgoing] = []
    features: Features = Features()
