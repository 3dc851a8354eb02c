"""What the pages say."""

import re
from string import Formatter
from typing import get_args

import pytest

from firmware.agents.agent import AgentState
from firmware.alarms import SEVERITIES, Severity
from firmware.errors import LastAdmin, TooManyTries, WrongPassword
from firmware.supervisor.program import State
from firmware.users.user import RoleName
from webui import account, certificate, users
from webui.app import ROOT
from webui.wordbook import WORDS, known, say
from webui.words.text import LANGUAGES

TEMPLATES = "".join(path.read_text() for path in ROOT.glob("templates/**/*.html"))


def test_every_text_the_templates_use_is_there():
    used = set(re.findall(r"""say\(["']([a-z_.]+)["'][,)]""", TEMPLATES))
    assert len(used) > 20
    assert used - set(WORDS) == set()


@pytest.mark.parametrize("key", sorted(WORDS))
def test_every_text_has_both_languages_with_the_same_places_to_fill(key):
    places = [{name for _, name, _, _ in Formatter().parse(words) if name} for words in WORDS[key]]
    assert all(WORDS[key])
    assert places[0] == places[1]


def test_chinese_texts_are_chinese():
    latin_only = [key for key, words in WORDS.items() if not re.search(r"[\u4e00-\u9fff]", words.zh)]
    assert latin_only == []


@pytest.mark.parametrize("state", AgentState)
def test_every_state_an_agent_can_have_has_words(state):
    assert known(f"agent.{state}")


@pytest.mark.parametrize("name", SEVERITIES)
def test_every_alarm_has_words(name):
    assert known(f"alarm.{name}")
    assert known(f"alarm.{name}.do")


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_words(severity):
    assert known(f"severity.{severity}")


@pytest.mark.parametrize("state", State)
def test_every_state_a_program_can_have_has_words(state):
    assert known(f"state.{state}")


@pytest.mark.parametrize("role", get_args(RoleName))
def test_every_role_has_words_and_says_what_it_may(role):
    assert known(f"role.{role}")
    assert known(f"role.{role}.may")


def test_every_refusal_that_a_form_can_meet_has_words():
    codes = {code for noun in (account, certificate, users) for code in noun.FIELDS}
    codes |= {LastAdmin.code, WrongPassword.code, TooManyTries.code}
    assert [code for code in codes if not known(f"error.{code}")] == []


def test_no_template_has_text_of_its_own():
    """Letters outside tags and template code would be in one language only."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<code>.*?</code>|<[^>]*>", " ", TEMPLATES, flags=re.DOTALL)
    assert set(re.findall(r"[^\W\d_]{2,}", text)) <= {"Busyhour"}


def test_places_are_filled():
    assert [say("where.queue", language, name="x") for language in LANGUAGES] == ["队列 x", "queue x"]
