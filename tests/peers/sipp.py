"""sipp as a caller beyond a SIP trunk: scripts of messages, real RTP, digits by RFC 4733; and who is called there."""

import subprocess
import time
from pathlib import Path

from tests.peers.ports import free_port, free_range
from tests.peers.wire import Message

INVITE = """\
<send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: {display}<sip:{caller}@[local_ip]:[local_port]>;tag=[pid]T[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:{caller}@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

{sdp}
]]></send>
"""
SDP = """\
v=0
o=u 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 8 96
a=rtpmap:8 PCMA/8000
a=rtpmap:96 telephone-event/8000
a=fmtp:96 0-15"""  # 96 is what sipp's play_dtmf sends
SDP_WITHOUT_EVENTS = SDP.replace(" 96\n", "\n").split("a=rtpmap:96")[0].rstrip()
SDP_UNKNOWN_CODEC = SDP_WITHOUT_EVENTS.replace("RTP/AVP 8", "RTP/AVP 97").replace("8 PCMA/8000", "97 NOSUCH/8000")
RINGING = """\
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
"""
IN_DIALOG = """\
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
From: {display}<sip:{caller}@[local_ip]:[local_port]>;tag=[pid]T[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: {sequence} {method}
Contact: <sip:{caller}@[local_ip]:[local_port]>
Max-Forwards: 70
{more}Content-Length: 0

"""


class Caller:
    """Writes one scenario, step by step, and runs it."""

    def __init__(self, caller: str = "13800138000", display: str = "", sdp: str = SDP) -> None:
        self.caller, self.display = caller, f"{display} " if display else ""
        self._sequence, self.sdp = 1, sdp
        self._steps = [INVITE.format(display=self.display, caller=caller, sdp=sdp)]

    def _request(self, method: str, sequence: int | None = None, more: str = "", retransmit: bool = True) -> str:
        if sequence is None:
            self._sequence += 1
            sequence = self._sequence
        head = f"{method} [next_url] SIP/2.0\n"
        body = IN_DIALOG.format(display=self.display, caller=self.caller, sequence=sequence, method=method, more=more)
        again = ' retrans="500"' if retransmit else ""
        return f"<send{again}><![CDATA[\n{head}{body}\n]]></send>\n"

    def answered(self) -> "Caller":
        """Wait for the answer."""
        self._steps += [RINGING, '<recv response="200" rrs="true"/>\n', self._request("ACK", 1, retransmit=False)]
        return self

    def refused(self, status: int) -> "Caller":
        """Expect a final refusal."""
        self._steps += [RINGING, f'<recv response="{status}"/>\n', self._request("ACK", 1, retransmit=False)]
        return self

    def speak(self, sound: Path) -> "Caller":
        """Speak a raw A-law file, over and over."""
        self._steps.append(f'<nop><action><exec rtp_stream="{sound},-1,8"/></action></nop>\n')
        return self

    def press(self, digit: str) -> "Caller":
        """Press a key, by RFC 4733."""
        self._steps.append(f'<nop><action><exec play_dtmf="{digit}"/></action></nop>\n<pause milliseconds="400"/>\n')
        return self

    def info(self, digit: str) -> "Caller":
        """Press a key, by SIP INFO."""
        body = self._request("INFO", more="Content-Type: application/dtmf-relay\n")
        body = body.replace("Content-Length: 0\n\n", f"Content-Length: [len]\n\nSignal={digit}\nDuration=160\n")
        self._steps += [body, '<recv response="200"/>\n']
        return self

    def wait(self, seconds: float) -> "Caller":
        """Listen for a while."""
        self._steps.append(f'<pause milliseconds="{int(seconds * 1000)}"/>\n')
        return self

    def cancel(self) -> "Caller":
        """Give up before the answer."""
        cancel = (
            '<send retrans="500"><![CDATA[\nCANCEL sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n'
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-2]\n"
            f"From: {self.display}<sip:{self.caller}@[local_ip]:[local_port]>;tag=[pid]T[call_number]\n"
            "To: <sip:[service]@[remote_ip]:[remote_port]>\nCall-ID: [call_id]\nCSeq: 1 CANCEL\nMax-Forwards: 70\n"
            "Content-Length: 0\n\n]]></send>\n"
        )
        self._steps += [
            cancel,
            '<recv response="200"/>\n<recv response="487"/>\n',
            self._request("ACK", 1, retransmit=False),
        ]
        return self

    def hang_up(self) -> "Caller":
        """End the call."""
        self._steps += [self._request("BYE"), '<recv response="200"/>\n']
        return self

    def hung_up(self) -> "Caller":
        """Wait until the other side ends the call."""
        ok = (
            '<recv request="BYE"/>\n<send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n'
            "[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>\n"
        )
        self._steps.append(ok)
        return self

    def start(
        self,
        folder: Path,
        server: str,
        number: str,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        calls: int = 1,
        rate: float = 10,
        timeout_s: float = 90,
        transport: str = "u1",
        first_media_port: int = 0,
        trace: bool = True,
    ) -> "Call":
        """Run the scenario against `server`, dialling `number`; `trace` keeps all messages."""
        folder.mkdir(parents=True, exist_ok=True)
        scenario = folder / "scenario.xml"
        body = "".join(self._steps)
        scenario.write_text(
            f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="call">\n{body}</scenario>\n'
        )
        words = [
            "sipp",
            server,
            "-sf",
            str(scenario),
            "-s",
            number,
            "-i",
            address,
            "-mi",
            address,
            "-p",
            str(port or free_port(address)),
            "-mp",
            str(first_media_port or free_range(8 * calls, address)),
            "-m",
            str(calls),
            "-r",
            str(rate),
            "-t",
            transport,
            "-timeout",
            str(int(timeout_s)),
            "-timeout_error",
            "-nostdin",
            "-trace_err",
            "-error_file",
            "errors.log",
        ]
        if trace:
            words += ["-trace_msg", "-message_file", "messages.log"]
        log = (folder / "sipp.log").open("w")
        return Call(
            subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log), folder, timeout_s
        )


class Call:
    """A running sipp."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, timeout_s: float) -> None:
        self.process, self.folder, self.timeout_s = process, folder, timeout_s

    def finish(self) -> None:
        """Wait for its end; raises AssertionError with what went wrong unless all went as written."""
        if self.process.wait(self.timeout_s + 15):
            errors = self.folder / "errors.log"
            messages = self.folder / "messages.log"
            raise AssertionError(
                f"sipp ended with {self.process.returncode}: {errors.read_text()[-2000:] if errors.exists() else ''}\n"
                f"{messages.read_text(errors='replace')[-4000:] if messages.exists() else ''}"
            )

    @property
    def messages(self) -> str:
        """Return all SIP that went both ways."""
        return (self.folder / "messages.log").read_text(errors="replace")

    def stop(self) -> None:
        """Pull the plug."""
        self.process.kill()
        self.process.wait()


# Says something before the answer, for a while, and that there will be none
ANNOUNCEMENT = """\
<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="announcement">
<recv request="INVITE"/>
<send><![CDATA[
SIP/2.0 183 Session Progress
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:];tag=[pid]T[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

{sdp}
]]></send>
<nop><action><exec rtp_stream="{sound},-1,8"/></action></nop>
<pause milliseconds="{milliseconds}"/>
<send retrans="500"><![CDATA[
SIP/2.0 404 Not Found
[last_Via:]
[last_From:]
[last_To:];tag=[pid]T[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<recv request="ACK"/>
</scenario>
"""


class Callee:
    """sipp as a carrier whose numbers ring and answer at once (its own scenario `uas`).

    With a `sound`, raw A-law, they say that for `sound_s`, unanswered, and are not there.
    """

    def __init__(
        self, folder: Path, address: str, port: int, sound: Path | None = None, sound_s: float = 2
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._messages = folder / "messages.log"
        scenario = ["-sn", "uas"]
        if sound is not None:
            text = ANNOUNCEMENT.format(sdp=SDP, sound=sound, milliseconds=round(sound_s * 1000))
            (folder / "announcement.xml").write_text(text)
            scenario = ["-sf", str(folder / "announcement.xml")]
        words = [
            "sipp", *scenario, "-i", address, "-mi", address, "-p", str(port), "-mp", str(free_range(8, address)),
            "-nostdin", "-trace_msg", "-message_file", str(self._messages),
        ]    # fmt: skip
        log = (folder / "sipp.log").open("w")
        self._process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def invite(self, timeout_s: float = 10) -> Message:
        """Return the first INVITE that came; raises TimeoutError."""
        deadline = time.monotonic() + timeout_s
        while True:
            log = self._messages.read_text(errors="replace") if self._messages.exists() else ""
            begin = log.find("INVITE sip:")
            end = log.find("\n-----", begin)
            if begin >= 0 and end >= 0:
                return Message(log[begin:end].replace("\r\n", "\n").replace("\n", "\r\n"), ("", 0))
            if time.monotonic() > deadline:
                raise TimeoutError(f"no INVITE within {timeout_s} s: {log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Be gone."""
        self._process.kill()
        self._process.wait()
