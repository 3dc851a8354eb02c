"""What the page of tokens says."""

from webui.words.text import Words

WORDS = {
    "tokens": Words("令牌", "Tokens"),
    "tokens.all": Words("其他程序的令牌", "What other programs show"),
    "tokens.help": Words(
        "CRM 等程序凭令牌使用本机的 REST 接口（/api/v1），权限就是令牌的角色。",
        "A program such as a CRM shows a token to this box's REST interface (/api/v1), and may do what its role may.",
    ),
    "tokens.none": Words("还没有令牌。", "There are no tokens yet."),
    "token.name": Words("用途", "Name"),
    "token.name.help": Words("例如 crm，不含空格。", "What it is for, such as crm; no spaces."),
    "token.used": Words("上次使用", "Last used"),
    "token.never_used": Words("从未使用", "never used"),
    "token.expires": Words("有效期", "Expires"),
    "token.expired": Words("已过期", "expired"),
    "token.expires.never": Words("永不过期", "never"),
    "token.expires.days": Words("{days} 天后", "after {days} days"),
    "token.made": Words("创建：{by}，{at}", "made by {by}, {at}"),
    "token.agent": Words("坐席号", "Agent"),
    "token.agent.any": Words("所有坐席", "all agents"),
    "token.create": Words("创建令牌", "Make token"),
    "token.create.help": Words("随后显示令牌，只显示一次。", "The token is shown next, and only then."),
    "token.revoke": Words("作废", "Revoke"),
    "token.revoke.ask": Words("作废……", "Revoke…"),
    "token.revoke.help": Words(
        "使用 {name} 的程序立即不能再访问本机。", "Programs that show {name} are shut out at once."
    ),
    "token.created": Words("新令牌", "The new token"),
    "token.created.help": Words("用于 {name}。请现在复制：", "For {name}. Copy it now:"),
    "token.created.once": Words(
        "只显示这一次，本机不保存它。程序在每个请求中这样出示：",
        "It is shown only now; this box does not keep it. A program shows it with each request:",
    ),
    "token.exists": Words("已有同名令牌。", "There is a token of this name already."),
    "wrong.expires_days": Words("请选择有效期。", "Choose how long it lasts."),
}
