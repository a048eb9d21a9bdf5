import { ofChannel } from "./of-channel.ts";
import { refusalsIn } from "./translate.ts";
import { zhReasons } from "./zh.ts";

const translate = refusalsIn(zhReasons);

/** Why a target took nothing, in Chinese; a reason that is not known stays as it is. */
export function reasonInChinese(reason: string): string {
  const [, status] = /^answered (\d{3})$/.exec(reason) ?? [];
  if (status !== undefined) return `返回 ${status}`;
  const [, ms] = /^no answer within (\d+) ms$/.exec(reason) ?? [];
  if (ms !== undefined) return `${Math.round(Number(ms) / 1000)} 秒内没有应答`;
  const said = ofChannel(reason, translate) ?? translate(reason);
  if (said !== null) return said;
  return /\bE[A-Z]{4,}\b/.test(reason) ? `无法连接（${reason}）` : reason;
}
