"""What buttons of live pages do: the same act for a script, which is told what was wrong, and for a plain form."""

from collections.abc import Callable

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from firmware.errors import BadRequest, BusyhourError, NotAllowed, SignedOut
from webui.mistakes import refused, said
from webui.page import language_asked
from webui.wording import Wording


def acted(act: Callable[[str], object], back: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Do what the form's `act` names, and go `back`; a script gets no content, or `wrong` in the reader's language."""
    if not wants_json():
        act(request.form.get("act", ""))
        return back()
    try:
        done = act(request.form.get("act", ""))
    except BusyhourError as error:
        return refusal(error)
    return jsonify(done) if done is not None else Response(status=204)


def refusal(error: BusyhourError) -> Response:
    """Return what a script is told of a refusal: `wrong` in words, the error's facts, and a status it goes by."""
    status = {SignedOut.code: 401, NotAllowed.code: 403, "changed": 409, "unavailable": 503, "no-storage": 503}
    response = jsonify({"wrong": wrong(error), **error.facts})
    response.status_code = status.get(error.code, 422)
    return response


def wrong(error: BusyhourError) -> str:
    """Return in the reader's language what was wrong."""
    say = Wording(language_asked())
    if isinstance(error, BadRequest) and error.problems:
        problem = error.problems[0]
        return said(f"wrong.{problem.path}", problem.rule, say)
    return refused(error, say)


def wants_json() -> bool:
    """Tell whether a script asks, not a form of a page without one."""
    return request.accept_mimetypes.best == "application/json"
