"""A whole page: its language, who reads it, and what its forms carry.

How a page is made:

1. a blueprint `webui/<noun>.py`, in `app.py`'s list, whose views `ask` the exchange and return `page(...)`; what a form
   was refused for becomes `wrong` by `mistakes.mistakes`, and the page is shown again with what was typed (status 422)
2. `templates/<noun>/index.html`, which extends `layout.html` and fills `title` and `content`: one `<h1>`, then
   `<section aria-labelledby=...>` cards; `.columns` puts two beside each other where there is room
3. a form by the macros of `forms.html` (each field with its label, help and mistake); a list by `webui/listing.py` and
   the macros of `lists.html`, with what to do next where it is empty
4. its words in `webui/words/<noun>.py`, both languages, in `wordbook.py`'s list; a line in `places.py`

`tests/browser/test_places.py` then looks at it in both languages, light and dark, wide and narrow, by itself.
"""

from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request

from webui import cookies, csrf
from webui.standing import standing
from webui.visitor import visitor
from webui.wording import Wording
from webui.words.text import LANGUAGES

YEAR_S = 365 * 86400


def language_asked() -> str:
    """Return the language of this request: ?lang=, what was chosen here before, the user's, the browser's.

    A newcomer has not been asked yet: theirs becomes the one in which they choose a password.
    """
    known = visitor()
    own = known.language if known and known.password == "own" else None  # noqa: S105
    for wish in (request.args.get("lang"), cookies.read("language"), own):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(LANGUAGES) or "en"


def page(
    template: str, status: int = 200, timezone: str = "", *, above: dict[str, Any] | None = None, **context: Any
) -> Response:
    """Return a page in the language asked for; a language asked for by address is remembered.

    `above` is what stands above every page (webui.standing); it is asked for unless it is given.
    """
    language = language_asked()
    known = visitor()
    stands = standing(language) if above is None else above
    html = render_template(
        template,
        say=Wording(language, timezone),
        visitor=known,
        form=csrf.made_for(known.token) if known else csrf.of_visit(),
        in_language=_in_language,
        standing=stands,
        **context,
    )
    response = make_response(html, status)
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.headers["Content-Language"] = language
    if request.args.get("lang") in LANGUAGES:
        cookies.give(response, "language", language, YEAR_S)
    if known is None:
        csrf.remember(response)
    return response


def _in_language(language: str) -> str:
    """Return the address of this page in a language."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return "?" + urlencode([*others, ("lang", language)])


def here(**changes: object) -> str:
    """Return the address of this page with some of its query changed; what is empty is left out.

    Where only the page of a list is not among the changes, it is the first again.
    """
    left = [(name, value) for name, value in request.args.items(multi=True) if name not in {*changes, "lang", "page"}]
    return "?" + urlencode([*left, *((name, value) for name, value in changes.items() if value)])
