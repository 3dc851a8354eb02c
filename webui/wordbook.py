"""All that the pages say, in Chinese and English: one module a noun in `webui/words/`, gathered here."""

from webui.words import (
    account,
    agents,
    alarms,
    api,
    backups,
    bans,
    calls,
    certificate,
    desk,
    fields,
    lines,
    live,
    page,
    persons,
    pictures,
    prompts,
    queues,
    records,
    refusals,
    settings,
    sheets,
    sign_in,
    spans,
    tokens,
    trunks,
    users,
    waiting,
    webhooks,
)
from webui.words.text import Words

NOUNS = (
    account, agents, alarms, api, backups, bans, calls, certificate, desk, fields, lines, live, page, persons,
    pictures, prompts, queues, records, refusals, settings, sheets, sign_in, spans, tokens, trunks, users, waiting,
    webhooks,
)  # fmt: skip


def _gathered() -> dict[str, Words]:
    words: dict[str, Words] = {}
    for noun in NOUNS:
        if twice := words.keys() & noun.WORDS.keys():
            raise ValueError(f"these texts are there twice: {', '.join(sorted(twice))}")
        words.update(noun.WORDS)
    return words


WORDS = _gathered()


def say(key: str, language: str, **filled: str) -> str:
    """Return a text of the pages; what is filled in is not escaped here. Raises KeyError for an unknown key."""
    words = WORDS[key]
    return (words.zh if language == "zh" else words.en).format(**filled)


def known(key: str) -> bool:
    """Tell whether there is such a text."""
    return key in WORDS
