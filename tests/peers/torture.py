"""The torture messages of RFC 4475, by the names it gives them, written anew from what it says of each.

Each is bytes as they go on the wire. VALID ones must be understood, whatever becomes of them; INVALID ones must be
refused or passed over; UNUSUAL ones are well formed, but ask for what a server may not know or want.
"""
# ruff: noqa: E501 - a line of a message is a line

SDP = (
    "v=0\no=mhandley 29739 7272939 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 49217 RTP/AVP 0 12\n"
    "m=video 3227 RTP/AVP 31\na=rtpmap:31 LPC\n"
)
WITH_SDP = f"Content-Type: application/sdp\nContent-Length: {len(SDP) + SDP.count(chr(10))}\n\n{SDP}"
ALICE = "To: sip:j.user@example.com\nFrom: sip:caller@example.net;tag=134161461246\nMax-Forwards: 7\n"
VIA = "Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw"
CONTACT = "Contact: <sip:caller@host5.example.net>\n"


def _wire(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("latin-1")


def _invite(name: str, line: str = "INVITE sip:user@example.com SIP/2.0", more: str = "", **other: str) -> bytes:
    """Return an INVITE that is as it should be, but for what is given."""
    to = other.get("to", "To: sip:j.user@example.com")
    source = other.get("source", "From: sip:caller@example.net;tag=134161461246")
    via = other.get("via", f"{VIA}{name}")
    end = other.get("end", WITH_SDP)
    return _wire(
        f"{line}\n{to}\n{source}\nMax-Forwards: 7\nCall-ID: {name}.0ha0isndaksdjasdf3234nas\nCSeq: 8 INVITE\n{via}\n"
        f"{CONTACT}{more}{end}"
    )


def _request(name: str, method: str, line: str, more: str = "", **other: str) -> bytes:
    to = other.get("to", "To: sip:user@example.com")
    source = other.get("source", "From: sip:caller@example.net;tag=33242")
    cseq = other.get("cseq", f"CSeq: 8 {method}")
    return _wire(
        f"{line}\n{to}\n{source}\nMax-Forwards: {other.get('forwards', '5')}\nCall-ID: {name}.asdf98203498.3@host.ex\n"
        f"{cseq}\n{other.get('via', f'{VIA}{name}')}\n{more}Content-Length: 0\n\n"
    )


def _options(name: str, line: str = "OPTIONS sip:user@example.com SIP/2.0", more: str = "", **other: str) -> bytes:
    return _request(name, "OPTIONS", line, more, **other)


def _register(name: str, more: str, line: str = "REGISTER sip:example.com SIP/2.0", **other: str) -> bytes:
    return _request(name, "REGISTER", line, more, **other)


def _response(name: str, line: str) -> bytes:
    return _wire(
        f"{line}\nVia: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923{name}\nCall-ID: {name}.1234ksdfak3j2erwedfsASdf\n"
        "CSeq: 35 INVITE\nFrom: sip:user@example.com;tag=11141343\nTo: sip:user@example.edu;tag=2229\n"
        "Content-Length: 154\nContent-Type: application/sdp\nContact: <sip:user@host198.example.com>\n\n" + SDP
    )


# §3.1.1, and the answers of §3.1.1.12 and 13
VALID = {
    "wsinv": _wire(
        "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\nTO :\n sip:vivekg@chair-dnrc.example.com ;"
        "   tag    = 1918181833n\nfrom   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\n  ;\n"
        "  tag = 98asjd8\nMaX-fOrWaRdS: 0068\nCall-ID: wsinv.ndaksdj@192.0.2.1\n"
        f"Content-Length   : {len(SDP) + SDP.count(chr(10))}\ncseq: 0009\n  INVITE\n"
        "Via  : SIP  /   2.0\n /UDP\n    192.0.2.2;branch=390skdjuw\ns :\n"
        "NewFangledHeader:   newfangled value\n continued newfangled value\n"
        "UnknownHeaderWithUnusualValue: ;;,,;;,;\nContent-Type: application/sdp\n"
        "Route:\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\n"
        "v:  SIP  / 2.0  / TCP     192.0.2.150   ;\n  branch  =   z9hG4bK9ikj8  ,\n SIP  /    2.0   / UDP  192.168.255.111"
        "   ; branch=\n z9hG4bK30239\nm:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\n"
        "      newvalue ;\n  secondparam ; q = 0.33\n\n" + SDP
    ),
    "intmeth": _wire(
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:"
        "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\n"
        "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\n"
        "To: \"BEL:\\\x07 NUL:\\\0 DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\n"
        "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="
        "\"\xd1\x80\xd0\xb0\xd0\xb1\xd0\xbe\xd1\x82\xd0\xb0\xd1\x8e\xd1\x89\xd0\xb8\xd0\xb9\";tag=_token~1'+`*%!-.\n"
        "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\nCSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\n"
        "Max-Forwards: 255\nextensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb\nContent-Length: 0\n\n"
    ),
    "esc01": _invite(
        "esc01", "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0", to="To: sip:%75se%72@example.com",
        source="From: <sip:I%20have%20spaces@example.net>;tag=938",
        more="Contact: <sip:cal%6Cer@192.168.0.2:5060;%6C%72;n%61me=v%61lue%25%34%31>\n",
    ),
    "escnull": _register(
        "escnull", "Contact: <sip:%00@host5.example.com>\nContact: <sip:%00%00@host5.example.com>\n",
        to="To: sip:null-%00-null@example.com", source="From: sip:null-%00-null@example.com;tag=839923423",
    ),
    "esc02": _request(
        "esc02", "RE%47IST%45R", "RE%47IST%45R sip:registrar.example.com SIP/2.0",
        "Contact: <sip:alias1@host1.example.com>\nContact: <sip:alias2@host2.example.com>\n",
        to='To: "%Z%45" <sip:resource@example.com>', source='From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23',
    ),
    "lwsdisp": _options("lwsdisp", source="From: caller<sip:caller@example.com>;tag=323"),
    "longreq": _invite(
        "longreq",
        "INVITE sip:user@example.com SIP/2.0",
        to='To: "I have a user name of extreme' + " long" * 30 + '" <sip:user@example.com:6000;unknownparam1='
        + "very" + "long" * 30 + "value;longparam" + "name" * 20 + "=shortvalue;very" + "long" * 20 + ">",
        source="From: sip:" + "amazingly" + "long" * 20 + "callername@example.net;tag=12" + "982" * 50 + "424",
        more="Unknown-" + "Long" * 30 + "-Name: unknown-" + "long" * 30 + "-value\n" + "".join(
            f"Via: SIP/2.0/TCP sip{hop}.example.com\n" for hop in range(33)
        ),
    ),
    "dblreq": _register("dblreq", "Contact: <sip:j.user@host.example.com>\n") + _invite("dblreq2"),
    "semiuri": _options("semiuri", "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0"),
    "transports": _options(
        "transports",
        via=f"{VIA}transports\nVia: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf\n"
        "Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj\nVia: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en\n"
        "Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee",
    ),
    "mpart01": _wire(
        "MESSAGE sip:kumiko@example.org SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee\n"
        "Max-Forwards: 70\nRoute: <sip:127.0.0.1:5080>\nIdentity: r5mwreLuyDRYBi/0TiPwEsY3rEVsk/G2WxhgTV1PF7hHuLIK0Y=\n"
        "Identity-Info: <https://example.org/certificate.cer>;alg=rsa-sha1\nContact: <sip:127.0.0.1:5070>\n"
        'To: <sip:kumiko@example.org>\nFrom: <sip:fluffy@example.com>;tag=2fb0dcc9\nCall-ID: mpart01.3d9485ad0c49859b@x\n'
        "CSeq: 1 MESSAGE\nContent-Transfer-Encoding: binary\nContent-Type: multipart/mixed;boundary=7a9cbec02ceef655\n"
        "Content-Length: 140\n\n--7a9cbec02ceef655\nContent-Type: text/plain\nContent-Transfer-Encoding: binary\n\nHello\n"
        "--7a9cbec02ceef655\n\n\0\x80\xff\x82\n--7a9cbec02ceef655--\n"
    ),
    "unreason": _response(
        "unreason",
        "SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe \xd0\xb4\xd0\xb5\xd0\xb2\xd1\x8f\xd0\xbd\xd0\xbe",
    ),
    "noreason": _response("noreason", "SIP/2.0 100 "),
}  # fmt: skip

# §3.1.2
INVALID = {
    "badinv01": _invite(
        "badinv01", via="Via: SIP/2.0/UDP 192.0.2.15;;,;,,",
        more='Contact: "Joe" <sip:joe@example.org>;;;;\n',
    ),
    "clerr": _invite("clerr", end=f"Content-Type: application/sdp\nContent-Length: 9999\n\n{SDP}"),
    "ncl": _invite("ncl", end=f"Content-Type: application/sdp\nContent-Length: -999\n\n{SDP}"),
    "scalar02": _register(
        "scalar02", "Contact: <sip:user@host129.example.com>;expires=280297596632815\nRetry-After: 949302838503028349304023988\n"
        "Expires: 10000000000000000000\nWarning: 1812 overture \"In Progress\"\n", forwards="300",
        cseq="CSeq: 36893488147419103232 REGISTER",
    ),
    "scalarlg": _wire(
        "SIP/2.0 503 Service Unavailable\nVia: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129\n"
        "To: <sip:user@example.com>\nFrom: <sip:other@example.net>;tag=2easdjfejw\nCSeq: 9292394834772304023312 OPTIONS\n"
        "Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r\nRetry-After: 949302838503028349304023988\n"
        "Warning: 1812 overture \"In Progress\"\nContent-Length: 0\n\n"
    ),
    "quotbal": _invite("quotbal", to='To: "Mr. J. User <sip:j.user@example.com>'),
    "ltgtruri": _invite("ltgtruri", "INVITE <sip:user@example.com> SIP/2.0"),
    "lwsruri": _invite("lwsruri", "INVITE sip:user@example.com; lr SIP/2.0"),
    "lwsstart": _invite("lwsstart", "INVITE  sip:user@example.com  SIP/2.0"),
    "trws": _options("trws", "OPTIONS sip:remote-target@example.com SIP/2.0  "),
    "escruri": _invite("escruri", "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0"),
    "baddate": _invite("baddate", more="Date: Fri, 01 Jan 2010 16:00:00 EST\n"),
    "regbadct": _register("regbadct", "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E\n"),
    "badaspec": _options(
        "badaspec", "OPTIONS sip:user@example.org SIP/2.0", to='To: "Watson, Thomas" < sip:t.watson@example.org >',
        source='From: "Bell, Alexander" <sip:a.g.bell@example.com>;tag=433423',
    ),
    "baddn": _options(
        "baddn", "OPTIONS sip:t.watson@example.org SIP/2.0", to="To: Watson, Thomas <sip:t.watson@example.org>",
        source="From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43",
    ),
    "badvers": _options("badvers", "OPTIONS sip:t.watson@example.org SIP/7.0"),
    "mismatch01": _options("mismatch01", cseq="CSeq: 8 INVITE"),
    "mismatch02": _request("mismatch02", "NEWMETHOD", "NEWMETHOD sip:user@example.com SIP/2.0", cseq="CSeq: 8 INVITE"),
    "bigcode": _response("bigcode", "SIP/2.0 4294967301 better not break the receiver"),
}  # fmt: skip

# §3.2 to §3.4
UNUSUAL = {
    "badbranch": _options("badbranch", via="Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK"),
    "insuf": _wire("INVITE sip:user@example.com SIP/2.0\nCSeq: 193942 INVITE\nVia: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf\n"
                   f"{WITH_SDP}"),
    "unkscm": _options("unkscm", "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0"),
    "novelsc": _options("novelsc", "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0"),
    "unksm2": _register("unksm2", "Contact: <name:John_Smith>\n", to="To: isbn:2983792873",
                        source="From: <http://www.example.com>;tag=3234233"),
    "bext01": _options("bext01", more="Require: nothingSupportsThis, nothingSupportsThisEither\nProxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis\n"),
    "invut": _invite("invut", end="Content-Type: application/unknownformat\nContent-Length: 44\n\n<audio>\n <pcmu port=\"443\"/>\n</audio>\n  \n"),
    "regaut01": _register("regaut01", "Authorization: NoOneKnowsThisScheme opaque-data=here\n"),
    "multi01": _invite(
        "multi01", more="CSeq: 59 INVITE\nCall-ID: multi01.98asdh@192.0.2.1\nCall-ID: multi01.98asdh@192.0.2.2\n"
        "From: sip:caller@example.com;tag=3413415\nFrom: sip:caller@example.com;tag=3413416\nTo: sip:user@example.com\n"
        "Max-Forwards: 5\nContact: <sip:other@host5.example.net>\n",
    ),
    "mcl01": _options("mcl01", more="Content-Length: 13\nContent-Length: 5\nContent-Length: 19\n"),
    "bcast": _wire(
        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\nVia: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23\n"
        "Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf\nCSeq: 35 INVITE\nFrom: sip:user@example.com;tag=11141343\n"
        f"To: sip:user@example.edu;tag=2229\nContact: <sip:user@host28.example.com>\n{WITH_SDP}"
    ),
    "zeromf": _options("zeromf", forwards="0"),
    "cparam01": _register("cparam01", "Contact: sip:+19725552222@gw1.example.net;unknownparam\n"),
    "cparam02": _register("cparam02", "Contact: <sip:+19725552222@gw1.example.net;unknownparam>\n"),
    "regescrt": _register("regescrt", "Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\n"),
    "sdp01": _invite("sdp01", more="Accept: text/nobodyKnowsThis\n"),
    "inv2543": _wire(
        "INVITE sip:UserB@example.com SIP/2.0\nVia: SIP/2.0/UDP iftgw.example.com\nFrom: <sip:+13035551111@ift.client.example.net;user=phone>\n"
        f"Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>\nTo: sip:+16505552222@ss1.example.net;user=phone\n"
        f"Call-ID: inv2543.1717@ift.client.example.com\nCSeq: 56 INVITE\n{WITH_SDP}"
    ),
}  # fmt: skip
MESSAGES = VALID | INVALID | UNUSUAL
