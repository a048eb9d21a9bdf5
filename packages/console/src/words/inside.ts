import { enInside } from "./en-inside.ts";
import { wordsOfPage } from "./of-page.ts";

const number = (value: number) => value.toLocaleString("zh-CN");
const list = (names: readonly string[]) => (names.length === 0 ? "无" : names.join("、"));

/** The words of Inside, in Chinese. */
const zhInside: typeof enInside = {
  counted: (time) => `统计于 ${time}`,
  search: "姓名、编号或拼音",
  now: "现在在场",
  insideSite: (site) => `人现在在${site}`,
  line: "折线为一周前同日",
  chart: (most, time) => `按半小时的在场人数；至 ${time} 最多 ${number(most)} 人`,
  chartBefore: (most) => `一周前最多 ${number(most)} 人`,
  overdue: "昨天起未见离开",
  overdueWhy: "未更正前计为在场",
  inAt: (time, gate) => `${time} 进${gate === "" ? "" : `，${gate}`}`,
  why: { "exit-silent": "有出口失联，可能漏记", "night-shift": "夜班，已结束", visitor: "访客" },
  columns: ["人脸", "人员", "进入", "在场时长", "操作"],
  hasLeft: "已离开…",
  hasLeftTitle: (name) => `${name}已离开`,
  leftOn: "离开日期",
  leftAt: "离开时间",
  reason: "原因",
  reasonHint: "始终可见",
  tooEarly: (time) => `必须晚于 ${time}，且不能在将来。`,
  correct: "已离开",
  noted: (name, time) => `${name}于 ${time} 离开。`,
  corrected: (time, who) => (who === null ? `${time} 离开` : `${time} 离开（${who}）`),
  takenBack: (name) => `${name}重新计为在场，除非之后另有通行。`,
  unknown: "身份未知",
  strangers: (went, left) =>
    `${number(went)} 名陌生人进入，${number(left)} 名离开${went > left ? `，可能有 ${number(went - left)} 人在场` : ""}。`,
  withoutIn: (n) => `${number(n)} 人离开，此前未见进入。`,
  groups: { blacklist: "黑名单", visitor: "访客", staff: "员工与 VIP", unknown: "类型未知" },
  order: "排序",
  orders: { longest: "最久在前", newest: "最新在前", name: "姓名" },
  visits: (host) => `拜访 ${host}`,
  until: (time) => `到 ${time}`,
  since: (time) => `${time} 起`,
  clock: "盒子时钟有误",
  more: (n) => `再显示 ${number(n)} 人`,
  notAll: (n, of) => `共 ${number(of)} 人，此处显示最早进入的 ${number(n)} 人。`,
  none: (site, time) => `${time} 起${site}无人在场。`,
  noMatch: (text) => `在场人员中没有“${text}”。`,
  noDirection: "此处没有带方向的通道，无法统计。",
  noDirectionWhy: "通道需要方向：由盒子上报，或由管理员在“站点”中设置。",
  setDirections: "设置方向",
  countedBy: (ins, outs) => `按有方向的通道统计：进 ${list(ins)}；出 ${list(outs)}。`,
  notCounted: (names) => `${list(names)}没有方向，不计入。`,
};

/** The words of Inside. */
export const insideWords = wordsOfPage(enInside, zhInside);
