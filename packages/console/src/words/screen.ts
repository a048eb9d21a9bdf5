import { enScreen } from "./en-screen.ts";
import { wordsOfPage } from "./of-page.ts";

/** The words of screen mode, in Chinese. */
const zhScreen: typeof enScreen = {
  reporting: (n) => `${n} 个盒子正常`,
  silent: (n) => (n === 0 ? "无失联" : `${n} 个盒子失联`),
  silentOne: (box, time) => `${box} 失联 ${time}`,
  more: (n) => `还有 ${n} 个`,
  lost: (time) => `${time} 起无连接`,
  bar: "大屏",
  size: "大小",
  sizes: { s: "小", m: "中", l: "大" },
  sound: "声音",
  link: "生成大屏链接",
  leave: "退出",
  sleeps: "此屏幕可能会休眠",
  sleepsByHttp: "此屏幕可能会休眠：浏览器仅在 https 下保持唤醒，见 `docs/network.zh-CN.md`。",
  times: (n, since) => `${since} 起 ${n} 次`,
  rings: "响铃，直到确认",
  back: (seconds) => `${seconds} 秒后返回人脸墙`,
  nextIn: (seconds) => `${seconds} 秒后显示下一位`,
  progress: (left, of) => `${of} 秒中的 ${left} 秒`,
  ends: "到期",
  tomorrow: (time) => `明天 ${time}`,
  inDays: (day) => `30 天后，${day}`,
  make: "生成链接",
  note: (site) => `大屏，${site}`,
  linkWhy: "到期前，持有此链接者可查看该站点的通行。它列在设置的密钥中。",
  scan: "用大屏扫描，或在大屏上输入此地址。仅显示一次。",
  address: "地址",
  needsLink: "请用大屏链接打开：在链接地址的 # 前加上 /screen",
};

/** The words of screen mode. */
export const screenWords = wordsOfPage(enScreen, zhScreen);
