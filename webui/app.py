"""The Flask application: blueprints, what the templates may use, and what guards them."""

import hashlib
from pathlib import Path

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from firmware.control.client import Client
from webui import (
    account,
    acme,
    alarms,
    backups,
    bans,
    calls,
    certificate,
    desk,
    fields,
    files,
    guard,
    lines,
    live,
    notes,
    page,
    persons,
    pictures,
    prompts,
    refusals,
    settings,
    sheets,
    sign_in,
    spans,
    tokens,
    trial,
    uploads,
    users,
    visitor,
    webhooks,
)
from webui.api import page as api
from webui.api.app import create_api
from webui.api.document import PREFIX
from webui.downloads import Downloads
from webui.feed import Feed
from webui.parts import Parts
from webui.places import around, beside, places
from webui.stream import MOST, Streams
from webui.visitor import Connect
from webui.wordbook import known
from webui.wording import clean, duration

NOUNS = (
    live,
    calls,
    pictures,
    lines,
    spans,
    sign_in,
    account,
    acme,
    users,
    tokens,
    alarms,
    certificate,
    desk,
    notes,
    prompts,
    backups,
    bans,
    persons,
    api,
    webhooks,
    settings,
    sheets,
    trial,
)
ROOT = Path(__file__).resolve().parent
FORM_BYTES = 16 * 1024


def create_app(feed: Feed, most_streams: int = MOST, connect: Connect = Client) -> Flask:
    """Return the application that shows what `feed` knows; the feed is started and closed by the caller.

    `connect` reaches the exchange, which says who is signed in and what they may do.
    """
    app = Flask(__name__, static_folder=None)
    app.request_class = uploads.Request
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    build = release()
    app.jinja_env.globals.update(
        build=build, clean=clean, duration=duration, places=places, beside=beside, around=around, here=page.here
    )
    app.jinja_env.globals.update(has_words=known, where=settings.where, with_present=fields.with_present)
    parts = Parts(app)
    app.extensions.update(feed=feed, parts=parts, streams=Streams(feed, build, most_streams), downloads=Downloads())
    guard.install(app)
    files.install(app, ROOT / "static")
    visitor.install(app, connect, uploads.admit)
    refusals.install(app)
    for noun in NOUNS:
        app.register_blueprint(noun.bp)
    interface = create_api(connect, lambda: feed.closed)
    app.extensions["interface"] = interface.extensions["interface"]
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PREFIX: interface})  # type: ignore[method-assign]
    return app


def release() -> str:
    """Return what changes whenever a page does; an open page of another release then loads itself anew."""
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("static/**/*"), *ROOT.glob("templates/**/*"), *ROOT.glob("**/*.py")]):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
