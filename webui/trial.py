"""The trial of a revision, told to all open pages of those who may see the settings as soon as it begins or ends."""

from flask import Blueprint, current_app, g, request
from flask.typing import ResponseReturnValue

from webui import csrf
from webui.feed import Moment
from webui.live import streamed
from webui.page import language_asked
from webui.parts import fragments
from webui.sign_in import own_path
from webui.visitor import ask
from webui.wording import Wording

bp = Blueprint("trial", __name__, url_prefix="/trial")


@bp.get("/stream")
def stream() -> ResponseReturnValue:
    """Send what stands above a page as server-sent events, while its reader is signed in; ?to= is that page's path."""
    ask("session.may", what="candidate.state")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    language, role, to = language_asked(), g.visitor.role, own_path(request.args.get("to", ""))
    form = csrf.made_for(g.visitor.token)

    def draw(moment: Moment) -> dict[str, str]:
        picture = moment.picture
        if picture is None:
            return {}  # what was told last stands until the exchange is back
        say = Wording(language, picture.box.timezone)
        told = {"trial": picture.trial, "revision": picture.revision, "role": role, "form": form, "to": to}
        return fragments(app, {"bar": "_trial.html"}, {"say": say, **told})

    return streamed(lambda presence: draw)
