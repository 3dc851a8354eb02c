"""The settings as installers meet them: which fields stand on which page, in which group, and how each is filled in.

The exchange's outline says what may stand in a configuration and what holds by default; here is only what a person
reads: order, groups, and the kind of field (webui.fields) for each key. Words are in webui/words/fields.py, by
`f.<noun>.<key>`.
"""

from typing import NamedTuple


class Field(NamedTuple):
    """A setting: its key within its noun or entry ("" for the noun itself), the kind of its field, and its unit."""

    key: str
    kind: str = "text"
    unit: str = ""


class Section(NamedTuple):
    """A page of settings, or a list of entries with a page each, known by their `identity`.

    `fields` are its groups, each with the key of its heading; `columns` what its list shows; `ordered`, whether the
    first entry that fits counts. `page` is the endpoint of an entry's page, for what has pages of its own and no form
    among the settings: only words for what changed in it.
    """

    noun: str
    group: str
    fields: dict[str, tuple[Field, ...]]
    identity: str = ""
    columns: tuple[str, ...] = ()
    ordered: bool = False
    page: str = ""

    def field(self, key: str) -> Field | None:
        """Return the field in which a key of the configuration is edited: itself, or what holds it."""
        found = [one for group in self.fields.values() for one in group if holds(one.key, key)]
        return max(found, key=lambda one: len(one.key), default=None)

    def all(self) -> list[Field]:
        """Return all fields."""
        return [one for group in self.fields.values() for one in group]


def holds(key: str, path: str) -> bool:
    """Tell whether a path is that of a key, or of something within it."""
    return not key or path == key or path.startswith((f"{key}.", f"{key}["))


F = Field
SECTIONS = (
    Section("box", "settings.g.box", {
        "g.who": (F("name"), F("language", "choice")),
        "g.place": (F("country"), F("area_code"), F("timezone", "timezone")),
        "g.calls": (F("fax", "fax"),),
    }),
    Section("lines", "settings.g.box", {
        "g.who": (F("number", "number"), F("name"), F("did")),
        "g.more": (F("never_answer", "check"), F("access_code"), F("busy_tone"), F("reversal", "check"),
                   F("silence_minutes", "number"), F("fax", "fax"), F("dialling", "choice"),
                   F("flash_ms", "number"), F("rx_gain_db", "number"), F("tx_gain_db", "number")),
    }, "number", ("number", "name", "did")),
    Section("trunks", "settings.g.box", {
        "g.who": (F("name"), F("profile", "profile"), F("host"), F("domain")),
        "g.account": (F("username"), F("auth_name"), F("secret", "secret")),
        "g.calls": (F("numbers", "lines"), F("channels", "number")),
        "g.more": (F("addresses", "lines"), F("access_code"), F("srtp", "choice"), F("authority", "block")),
        "g.own": (
            F("register", "own_check"), F("transport", "own_choice"), F("port", "number_or_none"),
            F("did_from", "own_choice"), F("caller_from", "own_choice"), F("sender", "own_choice"),
            F("caller_in", "own_choice"), F("presentation", "own_choice"), F("called_format", "own_choice"),
            F("caller_format", "own_choice"), F("dtmf", "own_choice"), F("early_media", "own_check"),
            F("prack", "own_choice"), F("session_timer_s", "number_or_none", "s"), F("codecs", "lines"),
            F("keep_alive", "own_choice"), F("register_s", "number_or_none", "s"), F("gin", "own_check"),
            F("authorize_first", "own_check"),
        ),
    }, "name", ("name", "profile", "host", "numbers")),
    Section("spans", "settings.g.box", {
        "g.who": (F("number", "number"), F("name")),
        "g.signalling": (F("signalling", "choice"), F("did_digits", "number")),
        "g.pri": (F("pri.side", "choice"), F("pri.variant", "choice"), F("pri.overlap", "check")),
        "g.r2": (F("r2.variant", "choice"), F("r2.caller_digits", "number"), F("r2.caller_first", "check"),
                 F("r2.category", "choice"), F("r2.double_answer", "check"), F("r2.metering_ms", "number")),
        "g.wire": (F("crc4", "check"), F("coding", "choice"), F("clock", "number"), F("channels")),
    }, "number", ("number", "name", "signalling", "channels")),
    Section("groups", "settings.g.box", {
        "g.who": (F("name"), F("channels", "lines")),
        "g.calls": (F("numbers", "lines"), F("presentation", "choice"), F("hunting", "choice")),
        "g.more": (F("access_code"), F("hand_back", "check")),
    }, "name", ("name", "channels", "numbers")),
    Section("sip", "settings.g.box", {
        "g.who": (F("rtp_first", "number"), F("rtp_last", "number"), F("realm")),
        "g.more": (F("media_addresses", "pairs"),),
    }),
    Section("extensions", "settings.g.people", {
        "g.who": (F("number"), F("name")),
        "g.rights": (F("rights", "choice"), F("permissions", "permissions"), F("caller_id", "caller_id")),
        "g.more": (F("port", "number"), F("call_waiting", "check"), F("srtp", "check")),
        "g.pbx": (F("group", "group"), F("last")),
    }, "number", ("number", "last", "name", "port", "group", "rights")),
    Section("agents", "settings.g.people", {
        "g.who": (F("number"), F("name"), F("extension", "extension")),
    }, "number", ("number", "name", "extension")),
    Section("features", "settings.g.people", {
        "g.who": (F("login"), F("logout"), F("ready"), F("not_ready")),
    }),
    Section("reasons", "settings.g.people", {"g.who": (F("", "map"),)}),
    Section("hours", "settings.g.callers", {
        "g.who": (F("name"),),
        "g.times": (F("week", "week"), F("closed", "lines")),
    }, "name", ("name", "week", "closed")),
    Section("routes", "settings.g.callers", {
        "g.who": (F("name"),),
        "g.match": (F("source", "source"), F("did")),
        "g.where": (F("hours", "hours"), F("to", "destination"), F("otherwise", "otherwise")),
    }, "name", ("name", "source", "did", "hours", "to"), ordered=True),
    Section("flows", "settings.g.callers", {
        "g.who": (F("name"),),
        "g.sounds": (F("greeting", "sounds"), F("notice", "sounds"), F("menu", "sounds"), F("wrong", "sounds")),
        "g.keys": (F("keys", "keys"), F("wait_s", "number", "s"), F("repeats", "number"), F("no_key", "destination")),
    }, "name", ("name", "greeting", "keys")),
    Section("queues", "settings.g.callers", {
        "g.who": (F("name"), F("title"), F("agents", "agents")),
        "g.ringing": (
            F("strategy", "choice"), F("ring_timeout_s", "number", "s"), F("acw_s", "number", "s"),
            F("record", "check"),
        ),
        "g.waiting": (
            F("max_wait_s", "number", "s"), F("max_waiting", "number"), F("overflow", "destination"),
            F("announce_every_s", "number", "s"), F("music", "sound"), F("service_level_s", "number", "s"),
            F("recordings_days", "number_or_none", "days"),
        ),
    }, "name", ("name", "title", "agents", "overflow")),
    Section("dispositions", "settings.g.callers", {
        "g.who": (F("name"), F("title"), F("queues", "queues")),
    }, "name", ("name", "title", "queues")),
    Section("outgoing", "settings.g.outside", {
        "g.who": (F("name"),),
        "g.match": (F("prefix"), F("min_digits", "number"), F("max_digits", "number"), F("permission")),
        "g.where": (F("via", "ways"),),
        "g.digits": (F("strip", "number"), F("prepend")),
    }, "name", ("name", "prefix", "via"), ordered=True),
    Section("limits", "settings.g.outside", {
        "g.caps": (
            F("box", "cap"), F("extension", "cap"), F("international", "cap"), F("extension_international", "cap"),
            F("special", "cap"), F("after_hours", "cap"), F("hours", "limit_hours"),
        ),
    }),
    Section("backup", "settings.g.admin", {
        "g.who": (F("at"), F("days", "number", "days"), F("secret", "secret"), F("folder"), F("keep", "number"),
                  F("recordings", "check")),
    }),
    Section("retention", "settings.g.admin", {
        "g.who": (F("recordings_days", "number", "days"), F("records_days", "number", "days"),
                  F("audit_days", "number", "days"), F("alarms_days", "number", "days")),
        "g.more": (F("floor_mb", "number", "mb"), F("at")),
    }),
    Section("alarms", "settings.g.admin", {
        "g.disk": (F("disk_free_percent", "number", "percent"), F("disk_free_mb", "number", "mb"),
                   F("disk_full_days", "number", "days")),
        "g.clock": (F("clock_step_s", "number", "s"), F("clock_unsynchronised_h", "number", "h")),
        "g.calls": (F("late_ticks_percent", "number", "percent"), F("lost_ticks", "number"),
                    F("queue_wait_s", "number", "s")),
        "g.lines": (F("line_test_at"), F("no_call_days", "number", "days")),
    }),
    Section("mail", "settings.g.admin", {
        "g.who": (F("host"), F("port", "number"), F("security", "choice"), F("sender"), F("recipients", "lines")),
        "g.account": (F("username"), F("secret", "secret")),
        "g.more": (F("gather_s", "number", "s"), F("reach", "choice")),
    }),
    Section("webhooks", "settings.g.admin", {
        "g.who": (F("name"), F("url"), F("on", "check"), F("events", "lines")),
        "g.more": (F("secret", "secret"), F("reach", "choice")),
    }, "name", page="webhooks.webhook"),
    Section("api", "settings.g.admin", {
        "g.who": (F("requests_per_minute", "number"), F("streams", "number"), F("origins", "lines")),
    }),
    Section("sign_in", "settings.g.admin", {
        "g.who": (F("idle_s", "number", "s"), F("longest_s", "number", "s")),
    }),
)  # fmt: skip
BY_NOUN = {section.noun: section for section in SECTIONS}
