"""What the sheets for desk telephones say."""

from webui.words.text import Words

WORDS = {
    "sheets": Words("话机参数单", "Telephone sheets"),
    "sheet.not_in": Words("话机登记不上？看看为什么", "A telephone does not register? See why"),
    "sheet.all": Words("全部分机", "All extensions"),
    "sheet.only": Words("单独显示", "This one alone"),
    "sheet.print": Words("打印", "Print"),
    "sheet.print_all": Words("全部打印", "Print all"),
    "sheet.reveal": Words("显示密码", "Show the secrets"),
    "sheet.revealed": Words(
        "密码已显示，并已记入审计。打印后请妥善保管。",
        "The secrets are shown, which is in the audit. Keep what you print where only the right people see it.",
    ),
    "sheet.hidden": Words("未显示", "not shown"),
    "sheet.loopback": Words(
        "本机只接受自身的话机：网络上的话机无法注册。请以 BUSYHOUR_SIP=0.0.0.0:5060 启动。",
        "The box takes telephones on its own machine alone; none on the network can register. "
        "Start it with BUSYHOUR_SIP=0.0.0.0:5060.",
    ),
    "sheet.account": Words("SIP 账号", "SIP account"),
    "sheet.registrar": Words("注册服务器", "Registrar"),
    "sheet.user": Words("用户名", "User name"),
    "sheet.auth": Words("认证用户名", "Authentication name"),
    "sheet.secret": Words("密码", "Secret"),
    "sheet.realm": Words("域（realm）", "Realm"),
    "sheet.transport": Words("传输协议", "Transport"),
    "sheet.codecs": Words("语音编码", "Codecs"),
    "sheet.dtmf": Words("按键（DTMF）", "Keys (DTMF)"),
    "sheet.dtmf.how": Words("RFC 4733（旧称 RFC 2833）", "RFC 4733 (once RFC 2833)"),
    "sheet.plugged": Words("插入电话端口", "Plug into port"),
    "sheet.plugged.help": Words(
        "普通电话机：插上即可使用，无需设置。号码拨完按 # 可立即接通；通话中拍叉簧保持对方并另拨，再拍一次回来。",
        "A plain telephone has nothing to set. # sends a number at once. In a talk, a press of the hook holds it and "
        "gives dial tone for another number; one more returns.",
    ),
    "sheet.srtp": Words("语音加密（SRTP）", "Encrypted voice (SRTP)"),
    "sheet.srtp.on": Words("必须，SDES", "required, SDES"),
    "sheet.srtp.off": Words("可选，SDES", "optional, SDES"),
    "sheet.secure": Words("加密注册（TLS）", "Encrypted (TLS)"),
    "sheet.versions": Words("TLS 1.2 或 1.3", "TLS 1.2 or 1.3"),
    "sheet.names": Words("证书中的名称", "Names it is known by"),
    "sheet.certificate": Words("证书", "Certificate"),
    "sheet.certificate.own": Words(
        "自签名，{until} 到期：在话机中设为信任，或核对指纹",
        "self-signed, until {until}: have the telephone trust it, or compare the fingerprint",
    ),
    "sheet.certificate.vouched": Words("由认证机构签发，{until} 到期", "of an authority, until {until}"),
    "sheet.fingerprint": Words("指纹（SHA-256）", "Fingerprint (SHA-256)"),
    "sheet.features": Words("功能码", "Feature codes"),
    "sheet.emergency": Words("紧急号码", "Emergency numbers"),
    "sheet.emergency.help": Words(
        "任何话机均可直接拨打，无需权限。", "Any telephone may call them as they are, without any right."
    ),
    "sheet.none": Words("还没有分机。", "There are no extensions yet."),
    "feature.login": Words("坐席登录（后可加工号）", "log in as agent (an agent's number may follow)"),
    "feature.logout": Words("坐席退出", "log out"),
    "feature.ready": Words("示闲", "ready for calls"),
    "feature.not_ready": Words("示忙", "not ready"),
}  # fmt: skip
