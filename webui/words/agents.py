"""What is said of agents."""

from webui.words.text import Words

WORDS = {
    "agents": Words("坐席", "Agents"),
    "agents.none": Words("没有配置坐席。", "No agent is configured."),
    "agent": Words("坐席", "Agent"),
    "agent.state": Words("状态", "State"),
    "agent.extension": Words("分机", "Extension"),
    "agent.logged_out": Words("未登录", "logged out"),
    "agent.ready": Words("示闲", "ready"),
    "agent.not_ready": Words("示忙", "not ready"),
    "agent.offered": Words("振铃", "ringing"),
    "agent.talking": Words("通话中", "talking"),
    "agent.on_call": Words("普通通话", "on an ordinary call"),
    "agent.acw": Words("话后整理", "after-call work"),
    "agent.afterwards": Words("之后：{name}", "then {name}"),
    "agent.no_telephone": Words("话机未注册", "telephone not registered"),
    "reason.break": Words("小休", "break"),
    "reason.lunch": Words("午餐", "lunch"),
    "reason.training": Words("培训", "training"),
    "reason.missed": Words("未接来电", "missed a call"),
    "reason.refused": Words("拒接来电", "refused a call"),
    "reason.unreachable": Words("话机不可达", "telephone unreachable"),
}
