"""Which request of the REST interface is which method of the exchange: one line each.

A new method needs a line here, or one in WITHOUT that says why it has none. What a line does not say has a default:
parameters in braces come from the path; those of GET and DELETE else from the query, one that is an object by its
keys; those of POST, PUT and PATCH from a JSON object. The answer is the method's result with 200, or 204 where it has
none.
"""

from typing import Any, NamedTuple


class Route(NamedTuple):
    """A request, `GET /queues`, of a method.

    `status` is that of success. `body` names the parameter that the whole body is, the others then come from the query.
    `file` names the one that stands for a file: the body is its content, and the others come from the query.
    `sound` names what kind of sound the answer is, whose file the result tells. `fixed` are parameters nobody is asked.
    `base` names the one that If-Match gives. `etag` is the path to the result's revision. `next` names the parameter
    and the key of a page's last entry, or of the page, that lead to the page after it.
    """

    verb: str
    path: str
    status: int = 200
    body: str = ""
    file: str = ""
    sound: str = ""
    fixed: tuple[tuple[str, Any], ...] = ()
    base: str = ""
    etag: str = ""
    next: tuple[str, str] = ("", "")


def get(path: str, **more: Any) -> Route:
    """Return the route of something that changes nothing."""
    return Route("GET", path)._replace(**more)


def post(path: str, **more: Any) -> Route:
    """Return the route of an act."""
    return Route("POST", path)._replace(**more)


def put(path: str, **more: Any) -> Route:
    """Return the route of what is replaced as a whole."""
    return Route("PUT", path)._replace(**more)


def delete(path: str, **more: Any) -> Route:
    """Return the route of a removal."""
    return Route("DELETE", path)._replace(**more)


ROUTES = {
    "agent.list": get("/agents"),
    "agent.login": post("/agents/{number}/login"),
    "agent.logout": post("/agents/{number}/logout"),
    "agent.not_ready": post("/agents/{number}/not-ready"),
    "agent.ready": post("/agents/{number}/ready"),
    "alarm.acknowledge": post("/alarms/{name}/acknowledge"),
    "alarm.history": get("/alarms/history", next=("before", "id")),
    "alarm.list": get("/alarms"),
    "backup.list": get("/backups"),
    "backup.schedule": put("/backups/schedule"),
    "ban.lift": post("/bans/lift"),
    "ban.list": get("/bans"),
    "call.choices": get("/calls/choices"),
    "call.disposition": put("/calls/{call}/disposition"),
    "call.hang_up": post("/calls/{id}/hang-up"),
    "call.list": get("/calls", next=("after", "next")),
    "call.live": get("/calls/live"),
    "call.note": post("/calls/{call}/notes", status=201),
    "call.notes": get("/calls/{call}/notes"),
    "call.show": get("/calls/{id}"),
    "candidate.commit": post("/candidate/commit", etag="revision.number"),
    "candidate.discard": delete("/candidate"),
    "candidate.get": get("/candidate"),
    "candidate.move": post("/candidate/nouns/{noun}/{name}/move"),
    "candidate.rebase": post("/candidate/rebase"),
    "candidate.remove": delete("/candidate/nouns/{noun}/{name}"),
    "candidate.review": get("/candidate/review"),
    "candidate.set": put("/candidate/nouns/{noun}"),
    "candidate.state": get("/candidate/state"),
    "candidate.take": post("/candidate/take"),
    "certificate.acme": post("/certificate/acme"),
    "certificate.job": get("/certificate/acme"),
    "certificate.import": put("/certificate"),
    "certificate.self_signed": post("/certificate/self-signed"),
    "certificate.show": get("/certificate"),
    "config.check": post("/config/check"),
    "config.commit": put("/config", body="config", base="base", etag="revision.number"),
    "config.compare": post("/config/compare"),
    "config.confirm": post("/config/confirm"),
    "config.differences": get("/config/revisions/{revision}/differences"),
    "config.export": get("/config/export"),
    "config.get": get("/config", etag="revision.number"),
    "config.history": get("/config/revisions"),
    "config.import": post("/config/import"),
    "config.outline": get("/config/outline"),
    "config.rollback": post("/config/revisions/{revision}/rollback"),
    "country.show": get("/countries/{code}"),
    "desk.complete": post("/desks/{number}/complete"),
    "desk.consult": post("/desks/{number}/consult"),
    "desk.dial": post("/desks/{number}/dial"),
    "desk.flash": post("/desks/{number}/flash"),
    "desk.hang_up": post("/desks/{number}/hang-up"),
    "desk.hold": post("/desks/{number}/hold"),
    "desk.reconnect": post("/desks/{number}/reconnect"),
    "desk.resume": post("/desks/{number}/resume"),
    "desk.show": get("/desks/{number}"),
    "desk.swap": post("/desks/{number}/swap"),
    "desk.transfer": post("/desks/{number}/transfer"),
    "extension.list": get("/extensions"),
    "extension.secret": get("/extensions/{number}/secret"),
    "extension.waiting": put("/extensions/{number}/waiting"),
    "hold.lift": delete("/holds/{id}"),
    "hold.list": get("/holds"),
    "hold.place": post("/holds", status=201),
    "extension.sheet": get("/extensions/sheets"),
    "limit.list": get("/limits"),
    "limit.reset": post("/limits/reset"),
    "line.accept_tone": post("/lines/{number}/accept-tone"),
    "line.forget_tone": post("/lines/{number}/forget-tone"),
    "line.learn": post("/lines/{number}/learn"),
    "line.list": get("/lines"),
    "line.mail_report": post("/lines/{number}/report/mail"),
    "line.report": get("/lines/{number}/report"),
    "line.show": get("/lines/{number}"),
    "line.stop_learning": post("/lines/{number}/stop-learning"),
    "line.test": post("/lines/{number}/test"),
    "line.trace": get("/lines/{number}/trace"),
    "live": get("/live"),
    "person.erase": post("/persons/{number}/erase"),
    "person.show": get("/persons/{number}"),
    "picture.show": get("/pictures"),
    "profile.list": get("/profiles"),
    "prompt.discard": delete("/prompts/drafts/{draft}"),
    "prompt.draft": get("/prompts/drafts/{draft}"),
    "prompt.keep": post("/prompts/drafts/{draft}/keep"),
    "prompt.list": get("/prompts"),
    "prompt.play": post("/prompts/play"),
    "prompt.record": post("/prompts/record", status=201),
    "prompt.remove": delete("/prompts/own/{name}"),
    "prompt.sound": get("/prompts/sound", sound="prompt"),
    "prompt.speak": post("/prompts/speak", status=201),
    "prompt.upload": post("/prompts/upload", status=201, file="ticket"),
    "queue.list": get("/queues"),
    # For its shape alone (`look`) a recording is not noted as heard, so that here nobody may say so
    "recording.open": get(
        "/calls/{call}/recordings/{number}", sound="recording", fixed=(("purpose", "download"),)
    ),
    "span.list": get("/spans"),
    "span.restart": post("/spans/{number}/restart"),
    "span.test": post("/spans/{number}/test"),
    "span.stop_test": post("/spans/{number}/test/stop"),
    "span.last_test": get("/spans/{number}/test"),
    "span.trace": get("/spans/{number}/trace"),
    "status": get("/status"),
    "token.create": post("/tokens", status=201),
    "token.list": get("/tokens"),
    "token.revoke": delete("/tokens/{name}"),
    "user.add": post("/users", status=201),
    "user.audit": get("/audit", next=("before", "id")),
    "user.list": get("/users"),
    "user.password": post("/users/{name}/password"),
    "user.remove": delete("/users/{name}"),
    "user.role": put("/users/{name}/role"),
    "webhook.add": post("/webhooks", status=201),
    "webhook.change": put("/webhooks/{name}"),
    "webhook.dead": get("/webhooks/{name}/dead"),
    "webhook.list": get("/webhooks"),
    "webhook.redeliver": post("/webhooks/{name}/redeliver"),
    "webhook.remove": delete("/webhooks/{name}"),
    "webhook.secret": post("/webhooks/{name}/secret"),
    "webhook.test": post("/webhooks/{name}/test"),
}

WITHOUT = {
    "api.show": "it is told as /openapi.json",
    "backup.drop": "a restore is for people, at the page or before the box",
    "backup.make": "it writes into a file of this machine's own disk; the schedule makes them for programs",
    "backup.path": "it tells of a file on this machine's own disk",
    "backup.restore": "a restore is for people, at the page or before the box",
    "backup.stage": "a restore is for people, at the page or before the box",
    "backup.verify": "it reads a file of this machine's own disk",
    "mail.test": "it tells who sets mail up, at the page or the command, what is wrong with the server",
    "own.language": "a person's own; a token has no language",
    "own.password": "a person's own; a token has no password",
    "session.close": "a person's session at the pages; a token has none",
    "session.end": "a person's session at the pages; a token has none",
    "session.list": "a person's session at the pages; a token has none",
    "session.open": "how a person signs in at the pages; programs show a token",
    "user.set_up": "done once by the box itself at its first start",
}


def suggested(name: str, params: list[str]) -> str:
    """Return the line that a method would have by custom."""
    noun, _, act = name.partition(".")
    key = next((f"/{{{one}}}" for one in ("name", "number", "id") if one in params), "")
    match act:
        case "" | "list":
            line = f'get("/{noun}s")' if act else f'get("/{noun}")'
        case "show" | "get":
            line = f'get("/{noun}s{key}")'
        case "add" | "create":
            line = f'post("/{noun}s", status=201)'
        case "remove" | "delete" | "revoke":
            line = f'delete("/{noun}s{key}")'
        case _:
            line = f'post("/{noun}s{key}/{act.replace("_", "-")}")'
    return f'    "{name}": {line},'
