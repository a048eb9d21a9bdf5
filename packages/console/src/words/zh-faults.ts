import type { Words } from "./en.ts";

/** Flags and reasons as sentences in Chinese. */
export const zhFaults: Pick<Words, "flags" | "flagsOf" | "clockAhead" | "otherFlag" | "delivery" | "withheldPoor"> = {
  flags: {
    clock: "盒子发送的时间不可信；显示的是收到上报的时间。",
    "same-person-twice": "盒子在同一时刻把两张不同的人脸认作此人，这是第二张。其中一张很可能是别人。",
    "shape-unknown": "报文形式未知，只有人员和时间可以确定。",
    "tolerant-parse": "报文不是规范的 JSON，已容错读取。",
    "duplicate-keys": "报文中有字段出现两次，取最后一个值。",
    "picture-unreadable:registered": "底库照片无法读取，整份上报保留在隔离区。",
    "picture-unreadable:face": "抓拍人脸无法读取，整份上报保留在隔离区。",
    "picture-unreadable:scene": "现场图无法读取，整份上报保留在隔离区。",
    "picture-unreadable:infrared": "红外照片无法读取，整份上报保留在隔离区。",
    "picture-lost:registered": "底库照片的数据已丢失。",
    "picture-lost:face": "抓拍人脸的数据已丢失。",
    "picture-lost:scene": "现场图的数据已丢失。",
    "picture-lost:infrared": "红外照片的数据已丢失。",
  },
  flagsOf: {
    "field-unreadable": "“{}”的类型无法读取，原值见“盒子上报的其他字段”。",
    "text-cut": "“{}”过长，此处已截断，整份上报保留在隔离区。",
    "object-cut": "“{}”过大，此处已省略，整份上报保留在隔离区。",
  },
  clockAhead: "盒子的时钟快了一天以上；显示的是收到上报的时间。",
  otherFlag: "服务器标记了“{}”，此页面尚不认识。",
  delivery: {
    answered: (rule, status) => `${rule} 应答 ${status}。`,
    noAnswer: (rule, seconds) => `${rule} 在 ${seconds} 秒内没有应答。`,
    unreachable: (rule) => `无法连接 ${rule}。`,
    removed: "送达前规则已删除。",
    tooLate: "未发送：通行时间早于规则允许的时限。",
    held: {
      storm: "一下子来得太多，已合并到汇总里提醒。",
      quiet: "处于免打扰时段，结束时汇总提醒。",
      cooldown: "未重复提醒：刚在这里提醒过此人。",
      muted: "未提醒：此人已被静音。",
      erased: "未提醒：事件已删除。",
      test: "未提醒：这是一次自检。",
    },
    private: (rule) => `${rule} 指向内网地址，未获允许。`,
  },
  withheldPoor: "盒子判定照片质量过低，不可登记。",
};
