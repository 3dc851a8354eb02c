"""Who answers beyond the office: the numbering plan, and the subscribers with a behaviour of their own."""

from drivers.link.office import Subscriber

# Digit sets by position: X is any digit. Beijing's plan, as far as a box dials it (no international calls).
PLAN = (
    "110", "112", "119", "120", "122",          # emergency: they answer, but nobody real is called
    "10XXX", "95XXX", "96XXX",                  # carriers and services
    "1[3-9]XXXXXXXXX", "01[3-9]XXXXXXXXX",      # mobiles, of this city and of others
    "[2-35-7]XXXXXXX", "[48][1-9]XXXXXX", "[48]0[1-9]XXXXX",
    "400XXXXXXX", "800XXXXXXX",
    "010XXXXXXXX", "02XXXXXXXXX", "0[3-9]XXXXXXXXX", "0[3-9]XXXXXXXXXX",
)  # fmt: skip
KNOWN = (
    Subscriber(number="62220001", behaviour="busy"),
    Subscriber(number="62220002", behaviour="no_answer"),
    Subscriber(number="62220003", answer_after_s=1.0, voice="tone", talk_s=3.0),
    Subscriber(number="62220004", behaviour="unknown"),
    Subscriber(number="62220005", behaviour="congested"),
)


class Directory:
    """Finds who has a number. Numbers of the plan without a behaviour of their own answer and echo."""

    def __init__(self) -> None:
        self._plan = [_positions(pattern) for pattern in PLAN]
        self._known = {subscriber.number: subscriber for subscriber in KNOWN}

    def set(self, subscriber: Subscriber) -> None:
        """Let a number behave so from the next call on; it need not be in the plan."""
        self._known[subscriber.number] = subscriber

    def subscribers(self) -> list[Subscriber]:
        """Return the numbers with a behaviour of their own."""
        return list(self._known.values())

    def find(self, number: str) -> Subscriber:
        """Return who answers a number."""
        if number in self._known:
            return self._known[number]
        if any(len(positions) == len(number) and _begins(positions, number) for positions in self._plan):
            return Subscriber(number=number)
        return Subscriber(number=number, behaviour="unknown")

    def may_go_on(self, digits: str) -> bool:
        """Whether a longer number begins with these digits, so that the next one is worth waiting for."""
        if any(len(number) > len(digits) and number.startswith(digits) for number in self._known):
            return True
        return any(len(positions) > len(digits) and _begins(positions, digits) for positions in self._plan)


def _positions(pattern: str) -> list[frozenset[str]]:
    positions: list[frozenset[str]] = []
    rest = pattern
    while rest:
        if rest[0] == "[":
            inside, _, rest = rest[1:].partition("]")
            positions.append(_set(inside))
        else:
            positions.append(frozenset("0123456789") if rest[0] == "X" else frozenset(rest[0]))
            rest = rest[1:]
    return positions


def _set(inside: str) -> frozenset[str]:
    digits = ""
    for index, sign in enumerate(inside):
        if sign != "-":
            digits += sign
        else:
            digits += "".join(str(digit) for digit in range(int(inside[index - 1]), int(inside[index + 1]) + 1))
    return frozenset(digits)


def _begins(positions: list[frozenset[str]], digits: str) -> bool:
    return all(digit in allowed for digit, allowed in zip(digits, positions, strict=False))
