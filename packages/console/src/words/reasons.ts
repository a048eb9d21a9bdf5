import { enReasons } from "./en-reasons.ts";
import { entryOf } from "./index.ts";
import { wordsOfPage } from "./of-page.ts";

/** The words for reasons of quarantine, in Chinese. */
export const zhReasons: typeof enReasons = {
  reasons: {
    "empty-body": ["内容为空", "请求没有内容。", "盒子的测试按钮会如此；否则检查是否有代理丢弃了内容。"],
    "empty-list": ["空列表", "一批上报，其中没有任何一份。", "无需处理。"],
    "empty-form": ["空表单", "表单没有字段。", "检查发送方。"],
    "not-json": ["不是 JSON", "容错读取也无法识别。", "检查线路以及中间代理的限制。"],
    "picture-alone": [
      "只有一张图片",
      "没有上报内容：不知道是谁、何时通过。",
      "让发送方把上报和图片放在同一个表单里发送。",
    ],
    "unknown-charset": ["编码未知", "不是 UTF-8、UTF-16 或 GBK。", "下载后联系发送方的厂商。"],
    charset: ["编码未知", "文字在途中被改动。", "下载后联系发送方的厂商。"],
    "torn-form": ["表单不完整", "表单没有结尾，部分内容没有到达。", "检查线路。"],
    "unpacks-too-large": ["解压后过大", "解压后超过 64 MB。", "减少每批数量，或关闭一种图片。"],
    "packed-too-densely": ["压缩比过高", "解压后超过压缩前的 200 倍。", "检查发送方。"],
    "too-many-reports": [
      "一次过多",
      "不会自动重放的批次：超过 1,000,000 份上报，或大多数没有得到通行。",
      "检查发送方；需要时请重放。",
    ],
    "too-many-fields": ["字段过多", "表单超过 20,000 个字段。", "检查发送方。"],
    "too-many-values": ["数值过多", "一份上报超过 20,000 个值，或一次超过 1,000,000 个。", "检查发送方。"],
    "nested-too-deep": ["嵌套过深", "超过 32 层。", "盒子不会如此，请检查发送方。"],
    "not-an-object": ["不是上报", "是 JSON，但只是数字、文本或其列表。", "检查发送方。"],
    "unknown-shape": ["未知的上报格式", "内容完整，但不是盒子使用的格式。", "教会 Gatepost 识别；或保留，升级后重放。"],
    picture: ["有图片无法读取", "通行记录已保存，其中一张图片损坏。", "升级后重放；若很多，请检查摄像头。"],
    cut: ["文本过长", "通行记录已保存，完整文本保留在此。", "无需处理。"],
    "event-broken": [
      "所属通行记录无法读取",
      "本版本无法读取此上报所属的通行记录。",
      "日志中有具体的行。修复后重放；或删除该通行，这一份随之删除。",
    ],
    "batch-too-long": ["长批次", "过长，无法立即保存。会在该盒子的实时上报之后自动重放。", "无需处理。"],
    "batch-not-replayed": ["未重放的批次", "重放长批次的任务失败或被停止。", "请重放。"],
    "too-many-unreadable": ["无法识别的过多", "一批中超过 100 份不能完整成为通行记录。", "保留，升级后重放。"],
    "unclear-notice": ["盒子状态及其他", "{}，并有其他内容。", "教会 Gatepost 识别；或保留，升级后重放。"],
    unwrapped: ["上报旁边另有内容", "通行记录已保存，包装里的其他内容保留在此。", "无需处理。"],
    trailing: ["上报后面另有内容", "跟在上报后面的部分无法识别。", "检查发送方。"],
    "duplicate-keys": ["字段重复", "通行记录已保存，用的是最后一个值，被取代的在此。", "检查发送方。"],
    part: ["有一部分不在通行记录里", "通行记录已保存；表单中有一部分不在其中，保留在此。", "保留，升级后重放。"],
    "notice-too-large": ["通知过大", "{}，超过 256 KB，不含通行。", "只丢失这一次状态。"],
    notice: ["原样保留的通知", "{}，不含通行，此服务器不保存盒子的健康状态。", "无需处理。"],
  },
  otherReason: ["无法识别", "服务器说明为“{}”。", "保留，升级后重放。"],
  notices: {
    status: "盒子状态",
    "device-status": "采集设备状态",
    "device-sync": "设备同步",
    "platform-device-status": "平台设备状态",
    "mq-result": "命令结果",
  },
};

/** The words for reasons of quarantine. */
const reasonWords = wordsOfPage(enReasons, zhReasons);

/** A reason of quarantine as a title, what happened, and what to do. */
export function reasonOf(reason: string): readonly [title: string, what: string, todo: string] {
  const { reasons, otherReason, notices } = reasonWords.value;
  const colon = reason.indexOf(":");
  const [name, about] = colon < 0 ? [reason, ""] : [reason.slice(0, colon), reason.slice(colon + 1)];
  const known = entryOf(reasons, name);
  const [title, what, todo] = known ?? otherReason;
  const filling = known === undefined ? reason : (entryOf(notices, about) ?? about);
  return [title, what.replace("{}", () => filling), todo];
}
