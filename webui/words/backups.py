"""What the pages of backups say."""

from webui.words.text import Words

WORDS = {
    "backups": Words("备份与恢复", "Backups"),
    "backup.how": Words("备份情况", "How it stands"),
    "backup.last": Words("上次成功", "Last one that went well"),
    "backup.last.none": Words("还没有按计划做过备份", "none on schedule yet"),
    "backup.next": Words("下次", "Next one"),
    "backup.next.none": Words("未设定计划，只能手动备份", "no schedule: only when somebody makes one"),
    "backup.overdue": Words("备份已过期未做。", "The backup is overdue."),
    "backup.failed": Words("上次按计划备份失败：{why}", "The last one on schedule failed: {why}"),
    "backup.same_disk": Words(
        "备份与系统在同一块硬盘上：硬盘坏了，备份也就没了。请设一个外接硬盘或网络存储的文件夹，并下载一份另存。",
        "They lie on the box's own disk, and die with it. Choose a folder on another disk or a network share, or "
        "keep a downloaded copy elsewhere.",
    ),
    "backup.running": Words("正在进行：{what}，已处理 {size} MB", "Under way: {what}, {size} MB done"),
    "backup.act.make": Words("备份", "a backup"),
    "backup.act.verify": Words("检查备份", "checking a backup"),
    "backup.act.stage": Words("解开并检查备份", "unpacking and checking a backup"),
    "backup.done": Words("完成：{name}", "Done: {name}"),
    "backup.not_done": Words("未完成：{why}", "Not done: {why}"),
    "backup.files": Words("已有的备份", "Backups there are"),
    "backup.files.none": Words("这里还没有备份。", "There is no backup here yet."),
    "backup.made": Words("备份时间", "Made"),
    "backup.mb": Words("{size} 兆", "{size} MB"),
    "backup.size": Words("大小", "Size"),
    "backup.download": Words("下载", "Download"),
    "backup.restore": Words("恢复……", "Restore…"),
    "backup.now": Words("立即备份", "Make one now"),
    "backup.now.do": Words("开始备份", "Make a backup"),
    "backup.now.help": Words("通话不受影响。", "Calls go on meanwhile."),
    "backup.passphrase": Words("备份口令", "Passphrase"),
    "backup.passphrase.configured": Words(
        "留空则用已设定的口令。没有口令谁也打不开备份，请另外写在纸上保存。",
        "Empty: the one that is set. Nobody opens a backup without it: keep it on paper elsewhere.",
    ),
    "backup.passphrase.needed": Words(
        "至少 8 个字符。没有口令谁也打不开备份，请另外写在纸上保存。",
        "8 characters or more. Nobody opens a backup without it: keep it on paper elsewhere.",
    ),
    "backup.recordings": Words("包括录音", "With recordings"),
    "backup.schedule": Words("定时备份", "On schedule"),
    "backup.at": Words("时间", "At"),
    "backup.at.help": Words("如 03:00；留空则不定时备份。", "As 03:00; empty: never."),
    "backup.days": Words("每几天一次", "Every how many days"),
    "backup.folder": Words("存放文件夹", "Folder"),
    "backup.folder.help": Words(
        "外接硬盘或网络存储的绝对路径；留空则存在本机。",
        "A path on another disk or a network share; empty: on the box.",
    ),
    "backup.keep": Words("保留份数", "How many are kept"),
    "backup.bring": Words("从文件恢复", "Restore from a file"),
    "backup.file": Words("备份文件", "Backup file"),
    "backup.bring.do": Words("上传", "Upload"),
    "backup.bring.choose": Words("选择备份文件……", "Choose a backup file…"),
    "backup.bring.new": Words(
        "本机还没有用过。恢复之后，本机就成为备份里的那台：配置、分机密码、提示音、通话记录、用户及其密码都与原来一样。",
        "This box has not been used yet. Afterwards it is the one in the backup: its configuration, telephones' "
        "secrets, prompts, records, and its users with their passwords.",
    ),
    "backup.no_room": Words(
        "硬盘空间不够：需要 {needed_mb} MB，只剩 {free_mb} MB。请先腾出空间，或换更大的硬盘。",
        "The disk has no room: {needed_mb} MB are needed and {free_mb} MB are free. Make room, or put in a larger "
        "disk.",
    ),
    "backup.brought": Words("您上传的备份", "The backup you brought"),
    "backup.file.missing": Words("请先选择备份文件。", "Choose the backup file first."),
    "backup.file.large": Words(
        "文件太大，本机硬盘放不下。请先腾出空间，或换更大的硬盘。",
        "The box's disk has no room for this file. Make room, or put in a larger disk.",
    ),
    "backup.bring.help": Words(
        "上传后先检查内容，确认之后才会恢复。",
        "It is checked first, and you are asked before anything changes.",
    ),
    "backup.restore.head": Words("恢复备份", "Restore a backup"),
    "backup.unpack": Words("解开并检查", "Unpack and check"),
    "backup.unpack.help": Words("本机此时还不会有任何变化。", "Nothing on the box changes yet."),
    "backup.holds": Words("备份的内容", "What is in it"),
    "backup.box": Words("系统名称", "Box"),
    "backup.revision": Words("配置版本", "Configuration"),
    "backup.calls": Words("通话记录", "Records of calls"),
    "backup.users": Words("用户", "Users"),
    "backup.release": Words("软件版本", "Release"),
    "backup.yes": Words("有", "yes"),
    "backup.no": Words("没有，本机的录音保留", "no; those on the box stay"),
    "backup.replaces": Words(
        "恢复后，本机的配置、用户和通话记录都会换成备份里的。正在进行的通话会中断，"
        "所有人须用备份里的账户重新登录。"
        "现有内容另存在 replaced 文件夹里。",
        "Configuration, users and records become those of the backup. Calls under way end, and everybody signs in "
        "again with an account of the backup. What is here now is kept in the folder replaced.",
    ),
    "backup.moves_in": Words(
        "恢复后，本机就成为这台系统。您现在的登录和密码随之作废：请用备份里的账户登录。认得本机地址的话机随后自动重连。",
        "This box then becomes that one. Your session and the password you have now end with it: sign in with an "
        "account of the backup. Telephones that know this box's address come back by themselves.",
    ),
    "backup.move_in": Words("恢复到本机", "Restore it here"),
    "backup.left": Words("恢复时留下的", "What restoring left"),
    "backup.left.help": Words(
        "自动删除：上传的备份留最新 {brought} 个，{brought_days} 天；"
        "被替换的内容留最新 {replaced} 份，{replaced_days} 天。",
        "It goes by itself. Of backups brought here the newest {brought} stays, for {brought_days} days; of boxes "
        "replaced the newest {replaced}, for {replaced_days} days.",
    ),
    "backup.left.brought": Words("{since} 上传，{until} 删除", "Brought {since}, goes {until}"),
    "backup.left.replaced": Words("{since} 被替换，{until} 删除", "Replaced {since}, goes {until}"),
    "backup.sure": Words("我知道会替换本机的全部内容", "I know that all of this box is replaced"),
    "backup.sure.wrong": Words("请先确认。", "Say so first."),
    "backup.go_on": Words("继续", "Go on"),
    "backup.last_question": Words("真的要恢复 {made} 的备份吗？", "Really restore the backup of {made}?"),
    "backup.restore.do": Words("恢复，中断所有通话", "Restore it, and end all calls"),
    "backup.forget": Words("放弃", "Leave it"),
    "backup.restarting": Words("正在恢复", "The box is being restored"),
    "backup.restarting.help": Words(
        "几秒钟后可以用备份里的账户登录。设备的证书也是备份里的，浏览器可能会再提醒一次。",
        "In a few seconds you can sign in with an account of the backup. The certificate is that of the backup too, so "
        "a browser may warn once more.",
    ),
    "backup.restarting.wait": Words("请稍候，登录页会自己出现……", "Wait a moment: the page to sign in follows…"),
    "error.home-used": Words(
        "本机已经用过：请重新打开此页再确认。", "This box has been used meanwhile: open this page anew, and say so."
    ),
    "error.wrong-passphrase": Words("口令不对，打不开这个备份。", "This backup does not open with this passphrase."),
    "error.too-slow": Words(
        "本机现在太忙或太慢，无法试这个口令。请稍候再试。",
        "The box is too busy now, or too slow, to try this passphrase. Try again in a moment.",
    ),
    "error.not-a-backup": Words("这不是本系统的备份文件。", "This file is no backup of a box."),
    "error.damaged": Words("备份不完整或被改动过。", "This backup is not whole, or was changed since it was made."),
    "error.newer-format": Words(
        "备份来自更新的版本，请先升级本机。", "It was made by a newer release: update the box first."
    ),
    "wrong.backup.at": Words("请填如 03:00 的时间，或留空。", "HH:MM is right, or nothing."),
    "wrong.backup.days": Words("请填 1 到 31。", "1 to 31 is right."),
    "wrong.backup.keep": Words("请填 1 到 1000。", "1 to 1000 is right."),
    "wrong.backup.folder": Words("请填以 / 开头的路径，或留空。", "A path that begins with / is right, or nothing."),
    "wrong.backup.secret": Words("请填至少 8 个字符的口令。", "A passphrase of 8 characters or more is right."),
}
