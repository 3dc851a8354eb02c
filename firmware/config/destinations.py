"""Whether every place a configuration sends a caller to is there, and no caller is sent round for ever."""

import difflib
from collections.abc import Iterator, Mapping

from firmware.config import extensions, ways
from firmware.config.schema import Config, Outgoing
from firmware.errors import Problem

Names = Mapping[str, None]  # in the configuration's order, and quick to look up


def check(config: Config) -> Iterator[Problem]:
    """Yield names of queues, flows, extensions, agents, hours, lines and trunks that are not there, and loops."""
    there = {
        "queue": {queue.name: None for queue in config.queues},
        "flow": {flow.name: None for flow in config.flows},
        "extension": dict.fromkeys(extensions.every(config)),
    }
    for path, destination in destinations(config):
        kind, _, name = destination.partition(":")
        if kind in there:
            yield from _missing(path, destination, kind, name, there[kind])
        elif kind == "number" and not any(goes_out_by(rule, name) for rule in config.outgoing):
            right = f"a number that an outgoing rule lets out is right; none fits {name}"
            yield Problem(path, destination, right, "no-way-out")
    yield from _missing_names(config)
    yield from _loops(config)


def destinations(config: Config) -> Iterator[tuple[str, str]]:
    """Yield every destination named in a configuration with its path; `repeat` and `hangup` lead nowhere."""
    for index, route in enumerate(config.routes):
        yield f"routes[{index}].to", route.to
        if route.otherwise is not None:
            yield f"routes[{index}].otherwise", route.otherwise
    for index, flow in enumerate(config.flows):
        for key, choice in flow.keys.items():
            yield f"flows[{index}].keys.{key}.to", choice.to
        yield f"flows[{index}].no_key", flow.no_key
    for index, queue in enumerate(config.queues):
        yield f"queues[{index}].overflow", queue.overflow
    if config.box.fax:
        yield "box.fax", config.box.fax
    for index, line in enumerate(config.lines):
        if line.fax:
            yield f"lines[{index}].fax", line.fax


def goes_out_by(rule: Outgoing, number: str) -> bool:
    """Tell whether a dialled number is one of an outgoing rule's."""
    return number.startswith(rule.prefix) and rule.min_digits <= len(number) <= rule.max_digits


def _missing_names(config: Config) -> Iterator[Problem]:
    telephones = dict.fromkeys(extensions.every(config))
    agents = {agent.number: None for agent in config.agents}
    hours = {one.name: None for one in config.hours}
    lines = {str(line.number): None for line in config.lines}
    trunks = {trunk.name: None for trunk in ways.trunks(config)}
    for index, agent in enumerate(config.agents):
        if agent.extension:
            path = f"agents[{index}].extension"
            yield from _missing(path, agent.extension, "extension", agent.extension, telephones)
    for index, queue in enumerate(config.queues):
        for place, number in enumerate(queue.agents):
            yield from _missing(f"queues[{index}].agents[{place}]", number, "agent", number, agents)
    queues = {queue.name: None for queue in config.queues}
    for index, disposition in enumerate(config.dispositions):
        for place, name in enumerate(disposition.queues):
            yield from _missing(f"dispositions[{index}].queues[{place}]", name, "queue", name, queues)
    for index, route in enumerate(config.routes):
        path = f"routes[{index}]"
        if route.hours:
            yield from _missing(f"{path}.hours", route.hours, "entry of hours", route.hours, hours)
        elif route.otherwise is not None:
            right = "without hours no otherwise is right: name the hours"
            yield Problem(f"{path}.otherwise", route.otherwise, right, "no-hours")
        yield from _missing_way(f"{path}.source", route.source, lines, trunks)
    for index, rule in enumerate(config.outgoing):
        for place, way in enumerate(rule.via):
            path = f"outgoing[{index}].via[{place}]"
            yield from _missing_way(path, way, lines, trunks)
            if way == "lines" and not lines:
                yield Problem(path, way, "a trunk is right; there are no lines", "no-lines")


def _missing_way(path: str, way: str, lines: Names, trunks: Names) -> Iterator[Problem]:
    kind, _, name = way.partition(":")
    if name and kind == "line":
        yield from _missing(path, way, "line", name, lines)
    elif name:
        yield from _missing(path, way, "trunk", name, trunks)


def _missing(path: str, value: str, noun: str, name: str, there: Names) -> Iterator[Problem]:
    if name in there:
        return
    near = difflib.get_close_matches(name, there, 1)
    shown = [*near, *(one for one in there if one not in near)][:8]
    rest = "none" if not there else ", ".join(shown) + (" and others" if len(there) > len(shown) else "")
    rule = f"there is no {noun} {name}; there {'are' if len(there) != 1 else 'is'} {rest}"
    yield Problem(path, value, rule, "no-such", {"noun": noun, "name": name, "there": shown})


def _loops(config: Config) -> Iterator[Problem]:
    """Find callers who would go round for ever without pressing a key: full queues, and menus nobody answers."""
    onward = {f"queue:{queue.name}": queue.overflow for queue in config.queues}
    onward |= {f"flow:{flow.name}": flow.no_key for flow in config.flows}
    paths = {f"queue:{queue.name}": f"queues[{index}].overflow" for index, queue in enumerate(config.queues)}
    paths |= {f"flow:{flow.name}": f"flows[{index}].no_key" for index, flow in enumerate(config.flows)}
    told: set[str] = set()
    for start in onward:
        way = [start]
        while (after := onward.get(way[-1])) is not None and after not in way:
            way.append(after)
        if after == start and told.isdisjoint(way):
            told.update(way)
            rule = f"a way that ends is right; {' > '.join([*way, start])} goes round for ever"
            yield Problem(paths[start], onward[start], rule, "loop", {"way": [*way, start]})
