"""New messages that wait for an extension, as its telephone shows them."""

from drivers.link.messages.base import Command


class ShowWaiting(Command, frozen=True, tag="show_waiting"):
    """Let telephones show how many new messages wait for them; replaces what they were told before.

    `new`: by extension. One that is not named never had any, and its telephone is told nothing.
    """

    new: dict[str, int]
