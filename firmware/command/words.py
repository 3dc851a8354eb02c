"""The command's words in Chinese; English ones stand in the code."""

CHINESE = {
    # heads of tables
    "number": "号码", "name": "名称", "state": "状态", "reason": "原因", "extension": "分机", "since": "开始于",
    "telephone": "话机", "call": "呼叫", "time": "时间", "from": "主叫", "to": "去向", "outcome": "结果",
    "queue": "队列", "agent": "坐席", "waited": "等待", "talked": "通话", "revision": "版本",
    "who": "操作人", "why": "说明", "when": "时间",
    "waiting": "等待数", "longest": "最长等待", "agents": "坐席数", "ready": "示闲", "talking": "通话中", "acw": "话后",
    "not ready": "示忙", "answered": "已接", "abandoned": "放弃", "overflowed": "溢出", "timed out": "超时",
    "title": "名称", "kind": "类型", "with": "对象", "lasted": "时长", "program": "程序", "process": "进程",
    "registered": "在线", "absent": "离线", "in": "呼入", "out": "呼出", "direction": "方向", "where": "位置",
    "event": "事件", "leg": "腿", "file": "文件", "line": "线路",
    "limit": "限额", "most": "上限", "minutes": "分钟", "box": "全部外拨", "international": "国际",
    "extension international": "分机国际", "special": "声讯与卫星", "after hours": "非工作时间",
    "certificate": "证书", "names": "名称", "issuer": "颁发者", "valid from": "生效于", "valid until": "有效期至",
    "key": "密钥", "self-signed": "自签", "imported": "导入", "acme": "ACME",
    "alarm": "告警", "subject": "对象", "severity": "级别", "raised": "发生", "over": "结束", "seen by": "已确认：",
    "critical": "紧急", "major": "严重", "minor": "一般", "warning": "提示", "no alarms": "没有告警",
    # states and outcomes
    "logged_out": "未登录", "not_ready": "示忙", "offered": "振铃中", "on_call": "普通通话", "idle": "空闲",
    "in_use": "占用", "ringing": "振铃", "fault": "故障", "unknown": "未知", "timed_out": "超时", "busy": "忙",
    "no_answer": "无人接听", "refused": "拒绝", "failed": "失败", "ivr": "语音导航", "internal": "内部",
    "connected": "已连接", "not connected": "未连接", "not yet configured": "尚未配置", "none": "无",
    "role": "角色", "language": "语言", "password": "密码", "signed in": "上次登录", "what": "事项", "by": "操作人",
    "address": "地址", "detail": "说明", "user": "用户",
    "admin": "管理员", "supervisor": "主管", "viewer": "查看者", "own": "自设", "given": "一次性", "setup": "初始",
    "prompt": "语音", "lasts": "时长", "used in": "用于", "words": "内容",
    # sentences
    "telephone {number}: ringing": "话机 {number}：振铃", "telephone {number}: recording": "话机 {number}：录音中",
    "{name} lasts {duration_s:.1f} s": "{name} 时长 {duration_s:.1f} 秒",
    "prompt {name} is removed": "语音 {name} 已删除",
    "sign in as {name} with {password}, once, and choose a password":
        "请用 {name} 和一次性密码 {password} 登录，并设置自己的密码",
    "user {name} is removed": "用户 {name} 已删除",
    "user {name} has the role {role}": "用户 {name} 的角色是 {role}",
    "expires": "到期", "used": "上次使用",
    "token {name}, role {role}; it is told only now:": "令牌 {name}，角色 {role}；只显示这一次：",
    "token {name} is revoked": "令牌 {name} 已作废",
    "the proxy does not run now; it serves by this certificate when it does":
        "代理程序未运行；恢复后将使用这张证书",
    "no calls are on record": "还没有通话记录",
    "no calls are in progress": "当前没有通话",
    "nothing is wrong": "没有问题",
    "is in force": "已生效",
    "nothing changed": "没有变化",
    "up": "已运行",
    "the console's password is set": "控制台密码已设置",
    "nothing is on record of this number": "没有此号码的记录",
    "legal hold": "法律保留", "erased": "已删除", "hold": "保留", "until": "截至",
    "lifted": "解除",
    "{calls} calls are anonymous now, {recordings} recordings are deleted":
        "{calls} 个通话已匿名，{recordings} 个录音已删除",
    "this backup is whole": "此备份完整无误",
    "the box is now what it was when this was made": "本机已恢复为备份时的状态",
    "what was there before is kept in": "恢复前的内容保存在",
    "made": "备份时间", "users": "用户", "yes": "是", "no": "否", "release": "版本",
    "configuration": "配置",
    "programs": "程序", "gateway": "网关", "lines": "线路", "calls": "呼叫", "telephones": "话机", "alarms": "告警",
    "segments": "分段", "recordings": "录音", "events": "事件",
    "granted after the call": "通话结束后生效",
    # what the demo tells
    "caller": "主叫", "party": "对方", "exchange": "系统", "outside": "外线",
    "a call comes in on {source} from {number}": "{number} 从 {source} 打入",
    "the box answers": "系统应答",
    "the caller hears the {node} of {flow}": "主叫听到 {flow} 的{node}",
    "greeting": "问候语", "notice": "录音提示", "menu": "菜单",
    "the caller presses {digit}": "主叫按 {digit}",
    "the caller waits in queue {queue}, position {position}": "主叫在队列 {queue} 中排第 {position} 位",
    "the waiting is over: {outcome} after {wait_s:.1f} s": "等待结束：{outcome}，{wait_s:.1f} 秒",
    "the box calls {target}": "系统呼叫 {target}",
    "the telephone rings": "话机振铃",
    "the telephone is picked up": "话机摘机",
    "both hear each other": "双方通话",
    "the talk is recorded": "开始录音",
    "they no longer hear each other": "通话断开",
    "leg {leg} ends, by {by}, cause {cause}": "通话腿 {leg} 结束，由 {by}，原因 {cause}",
    "the recording is closed, {duration_s:.1f} s": "录音完成，{duration_s:.1f} 秒",
    "the call is over, ended by {by}": "呼叫结束，由 {by} 挂机",
    "agent {agent} is {state}": "坐席 {agent}：{state}",
    "the caller heard the agent for {:.1f} s, and itself for {:.1f} s": "主叫听到坐席 {:.1f} 秒，听到自己 {:.1f} 秒",
    "the agent heard the caller for {:.1f} s, and itself for {:.1f} s": "坐席听到主叫 {:.1f} 秒，听到自己 {:.1f} 秒",
    "the recording has on the left the caller for {:.1f} s, the agent for {:.1f} s":
        "录音左声道：主叫 {:.1f} 秒，坐席 {:.1f} 秒",
    "the recording has on the right the agent for {:.1f} s, the caller for {:.1f} s":
        "录音右声道：坐席 {:.1f} 秒，主叫 {:.1f} 秒",
    "everything worked": "一切正常",
    "not everything worked as it should": "并非一切正常",
}  # fmt: skip


def word(english: str, language: str) -> str:
    """Return a word or sentence in a language; what has no Chinese stays English."""
    return CHINESE.get(english, english) if language == "zh" else english
