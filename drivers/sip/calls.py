"""All SIP calls of the box: those that come in from the edge, those dialled through it, and what they need to know."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence

import pjsua2 as pj

from drivers.channel import Channel, Host, State
from drivers.link import causes
from drivers.link.manner import Manner
from drivers.link.messages import Dial, Provision, SipTrunk, ToExtension, ToTrunk
from drivers.sip import account as accounts
from drivers.sip import headers, identity, summary
from drivers.sip.account import Account
from drivers.sip.addresses import MediaAddresses
from drivers.sip.channel import SipCall, SipChannel, is_encrypted, refuse
from drivers.sip.edge.forwards import NETWORK as FORWARDS
from drivers.sip.endpoint import Endpoint, SipError, translated
from drivers.sip.ports import RtpPorts
from drivers.sip.registrations import Registrations
from native import loop as native_loop

log = logging.getLogger(__name__)

RTP_PORTS = (20000, 23999)  # until the configuration is known

# A telephone gets no offer of both: a=crypto in RTP/AVP is against RFC 4568, and some refuse it
OFFERS = {
    "off": pj.PJMEDIA_SRTP_DISABLED, "offer": pj.PJMEDIA_SRTP_OPTIONAL, "require": pj.PJMEDIA_SRTP_MANDATORY,
}  # fmt: skip

_CONNECTION = re.compile(r"^c=IN IP[46] ([0-9A-Fa-f.:]+)", re.MULTILINE)  # RFC 8866 §5.7
_SOURCE = re.compile(r"(extension:|trunk:([A-Za-z0-9_-]{1,32},)*)[A-Za-z0-9_.+*#-]{1,64}")


class SipCalls:
    """Makes a channel of each call. `add` takes it up among the gateway's; `next_id` names one that comes in."""

    def __init__(
        self,
        host: Host,
        endpoint: Endpoint,
        registrations: Registrations,
        add: Callable[[Channel], None],
        next_id: Callable[[], str],
        registered: Callable[[str, bool], None],
    ) -> None:
        self._host, self._endpoint, self._registrations = host, endpoint, registrations
        self._add, self._next_id, self._registered = add, next_id, registered
        self._media = MediaAddresses()
        self._rtp = RTP_PORTS
        self._ports = RtpPorts(*RTP_PORTS)
        self._calls: dict[int, SipCall] = {}  # by pjsua's number; the reference pjsua2 needs until the end
        self._trunks: dict[str, Account] = {}
        self._retired: list[Account] = []
        self._resolved: Mapping[str, Sequence[str]] = {}
        self._srtp: frozenset[str] = frozenset()  # the extensions that are called with SRTP
        self.accepting = True
        self._box = Account(self._incoming, registered)
        self._box.create(accounts.config(endpoint, self._rtp), True)
        self._find_port(self._box)
        endpoint.asked = self._asked

    def __len__(self) -> int:
        """How many dialogs there are, closing ones included."""
        return len(self._calls)

    @translated
    def provision(self, command: Provision, resolved: Mapping[str, Sequence[str]]) -> None:
        """Take another configuration; `resolved` has the trunks' addresses. Calls under way go on as they are.

        Raises SipError where a trunk's host or name is none for SIP.
        """
        self._media = MediaAddresses(command.media_addresses)
        self._resolved = resolved
        self._srtp = frozenset(user.number for user in command.users if user.srtp)
        rtp = (command.rtp_first, command.rtp_last)
        if rtp != self._rtp:
            self._rtp, self._ports = rtp, RtpPorts(*rtp)
            self._box.modify(accounts.config(self._endpoint, rtp))
            for held in self._trunks.values():
                held.modify(accounts.config(self._endpoint, rtp, held.trunk))
        wanted = {trunk.name: trunk for trunk in command.trunks}
        for name, held in tuple(self._trunks.items()):
            if held.trunk != wanted.get(name):
                self._retired.append(self._trunks.pop(name))
                native_loop.name_trunk(held.getId(), "")
                if held.trunk is not None and held.trunk.register:
                    held.setRegistration(False)
        for name, trunk in wanted.items():
            if name not in self._trunks:
                self._trunks[name] = Account(self._incoming, self._registered, trunk)
                self._trunks[name].create(accounts.config(self._endpoint, rtp, trunk))
                native_loop.name_trunk(self._trunks[name].getId(), name)
        for account in (self._box, *self._trunks.values()):
            self._find_port(account)
        self._let_go_of_retired()

    def dial(self, command: Dial) -> None:
        """Make a channel and call a telephone or a number beyond a trunk; what goes wrong ends the channel."""
        target = command.target
        if isinstance(target, ToTrunk):
            account = self._trunks.get(target.trunk)
            label = f"trunk:{target.trunk}:{target.number}"
        else:
            account = self._box
            label = f"extension:{target.number}" if isinstance(target, ToExtension) else ""
        call = SipCall(account or self._box)
        call.gone, call.hear, call.find = self._gone, self._endpoint.hear, self._find
        channel = SipChannel(
            self._host, command.channel, State.DIALING, call, target=label, tag=command.tag,
            caller_number=command.caller_number, caller_name=command.caller_name,
        )
        self._add(channel)
        if isinstance(target, ToExtension):
            self._host.spawn(self._dial_extension(channel, command, target.number))
        elif isinstance(target, ToTrunk) and account is not None and account.trunk is not None:
            trunk = account.trunk
            found = self._resolved.get(trunk.name) or [trunk.host]
            call.media_address, call.manner = self._media.towards(found[0]), trunk.manner
            uri = accounts.uri(trunk, headers.escaped_user(target.number))
            self._place(channel, command, uri, accounts.domain(trunk), account, OFFERS[trunk.srtp])
        else:
            channel.end(causes.NETWORK_OUT_OF_ORDER, "gateway")

    def show_waiting(self, number: str, new: int) -> None:
        """Tell an extension's telephones, if any is registered, how many new messages wait for them."""
        if self._registrations.peer(number):
            try:
                summary.notify(self._box, str(self._endpoint.edge), number, new)
            except SipError as error:
                log.error("extension %s is not told of its messages: %s", number, error)

    async def _dial_extension(self, channel: SipChannel, command: Dial, number: str) -> None:
        if not self._registrations.peer(number):
            await self._registrations.refresh()  # it may have come a moment ago
        channel.call.media_address = self._media.towards(self._registrations.peer(number))
        if channel.state is State.DIALING:
            edge = str(self._endpoint.edge)
            uri = f"sip:{headers.escaped_user(number)}@{edge}"
            self._place(channel, command, uri, edge, self._box, OFFERS["require" if number in self._srtp else "off"])

    def _place(
        self, channel: SipChannel, command: Dial, uri: str, domain: str, account: Account, srtp: int
    ) -> None:
        trunk = account.trunk
        sender, more = identity.sender(
            command.caller_number, command.caller_name, domain, trunk.manner if trunk else None,
            trunk.username if trunk else "",
        )  # fmt: skip
        self._find_port(account)
        native_loop.next_media(account.getId(), srtp, ":" in channel.call.media_address)
        try:
            channel.dial(uri, sender, command.timeout_s, more)
        except SipError as error:
            log.error("%s: %s", channel.id, error)
            channel.end(causes.NO_CIRCUIT_AVAILABLE, "gateway")  # no port is free, or there are too many calls
            return
        finally:
            native_loop.next_media(account.getId(), pj.PJMEDIA_SRTP_OPTIONAL, False)  # what re-INVITEs are judged by
        if channel.state is not State.ENDED:
            self._calls[channel.call.getId()] = channel.call

    def _incoming(self, account: Account, call_id: int, message: str) -> None:
        call = SipCall(account, call_id)
        call.gone, call.hear, call.find = self._gone, self._endpoint.hear, self._find
        self._calls[call_id] = call
        self._find_port(account)  # for the next one: this one has its own already
        fields = headers.fields(message)
        source = fields.get(headers.SOURCE.lower(), [""])[0]
        if not self.accepting or not _SOURCE.fullmatch(source):
            # not from within pjsua's own work on the INVITE: it would forget our headers
            asyncio.get_running_loop().call_soon(refuse, call, 403 if self.accepting else 503)
            return
        source, trunk = self._whose(source, message, fields)
        call.manner = trunk.manner if trunk else Manner()
        call.encrypted = trunk is not None and trunk.srtp == "require"
        if call.encrypted and not is_encrypted(message):
            log.warning("a call from %s is refused: its voice would not be encrypted", source)
            asyncio.get_running_loop().call_soon(refuse, call, 488)
            return
        peer = fields.get(headers.PEER.lower(), [""])[0]
        if trunk is not None and peer.startswith(FORWARDS):
            peer = next(iter(self._resolved.get(trunk.name, ())), peer)
        call.media_address = self._media.towards(_voice(peer, message))
        caller = identity.caller(fields, call.manner.caller_from)
        channel = SipChannel(
            self._host, self._next_id(), State.OFFERED, call, source=source,
            did=identity.called(message, fields, call.manner.did_from), caller_number=caller.number,
            caller_name=caller.name, withheld=caller.withheld,
        )
        self._add(channel)
        channel.offered()

    def _whose(self, source: str, invite: str, fields: identity.Fields) -> tuple[str, SipTrunk | None]:
        """Return a call's source, and its trunk where it is one that is configured.

        Of several trunks at one address it is the one that is called so, by its own way to say that, else the first.
        """
        if not source.startswith("trunk:"):
            return source, None
        names = source.removeprefix("trunk:").split(",")
        known = {name: held.trunk for name in names if (held := self._trunks.get(name)) and held.trunk}
        for name, trunk in known.items() if len(names) > 1 else ():
            if identity.called(invite, fields, trunk.manner.did_from) in trunk.called:
                return f"trunk:{name}", trunk
        if len(names) > 1:
            called = headers.request_user(invite)
            log.warning("a call for %r is none of %s's, which share an address; taken for the first's", called, source)
        return f"trunk:{names[0]}", known.get(names[0])

    def _find_port(self, account: Account) -> None:
        native_loop.next_rtp_port(account.getId(), self._ports.next())

    def _find(self, dialog: str) -> SipChannel | None:
        return next((call.channel for call in self._calls.values() if call.getInfo().callIdString == dialog), None)

    def _asked(self, call_id: int, method: str, kind: str, text: str, cseq: int) -> None:
        call = self._calls.get(call_id)
        if call is not None and call.channel is not None:
            call.channel.asked(method, kind, text, cseq)

    def _gone(self, call: SipCall) -> None:
        self._calls.pop(call.getId(), None)
        asyncio.get_running_loop().call_soon(_let_go, call)
        if self._retired:
            self._let_go_of_retired()

    def _let_go_of_retired(self) -> None:
        """Drop the accounts of trunks no longer configured, once no call is left (which may be one of theirs)."""
        if not self._calls:
            for account in self._retired:
                account.shutdown()
            self._retired.clear()

    def close(self) -> None:
        """Let go of all of pjsua2's objects, before the stack is ended."""
        self._calls.clear()
        for account in (*self._trunks.values(), *self._retired, self._box):
            account.shutdown()
        self._trunks.clear()
        self._retired.clear()


def _voice(peer: str, invite: str) -> str:
    """Return where a caller's voice comes from: its own address, unless its SDP has one of the other IP version."""
    offered = _CONNECTION.search(invite)
    return offered[1] if offered and (":" in offered[1]) != (":" in peer) else peer


def _let_go(call: SipCall) -> None:
    """Hold a call's last reference until pjsua has returned from telling of its end."""
