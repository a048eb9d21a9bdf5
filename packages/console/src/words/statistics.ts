import { enStatistics } from "./en-statistics.ts";
import { zhNumber as number } from "./number.ts";
import { wordsOfPage } from "./of-page.ts";

/** The words of Statistics, in Chinese. */
const zhStatistics: typeof enStatistics = {
  passings: (n) => `${number(n)} 次通行`,
  figurePassings: "次通行",
  figureBusiest: (n) => `最忙半小时，${number(n)} 次`,
  figureStrangers: "次陌生人通行",
  figureBlacklist: "次黑名单",
  each: { hour: "每小时通行", day: "每日通行" },
  most: (when, n) => `最多在 ${when}：${number(n)}`,
  usualWeek: "典型的一周",
  usualWeekLabel: "按星期和小时的通行量，四周平均",
  match: "比对分数分布",
  matchLabel: "比对分数分布",
  strangers: "陌生人",
  registered: "已登记人员",
  asTable: "以表格显示",
  when: "时间",
  from: "比对分数",
  all: "合计",
  midnightCut: "此时区的统计按 0:15 和 0:45 开始的半小时计：午夜后 15 分钟内的通行计入前一天。",
  noneTitle: "该时段无人通行",
  noneWhy: "请选择更长的时段，或另一个盒子。",
  until: (time) => `截至 ${time}`,
  compare: { week: "对比：一周前", month: "对比：一个月前" },
  noBefore: { week: "没有一周前的数据", month: "没有一个月前的数据" },
  onDay: (n, day) => `${day} ${number(n)}\u00a0次`,
  inDays: (n, days) => `${days} ${number(n)}\u00a0次`,
  isUntil: (what, time) => `${what}（均截至 ${time}）`,
  change: (percent) => `${percent > 0 ? "↑" : percent < 0 ? "↓" : "="} ${number(Math.abs(percent))} %`,
  minutesEarlier: (n) => `早 ${number(n)} 分钟`,
  minutesLater: (n) => `晚 ${number(n)} 分钟`,
  sameTime: "同一时间",
  theseInEvents: (n) => `回车或点击：在通行记录中查看这 ${number(n)} 条`,
  byGate: "按通道",
  lineBefore: { week: "折线为一周前", month: "折线为一个月前" },
  moreGates: (n) => `另有 ${number(n)} 个通行较少的通道`,
  unknownDevice: "设备未知",
  gate: "通道",
  beforeHead: "此前",
  meanOfFour: "四周平均",
  afterSevenDays: "七天后显示",
  noneBefore: (day) => `${day} 之前没有数据`,
  future: (n) => `略去 ${number(n)} 次时间尚未到来的通行：有时钟走快了。`,
  csv: "表格 (CSV)",
  png: "图片 (PNG)",
  pngFailed: "此浏览器无法生成图片。",
};

/** The words of Statistics. */
export const statisticsWords = wordsOfPage(enStatistics, zhStatistics);
