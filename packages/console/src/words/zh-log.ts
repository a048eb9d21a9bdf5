import { type enSentences, type Facts, isWay } from "./en-log.ts";

const when = (isSo: boolean, text: string) => (isSo ? text : "");
const at = (f: Facts) => when(f.has("site"), `在${f.text("site")}`);
const ofBox = (f: Facts) => when(f.has("box"), `在 ${f.text("box")} 上`);

const changes: readonly (readonly [member: string, words: (f: Facts) => string])[] = [
  ["direction", (f) => `${when(!f.is("direction", "ignore"), "方向：")}${f.text("direction")}`],
  ["label", (f) => (f.is("label", true) ? "显示名称" : "无显示名称")],
  ["counts", (f) => (f.is("counts", true) ? "计入在场" : "不计入在场")],
  ["name", (f) => (f.is("name", "none") ? "无显示名称" : `显示名称：${f.text("name")}`)],
  ["site", (f) => `站点：${f.text("site")}`],
  ["zone", (f) => `时区：${f.is("zone", "usual") ? "与站点或服务器相同" : f.text("zone")}`],
  ["afterMs", (f) => `失联时长：${f.text("afterMs")}`],
  ["isExpected", (f) => (f.is("isExpected", true) ? "失联属于预期" : "失联不属于预期")],
];

function changed(what: "box" | "device", f: Facts): string {
  const made = changes.filter(([member]) => f.has(member));
  if (made.length === 1 && isWay(f)) return `把 ${f.text(what)} 设为${f.text("direction")}`;
  return `更改了 ${f.text(what)}：${made.map(([, words]) => words(f)).join("，")}`;
}

const neededBy: Readonly<Record<string, string>> = {
  administrator: "管理员",
  manager: "管理员和经理",
  guard: "所有人",
};

const settings: Record<string, (f: Facts) => string> = {
  alarms: (f) =>
    f.is("minutes", "never") ? "关闭了无人确认的警报" : `把无人确认的警报设为 ${f.number("minutes")} 分钟`,
  retention: (f) => `把通行记录保存天数设为 ${f.number("eventDays")}，隔离设为 ${f.number("quarantineDays")}`,
  people: (f) => (f.is("isOn", true) ? "设置了人员、在场和考勤" : "关闭了人员、在场和考勤"),
  notifications: (f) =>
    f.is("tested", true)
      ? "发送了测试通知"
      : f.is("subscribed", true)
        ? "打开了一个浏览器的通知"
        : f.is("subscribed", false)
          ? "关闭了一个浏览器的通知"
          : "更改了一个浏览器的通知",
  "second-factor": (f) =>
    f.is("requiredFrom", "nobody")
      ? "不再要求两步验证"
      : `要求${neededBy[f.text("requiredFrom")] ?? "登录人员"}使用两步验证`,
  views: (f) => (f.has("view") ? "更改或移除了视图" : `保存了${when(f.is("isForEverybody", true), "所有人的")}视图`),
  "hours-mail": (f) =>
    f.is("removed", true) ? `停止了${f.text("site")}的考勤邮件` : `设置了${f.text("site")}考勤邮件的收件人`,
};

function accountChanged(f: Facts): string {
  const who = f.text("account");
  if (f.is("password", true)) return "更改了自己的密码";
  if (f.is("lastAdministrator", true)) return `保留了最后一位管理员 ${who} 的角色`;
  if (f.has("role")) return `把 ${who} 的角色设为${f.text("role")}`;
  if (f.has("disabled")) return `${f.is("disabled", true) ? "停用" : "启用"}了 ${who} 的账号`;
  return `更改了 ${who} 的${f.has("sites") || f.has("boxes") ? "查看范围" : "姓名"}`;
}

const ruleActs: Readonly<Record<string, string>> = {
  removed: "移除了",
  tested: "测试了",
  resent: "补发了错过的条目给",
  "resend-tried": "统计了错过的条目：",
};

/** The same sentences in Chinese. */
export const zhSentences: typeof enSentences = {
  "key-made": (f) =>
    f.has("box")
      ? `为盒子 ${f.text("box")} 创建了密钥`
      : `创建了密钥：${f.text("scope")}${when(f.has("boxes"), `，${f.text("boxes")}`)}${when(f.has("site"), `，${f.text("site")}`)}`,
  "account-invited": (f) =>
    f.is("again", true)
      ? `为 ${f.text("account")} 创建了新链接`
      : f.is("first", true)
        ? "成为第一位管理员"
        : `邀请 ${f.text("account") || "一人"} 为${f.text("role")}`,
  "account-changed": accountChanged,
  "account-removed": (f) => `移除了 ${f.text("account")} 的账号`,
  "signed-in": (f) =>
    `${f.is("again", true) ? "再次确认身份" : "登录"}${when(f.has("with"), `，${f.text("with")}`)}${when(f.is("factor", "recovery"), "，使用恢复码")}${when(f.is("factor", "passkey"), "，使用通行密钥")}`,
  "sign-ins-refused": (f) => (f.is("passkeyCopied", true) ? "登录未通过：通行密钥可能已被复制" : "登录未通过"),
  "sessions-ended": (f) => (f.has("account") ? `结束了 ${f.text("account")} 的登录会话` : "结束了一个登录会话"),
  "factor-added": (f) => (f.is("kind", "recovery") ? "生成了恢复码" : "添加了两步验证方式"),
  "factor-removed": () => "移除了两步验证方式",
  "factors-reset": (f) => `清除了 ${f.text("account")} 的两步验证方式`,
  "event-erased": () => "删除了一条通行记录，此处不保留编号",
  "person-erased": (f) => `${ofBox(f)}${when(f.has("boxes"), `在 ${f.text("boxes")} 上`)}删除了一人，此处不保留姓名`,
  replayed: (f) => `${ofBox(f)}重放了无法识别的上报`,
  "dead-letters-sent": (f) => `${when(f.has("rule"), `按规则 ${f.text("rule")} `)}重新发送了未能送达的内容`,
  "pictures-read": (f) => `一小时内查看了 ${f.number("count")} 张图片`,
  exported: (f) => `导出了${f.is("what", "people") ? "人员" : f.is("what", "hours") ? "考勤" : "通行记录"}`,
  acknowledged: (f) => `确认了 ${f.number("count")} 条通行记录`,
  "rule-changed": (f) => `${ruleActs[f.text("as")] ?? "写入了"}规则 ${f.text("rule")}`,
  "setting-changed": (f) => {
    if (f.has("device")) return changed("device", f);
    if (f.has("box")) return changed("box", f);
    const of = f.has("setting") ? settings[f.text("setting")] : undefined;
    if (of !== undefined) return of(f);
    if (f.is("areSame", true)) return `回答了${f.text("site")}的同编号同名人员是同一人`;
    if (f.is("areSame", false)) return `回答了${f.text("site")}的同编号同名人员不是同一人`;
    if (f.has("areSame")) return `收回了${f.text("site")}的同名人员是否为同一人的回答`;
    if (f.has("sharesPeople")) return `设置了${f.text("site")}的盒子${f.is("sharesPeople", true) ? "" : "不"}共用人员`;
    return f.has("site") ? `${f.is("removed", true) ? "移除" : "设置"}了站点 ${f.text("site")}` : "更改了一项设置";
  },
  "presence-corrected": (f) => (f.is("removed", true) ? "收回了一人已离开的更正" : `${at(f)}记下一人已离开`),
  "roll-begun": (f) => `${at(f)}开始了${f.is("isDrill", true) ? "演练" : "疏散清单"}`,
  "roll-ticked": (f) => `在疏散清单上勾选了 ${f.number("count")} 人`,
  "roll-linked": (f) => (f.is("removed", true) ? "停用了疏散清单的链接" : "创建了疏散清单的链接"),
  "hours-corrected": (f) => (f.is("removed", true) ? "收回了一次考勤更正" : `更正了一人 ${f.text("day")} 的考勤`),
  "last-day-set": (f) =>
    f.is("removed", true) ? "收回了一人的最后工作日" : `把一人的最后工作日设为 ${f.text("leftOn")}`,
  "roster-changed": (f) => `更改了${when(f.has("site"), f.text("site"))} ${f.text("month")} 的排班`,
  "month-closed": (f) => `锁定了${when(f.has("site"), f.text("site"))} ${f.text("month")} 的考勤`,
  "schedule-changed": (f) =>
    `${f.is("removed", true) ? "移除" : "更改"}了${when(f.has("site"), `${f.text("site")}的`)}班次`,
  "actions-decided": (f) => `处理了 ${f.number("count")} 个请求`,
};
