import type { PersonType } from "@gatepost/protocol";
import type { Language } from "../target/template.ts";
import type { Subject } from "./subject.ts";

interface Words {
  what: Record<Subject["about"], string>;
  kinds: Record<PersonType, string>;
  nobody: string;
  nowhere: string;
  late: string;
  open: string;
  openList: string;
  picture: string;
  mute: string;
  test: string;
  box(id: string): string;
  visits(name: string, host: string): string;
  summary(count: number): string;
  /** The name of the box follows. */
  flood(count: number, of: number): string;
  span(from: string, to: string): string;
  more(count: number): string;
  ofRule: string;
  reason: string;
  /** What became of a target: since when it fails, or when it recovered; the number of waiting entries if it is known. */
  failing(since: string, waiting: number | null): string;
  back(at: string, since: string, waiting: number | null): string;
}

/** What Gatepost itself says in an alert. */
export const words: Record<Language, Words> = {
  zh: {
    what: {
      passing: "人员通行",
      "register-stranger": "陌生人待登记",
      "update-photo": "底库照片待更新",
      declined: "请求已拒绝",
      acknowledged: "已确认",
      "not-acknowledged": "黑名单无人确认",
      "visitor-arrived": "访客到达",
      "visitor-early": "访客提前到达",
      silent: "设备失联",
      recovered: "设备恢复",
      "unknown-action": "盒子请求了未知的动作",
      evacuation: "疏散开始",
      drill: "疏散演练开始",
      "evacuation-over": "疏散结束",
      "target-failing": "规则的目标无法送达",
      "target-recovered": "规则的目标已恢复",
      test: "Gatepost 测试",
    },
    kinds: {
      employee: "员工",
      visitor: "访客",
      blacklist: "黑名单",
      stranger: "陌生人",
      vip: "VIP",
      unknown: "类型未知",
    },
    nobody: "未知人员",
    nowhere: "未知设备",
    late: "（补传）",
    open: "查看通行记录",
    openList: "打开疏散清单",
    picture: "查看照片（24 小时内有效）",
    mute: "将此人静音 1 小时",
    test: "收到这条消息，说明这条规则可以送达。",
    box: (id) => `盒子 ${id}`,
    visits: (name, host) => `${name}，拜访 ${host}`,
    summary: (count) => `另有 ${count} 条提醒，合并如下`,
    flood: (count, of) => `${of} 条中有 ${count} 条来自同一个盒子：`,
    span: (from, to) => `${from} 至 ${to}`,
    more: (count) => `其余 ${count} 条请在控制台查看`,
    ofRule: "规则：",
    reason: "原因：",
    failing: (since, waiting) => `自 ${since} 起什么都没收下${inChinese(waiting)}`,
    back: (at, since, waiting) => `${at} 恢复（自 ${since} 起没有收下）${inChinese(waiting)}`,
  },
  en: {
    what: {
      passing: "Passing",
      "register-stranger": "Stranger to register",
      "update-photo": "Base photo to update",
      declined: "Request declined",
      acknowledged: "Acknowledged",
      "not-acknowledged": "Not acknowledged",
      "visitor-arrived": "Visitor arrived",
      "visitor-early": "Visitor before the visit",
      silent: "Box silent",
      recovered: "Box heard again",
      "unknown-action": "Unknown action requested",
      evacuation: "Evacuation",
      drill: "Evacuation drill",
      "evacuation-over": "Evacuation over",
      "target-failing": "Target failing",
      "target-recovered": "Target recovered",
      test: "Gatepost test",
    },
    kinds: {
      employee: "employee",
      visitor: "visitor",
      blacklist: "blacklist",
      stranger: "stranger",
      vip: "VIP",
      unknown: "unknown type",
    },
    nobody: "somebody unknown",
    nowhere: "unknown device",
    late: " (late)",
    open: "Open the event",
    openList: "Open the list",
    picture: "Open the picture (for 24 hours)",
    mute: "Mute this person for an hour",
    test: "If you can read this, the rule reaches you.",
    box: (id) => `box ${id}`,
    visits: (name, host) => `${name}, visits ${host}`,
    summary: (count) => `${count} more ${count === 1 ? "alert" : "alerts"} in one`,
    flood: (count, of) => `${count} of ${of} are of one box: `,
    span: (from, to) => `${from} to ${to}`,
    more: (count) => `See the console for the other ${count}`,
    ofRule: "Rule: ",
    reason: "Reason: ",
    failing: (since, waiting) => `Nothing taken since ${since}${inEnglish(waiting)}`,
    back: (at, since, waiting) => `Recovered at ${at} (nothing taken since ${since})${inEnglish(waiting)}`,
  },
};

function inChinese(waiting: number | null): string {
  return waiting === null ? "" : `，${waiting} 条在等待`;
}

function inEnglish(waiting: number | null): string {
  return waiting === null ? "" : `; ${waiting === 1 ? "1 entry waits" : `${waiting} entries wait`}`;
}
