"""What needs a person."""

from webui.words.text import Words

WORDS = {
    "alarm.since": Words("始于", "since"),
    "alarm.emergency-call": Words("有人拨打了紧急号码", "An emergency number was called"),
    "alarm.outgoing-limit-near": Words("今日外拨限额即将用完", "A daily limit of calls outside is nearly used up"),
    "alarm.outgoing-limit-reached": Words("今日外拨限额已用完", "A daily limit of calls outside is reached"),
    "alarm.recordings-storage": Words("通话无法录音", "Calls are not recorded"),
    "alarm.records-storage": Words("通话记录无法保存", "Records of calls cannot be kept"),
    "alarm.records-lost": Words("部分通话记录已丢失", "Records of calls were lost"),
    "alarm.records-broken": Words("通话记录已损坏，已重新建立", "Records of calls were broken; new ones were begun"),
    "alarm.edge": Words("SIP 边界未接受配置", "The SIP edge does not take the configuration"),
    "severity.critical": Words("紧急", "critical"),
    "severity.major": Words("严重", "major"),
    "severity.minor": Words("一般", "minor"),
    "severity.warning": Words("提示", "warning"),
}
