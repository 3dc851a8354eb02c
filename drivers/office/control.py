"""The office's control socket: what the command and the tests ask of it (drivers.link.office)."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import msgspec.inspect
from msgspec import structs

from drivers.link.errors import DriverError
from drivers.link.framing import LINE_BYTES, check_peer, encode, read_line
from drivers.link.office import (
    Battery,
    DialDigits,
    Fault,
    Handset,
    HangUp,
    LineStatus,
    Parallel,
    PlaceCall,
    Press,
    Progress,
    Recall,
    Report,
    Reversal,
    Say,
    Silence,
    SpanFault,
    SpanStatus,
    SpanVariant,
    Speak,
    Subscriber,
)
from drivers.office.board import BoardSocket, listening
from drivers.office.caller import Caller
from drivers.office.line import Line
from drivers.office.office import Office
from drivers.office.span import Span

log = logging.getLogger("office.control")
T = TypeVar("T")


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One order; `id` comes back with every answer to it."""

    id: int
    method: str
    params: msgspec.Raw = msgspec.Raw(b"{}")


class BadRequest(DriverError):
    """An order that cannot be understood."""

    code = "bad-request"


class ControlSocket:
    """Listens for clients; calls placed by a client that goes are hung up."""

    def __init__(self, office: Office, board: BoardSocket, path: Path) -> None:
        self._office = office
        self._board = board
        self._path = path
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self._methods: dict[str, tuple[type[Any], Callable[[Any], object]]] = {
            "press": (Press, office.press),
            "say": (Say, office.say),
            "hang_up": (HangUp, office.hang_up),
            "subscriber": (Subscriber, office.subscribe),
            "silence": (Silence, self._silence),
            "battery": (Battery, self._battery),
            "fault": (Fault, self._fault),
            "reversal": (Reversal, self._reversal),
            "recall": (Recall, self._recall),
            "span_fault": (SpanFault, self._span_fault),
            "span_variant": (SpanVariant, lambda order: office.span(order.span).speak(order.variant)),
            "parallel": (Parallel, self._parallel),
            "handset": (Handset, lambda order: getattr(office.telephone(order.port), order.act)()),
            "dial": (DialDigits, lambda order: office.telephone(order.port).dial(order.digits, order.pulse)),
            "speak": (Speak, lambda order: office.telephone(order.port).speak(order.play, order.tone_hz)),
        }
        self._readings: dict[str, Callable[[], object]] = {
            "lines": lambda: [self._status(line) for line in office.lines.values()],
            "telephones": lambda: [telephone.status() for telephone in office.telephones.values()],
            "spans": lambda: [_span_status(span) for span in office.spans.values()],
            "calls": office.calls,
            "subscribers": office.directory.subscribers,
        }

    async def listen(self) -> None:
        """Begin to listen; OSError when the socket cannot be made."""
        self._server = await asyncio.start_unix_server(self._serve, sock=listening(self._path), limit=LINE_BYTES)

    async def close(self) -> None:
        """Listen no more, and part from all clients."""
        if self._server:
            self._server.close()
            for writer in tuple(self._clients):
                writer.close()
            await self._server.wait_closed()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers: list[Caller] = []
        self._clients.add(writer)
        try:
            check_peer(writer.get_extra_info("socket"))
            while (line := await read_line(reader)) is not None:
                self._answer(line, writer, callers)
                await writer.drain()
        except (DriverError, ConnectionError) as error:
            log.warning("client refused: %s", error)
        finally:
            self._clients.discard(writer)
            for caller in callers:
                caller.hang_up()
            writer.close()

    def _answer(self, line: bytes, writer: asyncio.StreamWriter, callers: list[Caller]) -> None:
        number = 0
        try:
            request = _decoded(line, Request)
            number = request.id
            if request.method == "call":
                callers.append(self._place(request, writer))
                return
            result = self._carry_out(request)
        except DriverError as error:
            writer.write(encode({"id": number, "error": {"code": error.code, "message": str(error)}}))
        else:
            writer.write(encode({"id": number, "result": result}))

    def _carry_out(self, request: Request) -> object:
        if request.method in self._readings:
            return self._readings[request.method]()
        if request.method not in self._methods:
            known = ", ".join(sorted(["call", *self._methods, *self._readings]))
            raise BadRequest(f"method: {request.method!r} is unknown; there are {known}")
        shape, act = self._methods[request.method]
        return act(_decoded(bytes(request.params), shape))

    def _place(self, request: Request, writer: asyncio.StreamWriter) -> Caller:
        order = _decoded(bytes(request.params), PlaceCall)
        placed: list[Caller] = []

        def tell(progress: Progress) -> None:
            if not writer.is_closing():
                writer.write(encode({"id": request.id, "event": progress}))
            if progress.event == "ended" and not writer.is_closing():
                report: Report = placed[0].report()
                writer.write(encode({"id": request.id, "result": report}))

        placed.append(self._office.prepare(order, tell))
        placed[0].place()
        return placed[0]

    def _silence(self, order: Silence) -> None:
        line = self._office.line(order.line)
        for direction in ("to_box", "from_box") if order.direction == "both" else (order.direction,):
            change = self._office.silenced.add if order.on else self._office.silenced.discard
            change((line.number, direction))

    def _battery(self, order: Battery) -> None:
        line = self._office.line(order.line)
        line.fail(structs.replace(line.fault, battery=order.on))

    def _parallel(self, order: Parallel) -> None:
        self._office.line(order.line).parallel = order.act == "lift"

    def _fault(self, order: Fault) -> None:
        self._office.line(order.line).fail(order)

    def _span_fault(self, order: SpanFault) -> None:
        self._office.span(order.span).fault = order

    def _recall(self, order: Recall) -> None:
        self._office.line(order.line).recall = order.on

    def _reversal(self, order: Reversal) -> None:
        line = self._office.line(order.line)
        line.reversal, line.reversal_incoming = order.on, order.on and order.incoming

    def _status(self, line: Line) -> LineStatus:
        pair = self._board.pairs.get(line.number)
        return LineStatus(
            line=line.number,
            state=line.state,
            loop_closed=line.loop_closed,
            ring=line.ring,
            battery=line.battery,
            parallel=line.parallel,
            polarity="reversed" if line.reversed else "normal",
            board=pair is not None,
            silenced=tuple(sorted(direction for number, direction in self._office.silenced if number == line.number)),
            reversal=line.reversal,
            dial_tone=line.fault.dial_tone,
            dial_tone_hz=line.fault.dial_tone_hz,
            noise_dbm0=line.fault.noise_dbm0,
            caller_id=line.fault.caller_id,
            keys=line.fault.keys,
            call=self._office.call_on(line),
            missing_blocks=pair.missing if pair else 0,
            dropped_blocks=pair.dropped if pair else 0,
        )


def _span_status(span: Span) -> SpanStatus:
    calls = {circuit.slot: str(circuit.state) for circuit in span.circuits.values()}
    fault = span.fault
    return SpanStatus(
        span.number, span.side, span.plugged, span.up, fault.dchannel, fault.alarm, calls, fault.plug, fault.looped,
        span.wrong_bits, span.speaks, span.r2_variant, span.joined, fault.joins, tuple(sorted(span.waiting)),
    )  # fmt: skip


def _decoded(data: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise BadRequest(_explained(str(error), data, shape)) from error
    except msgspec.DecodeError as error:
        raise BadRequest(f"not JSON: {error}") from error


def _explained(text: str, data: bytes, shape: type[Any]) -> str:
    """Return field, value and what would be right, where the fault is in one field; else msgspec's own text."""
    _, found, field = text.partition(" - at `$.")
    given = msgspec.json.decode(data)
    if not found or not isinstance(given, dict) or field[:-1] not in given:
        return text
    for known in msgspec.structs.fields(shape):
        if known.encode_name == field[:-1]:
            right = _description(msgspec.inspect.type_info(known.type))
            return f"{field[:-1]}: {given[field[:-1]]!r}, must be {right}" if right else text
    return text


def _description(kind: msgspec.inspect.Type) -> str:
    if isinstance(kind, msgspec.inspect.Metadata):
        return str((kind.extra_json_schema or {}).get("description", ""))
    if isinstance(kind, msgspec.inspect.LiteralType):
        return "one of " + ", ".join(map(str, kind.values))
    if isinstance(kind, msgspec.inspect.UnionType):
        return next(filter(None, map(_description, kind.types)), "")
    return ""
