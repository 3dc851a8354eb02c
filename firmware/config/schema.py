"""The shape of a configuration: frozen structs, one list a noun, every default a good one."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from firmware.config.spans import Group, Span
from firmware.config.trunk import Trunk
from firmware.config.values import (
    AccessCode,
    BusyTone,
    Code,
    Day,
    DestinationName,
    ExtensionNumber,
    FaxName,
    KeyTarget,
    Language,
    Name,
    Part,
    Rights,
    Seconds,
    SoundName,
    Text,
)


class Box(Part, frozen=True):
    """Where the box stands: what numbers, tones, clock and first language follow from.

    `fax`: where a call from outside goes on that turns out to be a fax before anybody talks with it; "": it stays.
    """

    name: Text = "Busyhour"
    country: Annotated[
        str, Meta(pattern=r"^[A-Z]{2}\Z", description="two capital letters, such as CN", extra={"code": "country"})
    ] = "CN"
    area_code: Annotated[
        str,
        Meta(
            pattern=r"^([1-9][0-9]{0,4})?\Z",
            description="up to 5 digits, without the leading 0",
            extra={"code": "area-code"},
        ),
    ] = "10"
    timezone: Annotated[str, Meta(max_length=64)] = "Asia/Shanghai"
    language: Language = "zh"
    fax: FaxName = ""


class MediaAddress(Part, frozen=True):
    """The address our media shows to peers in a network, where the route's own address would be wrong (NAT)."""

    network: str
    address: str


class Sip(Part, frozen=True):
    """SIP and media of the box. A changed realm makes every telephone's stored secret count anew."""

    realm: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9._-]{1,64}\Z",
            description="1 to 64 letters, digits, dots, - or _",
            extra={"code": "realm"},
        ),
    ] = "busyhour"
    rtp_first: Annotated[int, Meta(ge=1024, le=65534)] = 20000
    rtp_last: Annotated[int, Meta(ge=1025, le=65535)] = 23999
    media_addresses: list[MediaAddress] = []


class Line(Part, frozen=True):
    """An analog telephone line; `did` is its own number, what its callers dialled.

    `access_code` is what must be dialled on it to get outside, where it leads to another exchange first. `busy_tone` is
    heard when the far end has hung up, beside the country's tones: learnt by a test call. `reversal`: the carrier
    reverses the polarity when a call is answered, and when the far end hangs up. A talk in which nothing is heard
    either way for `silence_minutes` is ended; 0: none is. `never_answer`: a fax, a card terminal, a lift or an alarm
    shares it. Its calls ring on and are on record as not ours, and it is called out by only where a rule names it, or
    when a call for help finds nothing else. `fax`: where its faxes go, instead of where the box's do. `dialling`
    by pulses is for an office that takes no keys. Behind a private exchange agents may flash
    in a talk, and dial what that one lets them; the loop is open for `flash_ms` then, 0: nobody may.
    What comes by it is made `rx_gain_db` louder, what goes `tx_gain_db`.
    """

    number: Annotated[int, Meta(ge=1, le=960)]
    name: Text = ""
    did: Annotated[
        str,
        Meta(pattern=r"^(\+?[0-9]{1,15})?\Z", description="1 to 15 digits, perhaps after a +", extra={"code": "did"}),
    ] = ""
    access_code: AccessCode = ""
    busy_tone: BusyTone = ""
    reversal: bool = False
    silence_minutes: Annotated[int, Meta(ge=0, le=240)] = 60
    never_answer: bool = False
    fax: FaxName = ""
    dialling: Literal["keys", "pulses"] = "keys"
    flash_ms: Annotated[int, Meta(ge=0, le=1000)] = 0
    rx_gain_db: Annotated[int, Meta(ge=-12, le=12)] = 0
    tx_gain_db: Annotated[int, Meta(ge=-12, le=12)] = 0


class Extension(Part, frozen=True):
    """A telephone inside. A missing secret is made by the box when the configuration is committed.

    `port`: it is a plain telephone in that analog socket of the box, which no line may be; 0: one that speaks SIP.
    `group`: it lives at an old PBX behind that trunk group instead, which is called for it, and calls for it; then
    `last` makes all numbers from `number` to that one such extensions, with the same rights.

    `call_waiting`: a second call comes to a telephone that talks, but never into a talk of a queue's agent: a plain one
    hears a tone, one that speaks SIP rings on another line, should it have one. Without it the telephone is busy.
    `srtp`: calls to it offer encrypted voice and nothing else. Calls from it are encrypted whenever it offers that.
    `rights` say how far it may call: no further than inside, the own area, the country with its mobiles, or abroad.
    `permissions` open what is closed to the others: `premium` and `satellite` numbers, and outgoing rules that name a
    permission. `caller_id` is the number it shows outside, one of a trunk's `numbers`. Emergency numbers need nothing.
    """

    number: ExtensionNumber
    name: Text = ""
    secret: Annotated[
        str,
        Meta(
            pattern=r"^([!-~]{8,64})?\Z",
            description="8 to 64 printable ASCII characters without spaces, or none: the box makes one",
            extra={"code": "ascii", "least": 8, "most": 64},
        ),
    ] = ""
    srtp: bool = False
    call_waiting: bool = False
    port: Annotated[int, Meta(ge=0, le=960)] = 0
    group: Annotated[
        str,
        Meta(
            pattern=r"^([a-z][a-z0-9_-]{0,31})?\Z",
            description="the name of a trunk group, or none",
            extra={"code": "group"},
        ),
    ] = ""
    last: Annotated[
        str,
        Meta(
            pattern=r"^([0-9]{2,8})?\Z",
            description="2 to 8 digits, or none",
            extra={"code": "last-number", "least": 2, "most": 8},
        ),
    ] = ""
    rights: Rights = "national"
    permissions: list[Name] = []
    caller_id: Annotated[
        str, Meta(pattern=r"^[0-9]{0,15}\Z", description="up to 15 digits", extra={"code": "digits-up-to", "most": 15})
    ] = ""


class Agent(Part, frozen=True):
    """Someone who answers queue calls, known by a number; `extension` is where they log in if they name no other."""

    number: ExtensionNumber
    name: Text = ""
    extension: str = ""


class Queue(Part, frozen=True):
    """A waiting list and its agents."""

    name: Name
    title: Text = ""
    agents: list[str] = []
    strategy: Literal["longest_idle", "ring_all"] = "longest_idle"
    ring_timeout_s: Annotated[float, Meta(ge=3, le=300)] = 20
    acw_s: Seconds = 10
    music: SoundName = "music"
    announce_every_s: Seconds = 30  # 0: never
    max_wait_s: Seconds = 600
    max_waiting: Annotated[int, Meta(ge=1, le=1000)] = 20
    overflow: DestinationName = "hangup"
    service_level_s: Seconds = 20
    record: bool = True
    recordings_days: Annotated[int, Meta(ge=0, le=36500, description="0 to 36500 days, or null")] | None = None


class Choice(Part, frozen=True, kw_only=True):
    """What a key does: go somewhere, speak another language from here on, or say it again."""

    to: KeyTarget
    language: Language | None = None


class Disposition(Part, frozen=True):
    """What a call came to, as an agent marks it: of calls of the `queues` named, of every call where none is.

    One that is taken away stays on the records of the calls that were marked with it.
    """

    name: Name
    title: Text = ""
    queues: list[str] = []


class Flow(Part, frozen=True):
    """An IVR: greeting, recording notice, then a menu until a key is chosen."""

    name: Name
    greeting: list[SoundName] = []
    notice: list[SoundName] = []
    menu: list[SoundName] = []
    keys: dict[
        Annotated[str, Meta(pattern=r"^[0-9*#]\Z", description="one of 0-9 * #", extra={"code": "key"})], Choice
    ] = {}
    wait_s: Annotated[float, Meta(ge=1, le=60)] = 5
    repeats: Annotated[int, Meta(ge=0, le=9)] = 2
    wrong: list[SoundName] = msgspec.field(default_factory=lambda: ["wrong-key"])
    no_key: DestinationName = "hangup"


class Hours(Part, frozen=True):
    """When the shop is open: spans `HH:MM-HH:MM` by the weekday they begin on; and dates when it is closed.

    `22:00-06:00` goes on into the next day, also if it is `closed`; none begins on a closed date. 24:00 is the day's
    end.
    """

    name: Name
    week: dict[Day, list[str]] = {}
    closed: list[str] = []


class Route(Part, frozen=True, kw_only=True):
    """Where incoming calls go; the first that fits is taken. An empty field fits everything."""

    name: Name
    source: Annotated[
        str,
        Meta(
            pattern=r"^(line:[0-9]{1,3}|trunk:[a-z][a-z0-9_-]{0,31}|line|trunk|)\Z",
            description="line, line:N, trunk, trunk:NAME or empty",
            extra={"code": "source"},
        ),
    ] = ""
    did: Annotated[
        str,
        Meta(
            pattern=r"^(\+?[0-9]{0,15}\*?)\Z",
            description="up to 15 digits, perhaps after a + or before a *",
            extra={"code": "did"},
        ),
    ] = ""
    hours: str = ""
    to: DestinationName
    otherwise: DestinationName | None = None  # outside the hours; else the next route is tried


class Outgoing(Part, frozen=True, kw_only=True):
    """What a number dialled outside goes through: the first rule whose prefix and length fit.

    With a `permission` it is for extensions alone that have it; others are refused, no later rule is tried for them.
    """

    name: Name
    prefix: Annotated[
        str, Meta(pattern=r"^[0-9]{0,15}\Z", description="up to 15 digits", extra={"code": "digits-up-to", "most": 15})
    ] = ""
    strip: Annotated[int, Meta(ge=0, le=15)] = 0
    prepend: Annotated[
        str, Meta(pattern=r"^[0-9]{0,15}\Z", description="up to 15 digits", extra={"code": "digits-up-to", "most": 15})
    ] = ""
    min_digits: Annotated[int, Meta(ge=1, le=30)] = 3  # of what was dialled, prefix included
    max_digits: Annotated[int, Meta(ge=1, le=30)] = 20
    via: Annotated[
        list[
            Annotated[
                str,
                Meta(
                    pattern=r"^(lines|line:[0-9]{1,3}|trunk:[a-z][a-z0-9_-]{0,31})\Z",
                    description="lines, line:N or trunk:NAME",
                    extra={"code": "way"},
                ),
            ]
        ],
        Meta(min_length=1),
    ]
    permission: Annotated[
        str,
        Meta(
            pattern=r"^([a-z][a-z0-9_-]{0,31})?\Z",
            description="none, or a small letter, then up to 31 of a-z 0-9 _ -",
            extra={"code": "name"},
        ),
    ] = ""


class Cap(Part, frozen=True):
    """The most calls, and minutes of talk, in one day; null is no limit, 0 none at all."""

    calls: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    minutes: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


class Limits(Part, frozen=True):
    """The most that may be called outside in a day of the box's time zone, against fraud.

    `box`: all calls together; `extension`: those of each extension. `international`, `special` (premium and satellite
    numbers) and `after_hours` (outside the opening `hours` of that name; "" for never): of the whole box, and
    `extension_international` of each extension. Emergency calls are not counted.
    """

    box: Cap = Cap(calls=1000, minutes=3000)
    extension: Cap = Cap(calls=300, minutes=600)
    international: Cap = Cap(calls=30, minutes=60)
    extension_international: Cap = Cap(calls=10, minutes=30)
    special: Cap = Cap(calls=5, minutes=10)
    after_hours: Cap = Cap(calls=30, minutes=60)
    hours: str = ""


class Features(Part, frozen=True):
    """What agents dial on their telephone."""

    login: Code = "*20"  # *20 as one's own agent, *20 and an agent's number for that one
    logout: Code = "*21"
    ready: Code = "*22"
    not_ready: Code = "*23"  # *23 and a digit: with that reason


class Backup(Part, frozen=True):
    """When the box saves itself: every `days` days `at` a time of its day, "" for never.

    `folder` is where, such as a mounted disk or network share; "" is the box's own `backups` folder, which does not
    outlive the box's disk. Of those made on schedule there the newest `keep` are kept. `secret` is the passphrase that
    opens them: without it nobody does, so it belongs on paper elsewhere too.
    """

    at: Annotated[
        str,
        Meta(
            pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?\Z",
            description="HH:MM, or nothing for never",
            extra={"code": "time"},
        ),
    ] = ""
    days: Annotated[int, Meta(ge=1, le=31, description="1 to 31 days")] = 1
    folder: Annotated[
        str,
        Meta(
            pattern=r"^(/[^\x00-\x1f]{0,200})?\Z",
            description="an absolute path, or nothing for the box's own",
            extra={"code": "folder"},
        ),
    ] = ""
    keep: Annotated[int, Meta(ge=1, le=1000, description="1 to 1000")] = 7
    recordings: bool = False
    secret: Annotated[
        str,
        Meta(
            pattern="^([^\\x00-\\x1f\\x7f\\ud800-\\udfff]{8,200})?\\Z",
            description="8 to 200 characters",
            extra={"code": "characters", "least": 8, "most": 200},
        ),
    ] = ""


class Retention(Part, frozen=True):
    """For how many days things are kept, 0 for as long as there is room; nightly `at` what is older goes.

    `recordings_days`: a queue may have its own. `records_days`: calls with all that happened in them. Below `floor_mb`
    of free disk the oldest recordings go, whatever the days say. A legal hold keeps what it holds.
    """

    recordings_days: Annotated[int, Meta(ge=0, le=36500, description="0 to 36500 days")] = 0
    records_days: Annotated[int, Meta(ge=0, le=36500, description="0 to 36500 days")] = 0
    audit_days: Annotated[int, Meta(ge=0, le=36500, description="0 to 36500 days")] = 0
    alarms_days: Annotated[int, Meta(ge=0, le=36500, description="0 to 36500 days")] = 0
    floor_mb: Annotated[int, Meta(ge=128, le=10_000_000, description="128 to 10000000 MB")] = 300
    at: Annotated[
        str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", description="HH:MM", extra={"code": "time"})
    ] = "03:30"


class SignIn(Part, frozen=True):
    """How long people stay signed in: without doing anything, and at the longest."""

    idle_s: Annotated[
        float,
        Meta(ge=60, le=43200, description="60 to 43200 seconds", extra={"code": "seconds", "least": 60, "most": 43200}),
    ] = 1800
    longest_s: Annotated[
        float,
        Meta(
            ge=600, le=86400, description="600 to 86400 seconds", extra={"code": "seconds", "least": 600, "most": 86400}
        ),
    ] = 43200


class AlarmSettings(Part, frozen=True):
    """From where on something is told as an alarm. 0 days or hours, and 0 seconds of waiting: never.

    `disk_free_percent` and `disk_free_mb`: the least that must be free, whichever is more. `disk_full_days`: the disk
    is told of that fills so fast. `clock_step_s`: a jump of the machine's clock. `clock_unsynchronised_h`: no time
    server for so long. `late_ticks_percent`: of a minute's ticks of sound. `lost_ticks`: so many may be lost in a
    minute. `queue_wait_s`: a caller waits so long. `line_test_at`: the time of day at which every idle line is tested,
    "" for never. `no_call_days`: no call came or went by a line or trunk for so long.
    """

    disk_free_percent: Annotated[float, Meta(ge=0, le=50)] = 5
    disk_free_mb: Annotated[int, Meta(ge=0, le=1_000_000)] = 500
    disk_full_days: Annotated[float, Meta(ge=0, le=365)] = 3
    clock_step_s: Annotated[float, Meta(ge=1, le=86400)] = 5
    clock_unsynchronised_h: Annotated[float, Meta(ge=0, le=8760)] = 24
    late_ticks_percent: Annotated[float, Meta(ge=0, le=100)] = 2
    lost_ticks: Annotated[int, Meta(ge=0, le=3000)] = 10
    queue_wait_s: Seconds = 0
    line_test_at: Annotated[
        str,
        Meta(
            pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?\Z",
            description="HH:MM, or nothing for never",
            extra={"code": "time"},
        ),
    ] = "03:30"
    no_call_days: Annotated[float, Meta(ge=0, le=365)] = 14


class Api(Part, frozen=True):
    """The REST interface for other programs: how much each token may ask, and which pages of other sites may ask.

    `origins` are such sites, as `https://crm.example.com`; a program that is no web page needs none.
    """

    requests_per_minute: Annotated[int, Meta(ge=10, le=60000)] = 600
    streams: Annotated[int, Meta(ge=0, le=16)] = 8
    origins: list[
        Annotated[
            str,
            Meta(
                pattern=r"^https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?\Z",
                description="a site, as https://crm.example.com, without a path",
                extra={"code": "site"},
            ),
        ]
    ] = []


MailAddress = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}\Z",
        description="a mail address, such as li@example.com",
        extra={"code": "mail-address"},
    ),
]
Sender = Annotated[
    str,
    Meta(
        pattern=r"^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252})?\Z",
        description="a mail address, such as shop@example.com",
        extra={"code": "mail-address"},
    ),
]


Printable = Annotated[
    str,
    Meta(
        pattern=r"^[ -~]{0,128}\Z",
        description="up to 128 printable ASCII characters",
        extra={"code": "ascii", "least": 0, "most": 128},
    ),
]


class MailRecipient(Part, frozen=True, kw_only=True):
    """Who is told of alarms by mail: from `severity` up, in `language` (the box's if null)."""

    address: MailAddress
    severity: Literal["critical", "major", "minor", "warning"] = "major"
    language: Language | None = None


class Mail(Part, frozen=True):
    """Alarms by mail, where `host` is given. What happens within `gather_s` is one mail.

    `security`: STARTTLS, TLS from the first byte, or none; with a password one of the former. `reach`: where the server
    may be, as of a webhook.
    """

    host: Annotated[str, Meta(max_length=253)] = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Printable = ""
    secret: Printable = ""
    sender: Sender = ""
    recipients: Annotated[list[MailRecipient], Meta(max_length=50)] = []
    gather_s: Annotated[float, Meta(ge=1, le=3600)] = 20
    reach: Literal["public", "lan", "box"] = "lan"


# What webhooks may be told: firmware.events.Kind, without what callers type
HookedEvent = Literal[
    "call.offered", "call.answered", "call.ended", "queue.entered", "queue.left", "transferred", "emergency",
    "recording.ended", "agent.state", "alarm", "alarm.acknowledged", "config.changed",
]


class Webhook(Part, frozen=True, kw_only=True):
    """A receiver of events by HTTP. A missing secret is made by the box; what is sent is signed with it.

    `reach`: the internet alone (`public`), private networks too (`lan`), or this machine's own addresses too (`box`).
    """

    name: Name
    url: Annotated[
        str,
        Meta(
            pattern=r"^[!-~]{1,500}\Z",
            description="a URL of up to 500 printable ASCII characters without spaces",
            extra={"code": "url"},
        ),
    ]
    events: Annotated[list[HookedEvent], Meta(min_length=1, max_length=20)]
    secret: Annotated[
        str,
        Meta(
            pattern=r"^(whsec_[A-Za-z0-9+/]{32,88}={0,2})?\Z",
            description="whsec_ and 24 to 64 bytes as base64, or none: the box makes one",
            extra={"code": "signing-secret"},
        ),
    ] = ""
    reach: Literal["public", "lan", "box"] = "public"
    on: bool = True


class Config(Part, frozen=True):
    """All an installer decides."""

    box: Box = Box()
    sip: Sip = Sip()
    lines: list[Line] = []
    trunks: list[Trunk] = []
    spans: list[Span] = []
    groups: list[Group] = []
    extensions: list[Extension] = []
    agents: list[Agent] = []
    reasons: dict[Annotated[str, Meta(pattern=r"^[0-9]\Z", description="one digit", extra={"code": "digit"})], Name] = (
        msgspec.field(default_factory=lambda: {"1": "break", "2": "lunch", "3": "training"})
    )
    queues: list[Queue] = []
    dispositions: list[Disposition] = []
    flows: list[Flow] = []
    hours: list[Hours] = []
    routes: list[Route] = []
    outgoing: list[Outgoing] = []
    limits: Limits = Limits()
    features: Features = Features()
    sign_in: SignIn = SignIn()
    alarms: AlarmSettings = AlarmSettings()
    api: Api = Api()
    backup: Backup = Backup()
    retention: Retention = Retention()
    mail: Mail = Mail()
    webhooks: Annotated[list[Webhook], Meta(max_length=20)] = []
