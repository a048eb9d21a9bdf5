import type { enFaults } from "./en-faults.ts";

/** Flags and reasons as sentences in Chinese. */
export const zhFaults: typeof enFaults = {
  flags: {
    clock: "盒子发送的时间不可信；显示的是收到上报的时间。",
    ahead: "盒子的时钟偏快：盒子发送的时间晚于收到上报的时间。",
    denied: "终端没有放行此人。",
    "same-person-twice":
      "盒子在同一时刻两次上报此人：人脸不同，或没有人脸但内容不同，例如一进一出。这是第二次上报。人脸不同时，其中一张很可能是别人。",
    "unknown-action": "盒子请求了未知的动作，可能是新固件。已存储，未做其他处理。",
    "shape-unknown": "上报格式未知，只有人员和时间可以确定。",
    "tolerant-parse": "报文不是规范的 JSON，已容错读取。",
    "duplicate-keys": "报文中有字段出现两次，取最后一个值。",
    unwrapped: "上报外面有中间程序加的包装，已从中取出。",
    charset: "上报的文字编码不确定，姓名可能有误。",
  },
  flagsOf: {
    "field-unreadable": "“{}”的类型无法读取，原值见“盒子上报的其他字段”。",
    "text-cut": "“{}”过长，此处已截断，整份上报保留在隔离区。",
    "object-cut": "“{}”过大，此处已省略，整份上报保留在隔离区。",
  },
  flagsOfPictures: {
    "picture-unreadable": "{}无法读取，整份上报保留在隔离区。",
    "second-picture": "发来不止一张{}，显示第一张可读取的，整份上报保留在隔离区。",
    "picture-truncated": "{}不完整，盒子发来时就是如此。",
    "picture-lost": "{}已丢失。",
    "picture-expired": "{}已不再保留。",
  },
  clockAhead: "盒子的时钟快了一天以上；显示的是收到上报的时间。",
  otherFlag: "服务器标记了“{}”，此页面尚不认识。",
  delivery: {
    answered: (rule, status) => `${rule} 返回 ${status}。`,
    noAnswer: (rule, seconds) => `${rule} 在 ${seconds} 秒内没有应答。`,
    unreachable: (rule) => `无法连接 ${rule}。`,
    removed: "送达前规则已删除",
    tooLate: "未发送：通行时间早于规则允许的时限。",
    held: {
      storm: "已合并发送：同时到达的太多。",
      quiet: "在免打扰时段结束时汇总发送。",
      cooldown: "未重复发送：刚在这里提醒过此人。",
      muted: "未发送：已静音。",
      erased: "未发送：通行记录已删除。",
      test: "未发送：这是一次测试。",
    },
    private: (rule) => `${rule} 指向内网地址，未获允许。`,
  },
  withheldPoor: "盒子判定照片质量过低，不可登记。",
};
