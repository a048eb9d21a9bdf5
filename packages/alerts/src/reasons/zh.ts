/**
 * Why a target took nothing, in Chinese, by the sentence in English. What a target says itself stays in its own words.
 * Messages to people have it, and the console.
 */
export const zhReasons: Readonly<Record<string, string>> = {
  "it says {}": "对方说 {}",
  "it gives no reason": "对方没有说明原因",
  "the channel had all messages that it takes now; test it in a minute": "此渠道已达到发送上限，请一分钟后再测试",
  "no answer of such a robot; is the URL right?": "不是此类机器人的应答，请检查地址",
  "not taken within {} ms": "{} 毫秒内没有收下",
  "closed without an answer": "对方没有应答就关闭了连接",
  "ca must be a file of 64 KB at most": "ca 必须是 64 KB 以内的文件",
  "the message is empty": "消息为空",
  "the message is too long": "消息过长",
  "no connection": "没有连接",
  // Certificates and connections
  "{}: give the certificate of its authority as ca": "{}：请在 ca 中给出其颁发机构的证书",
  "{}: ca is of another authority, so give the certificate of the server's own":
    "{}：ca 属于另一个颁发机构，请给出服务器自己的颁发机构的证书",
  "self-signed certificate": "证书是自签名的",
  "self-signed certificate in certificate chain": "证书链中有自签名的证书",
  "unable to verify the first certificate": "无法验证服务器的证书",
  "unable to get local issuer certificate": "找不到颁发此证书的机构",
  "unable to get issuer certificate": "找不到颁发此证书的机构",
  "ca cannot be read ({}): put the file at {}": "无法读取 ca（{}）：请把文件放到 {}",
  "{}// goes over the Internet unencrypted, and is for private addresses alone; use {}s://":
    "{}// 会在互联网上不加密地传输，只能用于私有地址；请用 {}s://",
  // Slack
  "the webhook was removed, or its channel: add it to a channel again, and copy the URL":
    "webhook 或它的频道已被移除：请重新添加到频道，并复制地址",
  "the app may not write: give it the scope chat:write, and install it again":
    "应用无权发言：请加上 chat:write 权限，并重新安装",
  "the token is wrong or was revoked: write the bot's token (xoxb-…) as secret":
    "令牌错误或已撤销：请把机器人的令牌（xoxb-…）填入 secret",
  "the message is not as Slack wants it": "消息格式不符合 Slack 的要求",
  "an administrator of Slack does not let webhooks write to this channel": "Slack 管理员不允许 webhook 在此频道发言",
  "an administrator of Slack does not let the bot write to this channel": "Slack 管理员不允许机器人在此频道发言",
  "the channel is archived": "频道已归档",
  "this workspace of Slack is switched off": "此 Slack 工作区已停用",
  "there is no such channel, or the bot is not in it: invite the bot, and write the channel's id":
    "没有此频道，或机器人不在其中：请邀请机器人，并填写频道的编号",
  "the bot is not in the channel: invite it": "机器人不在频道里：请邀请它",
  "too many messages: Slack takes one a second": "消息过多：Slack 每秒收一条",
  // Teams
  "the workflow is gone or has another URL: copy the URL again": "工作流已不在，或地址已变：请重新复制地址",
  "the workflow is switched off": "工作流已关闭",
  "the workflow was suspended: open it in Power Automate": "工作流已暂停：请在 Power Automate 中打开",
  "the workflow does not take cards: make it of the template for webhook requests":
    "工作流不收卡片：请用接收 webhook 请求的模板创建",
  "too many messages: Teams takes four a second": "消息过多：Teams 每秒收四条",
  // Telegram
  "the bot was removed from the chat, or blocked: add it again": "机器人已被移出聊天或被屏蔽：请重新添加",
  "the token is wrong or was revoked: copy it from @BotFather, as secret":
    "令牌错误或已撤销：请从 @BotFather 复制，填入 secret",
  "the token is wrong, or the url is no server of this API": "令牌错误，或 url 不是此 API 的服务器",
  "too many messages: Telegram takes one a second for a chat, and 20 a minute for a group":
    "消息过多：Telegram 每个聊天每秒收一条，每个群每分钟收 20 条",
  "there is no such chat, or the bot is not in it: add the bot, and write the chat's number":
    "没有此聊天，或机器人不在其中：请添加机器人，并填写聊天的号码",
  "the group has another number now: write it as to": "群的号码已变：请填入 to",
  "the bot may not write in this chat: let it": "机器人在此聊天中无权发言：请允许它",
  "the message is not as Telegram wants it": "消息格式不符合 Telegram 的要求",
  // WeCom, DingTalk, Feishu
  "WeCom is busy; it is tried again": "企业微信繁忙，会再试",
  "it does not know this type of message": "对方不认识此类消息",
  "the picture is too large: 2 MB at most": "图片过大：最多 2 MB",
  "something in the message is not as WeCom wants it": "消息中有内容不符合企业微信的要求",
  "too many messages: a robot takes 20 a minute": "消息过多：机器人每分钟收 20 条",
  "too many messages at the same time": "同时发送的消息过多",
  "the robot's URL is not right, or the robot was removed from its group: copy the URL again":
    "机器人地址不对，或已被移出群：请重新复制地址",
  "the robot is switched off": "机器人已停用",
  "the robot is not in the group": "机器人不在群里",
  "the picture was damaged on its way": "图片在途中损坏",
  "too many messages: a robot takes 20 a minute, else none for 10 minutes":
    "消息过多：机器人每分钟收 20 条，超过则 10 分钟内不收",
  "DingTalk is busy; it is tried again": "钉钉繁忙，会再试",
  "the message is not JSON as DingTalk wants it": "消息不是钉钉要求的 JSON",
  "the message is not as DingTalk wants it": "消息格式不符合钉钉的要求",
  "there is no robot with this access_token: copy the URL again": "没有此 access_token 的机器人：请重新复制地址",
  "the robot's security settings do not let it in: correct the secret, this machine's clock, the keyword or the addresses":
    "机器人的安全设置不允许：请更正密钥、本机时钟、关键词或地址段",
  "the group was dissolved: add a robot to another one": "群已解散：请在其他群添加机器人",
  "the robot is not in the group any more": "机器人已不在群里",
  "it does not take a link in the message": "对方不收消息中的某个链接",
  "it does not take a word in the message, which may be a name": "对方不收消息中的某个词，可能是姓名",
  "it does not take the picture": "对方不收图片",
  "it does not take something in the message, which may be a name": "对方不收消息中的某项内容，可能是姓名",
  "the message is not as Feishu wants it": "消息格式不符合飞书的要求",
  "too many messages: a robot takes 100 a minute and 5 a second": "消息过多：机器人每分钟收 100 条，每秒 5 条",
  "the secret is another one, or this machine's clock is an hour off": "密钥不符，或本机时钟相差一小时",
  "this machine's address is not in the list of the robot": "本机地址不在机器人的名单里",
  "none of the robot's keywords is in the text: put one into the template": "文字中没有机器人的关键词：请写进模板",
  // ntfy, MQTT
  "too many messages: ntfy takes 60 at once and then one every 5 s": "消息过多：ntfy 一次收 60 条，之后每 5 秒一条",
  "the name of the topic is not right": "主题名不对",
  "the server does not allow this topic": "服务器不允许此主题",
  "the server takes no pictures": "服务器不收图片",
  "the token is wrong: write it as secret": "令牌错误：请填入 secret",
  "the token may not write to this topic": "令牌无权写入此主题",
  "the picture is too large for the server, or its room is full": "图片对服务器过大，或其空间已满",
  "the server takes no more pictures today": "服务器今天不再收图片",
  "the server takes no more messages today": "服务器今天不再收消息",
  "the server's disk is full": "服务器磁盘已满",
  "the broker does not speak MQTT 3.1.1": "代理不支持 MQTT 3.1.1",
  "the broker does not take this client": "代理不接受此客户端",
  "the broker is not ready; it is tried again": "代理尚未就绪，会再试",
  "the user or the password is wrong: set the user in the URL, and the password in secret":
    "用户或密码错误：用户写在地址里，密码填入 secret",
  "the broker does not let this user in": "代理不允许此用户登录",
  "the broker closed the connection": "代理关闭了连接",
  // E-mail
  "it was not taken": "没有收下",
  "the server is busy; it is tried again": "服务器繁忙，会再试",
  "the mailbox is busy; it is tried again": "邮箱繁忙，会再试",
  "the server had an internal error; it is tried again": "服务器内部错误，会再试",
  "the server has no room; it is tried again": "服务器空间不足，会再试",
  "the server accepts no sign-in just now": "服务器暂时不接受登录",
  "the server requires a sign-in: set the user in the URL, and secret": "服务器要求登录：用户写在地址里，并填写 secret",
  "the server wants another kind of password: most ask for one made for programs":
    "服务器要求另一种密码：多数要求授权码",
  "the user or the password is wrong; many servers want a password made for programs (授权码)":
    "用户或密码错误；许多服务器要求授权码",
  "the server refused an address, or the mail as such": "服务器拒绝了某个地址，或这封邮件",
  "the mail is too large for the server": "邮件对服务器过大",
  "the server does not let this user send from this address: set from in the URL":
    "服务器不允许此用户用此地址发信：请在地址里写明 from",
  "the server takes the mail for spam, or refused it for another reason": "服务器把它当作垃圾邮件，或因其他原因拒绝",
  "the user or the password is wrong": "用户或密码错误",
  "the connection could not be encrypted, and nothing goes over the Internet by another":
    "连接无法加密，而互联网上只用加密的连接发送",
  "no answer was received in time": "没有及时收到应答",
  "there is no server of this name: look at the URL": "没有此名称的服务器：请检查地址",
  "the name of the server cannot be looked up just now; it is tried again": "暂时无法查询服务器的名称，会再试",
  "nothing listens at this address and port: look at the URL": "此地址和端口没有服务：请检查地址",
  "the server, or something before it, cut the connection": "服务器或途中的设备切断了连接",
  "no way leads to the server; it is tried again": "无法到达服务器，会再试",
  "the server ended the connection": "服务器结束了连接",
};
