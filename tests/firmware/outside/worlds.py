"""The worlds that the contract suite looks at: the real one, with servers on this machine; and the fake."""

import ssl
import threading
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from firmware.certificate import self_signed
from firmware.outside.outside import MailServer
from firmware.outside.world import World
from tests.fakes.outside import Outside, Receiver, Request
from tests.peers.ports import free_port


class Real:
    """Servers on the loopback, and a way to them that is the program's own."""

    def __init__(self, post_s=10.0, mail_s=10.0, tls=None):
        self.names = {}
        self.looked_up = []
        self.accounts, self.unknown, self.mail_wrong = {}, set(), ""
        self.letters = []
        self.outside = World(
            tls=tls, look_up=self._look_up, ours=lambda: ["192.0.2.1"], post_s=post_s, mail_s=mail_s, name_s=5.0
        )
        self._servers, self._receivers = [], {}

    def _look_up(self, host):
        self.looked_up.append(host)
        if host[0].isdigit() or ":" in host:
            return [host]
        if host not in self.names:
            raise OSError("it is unknown")
        return list(self.names[host])

    def receiver(self, host="receiver.test", tls=None):
        """Return a URL, and what listens there."""
        receiver = Receiver()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self._servers.append(server)
        self.names.setdefault(host, ("127.0.0.1",))
        return f"{'http' if tls is None else 'https'}://{host}:{server.server_port}", receiver

    def nobody(self, host="receiver.test"):
        self.names.setdefault(host, ("127.0.0.1",))
        return f"http://{host}:{free_port()}"

    def mail_server(self, host="mail.test", security="none", username="", password="", tls=None):
        self.names.setdefault(host, ("127.0.0.1",))
        port = free_port()
        controller = Controller(
            _Mailbox(self), hostname="127.0.0.1", port=port, tls_context=tls, require_starttls=tls is not None,
            authenticator=self._judge, auth_required=bool(self.accounts), auth_require_tls=tls is not None,
        )
        controller.start()
        self._servers.append(controller)
        return MailServer(host, port, security, username, password, "box")

    def _judge(self, server, session, envelope, mechanism, auth):
        right = self.accounts.get(auth.login.decode()) == auth.password.decode()
        return AuthResult(success=right, handled=False)

    def close(self):
        for server in self._servers:
            if isinstance(server, Controller):
                server.stop()
            else:
                server.shutdown()
                server.server_close()


class Fake:
    """The fake, with the same handles."""

    def __init__(self):
        self.outside = Outside(ours=("192.0.2.1",))
        self.names, self.looked_up = self.outside.names, self.outside.looked_up
        self._port = 8000

    def receiver(self, host="receiver.test"):
        self._port += 1
        return f"http://{host}:{self._port}", self.outside.receiver(host, self._port, "127.0.0.1")

    def nobody(self, host="receiver.test"):
        self.names.setdefault(host, ("127.0.0.1",))
        return f"http://{host}:1"

    def mail_server(self, host="mail.test", security="none", username="", password=""):
        self.names.setdefault(host, ("127.0.0.1",))
        return MailServer(host, 25, security, username, password, "box")

    @property
    def letters(self):
        return [tuple(one) for _, one in self.outside.letters]

    @property
    def unknown(self):
        return self.outside.unknown

    @property
    def accounts(self):
        return self.outside.accounts

    def close(self):
        pass


class _Mailbox:
    def __init__(self, real):
        self._real = real

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address in self._real.unknown:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=default)
        text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
        parts = ["" if part is None else part.get_content().replace("\r\n", "\n") for part in (text, html)]
        self._real.letters.append((envelope.mail_from, tuple(envelope.rcpt_tos), mail["Subject"], *parts))
        return "250 OK"


def _handler(receiver):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = {name.lower(): value for name, value in self.headers.items()}
            request = Request(0.0, self.path, told, body)
            receiver.requests.append(request)
            if receiver.after_s:
                threading.Event().wait(receiver.after_s)
            text = receiver.text.encode()
            self.send_response(receiver.judge(request))
            self.send_header("Location", "http://receiver.test:1/elsewhere")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *words):
            pass

    return Handler


def server_tls(folder, host):
    """Return a server's TLS context with a certificate for a host, and a client's that trusts it."""
    pair = self_signed.make([host], datetime.now(UTC))
    path = folder / "server.pem"
    path.write_bytes(pair.pem)
    serves = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serves.load_cert_chain(path)
    return serves, ssl.create_default_context(cadata=pair.pem[pair.pem.index(b"-----BEGIN CERT") :].decode())
