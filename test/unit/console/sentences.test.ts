import { expect, it } from "vitest";
import { inSequence, inShort } from "../../../packages/console/src/format/event.ts";

it("sentences have a space between them, and none in Chinese", () => {
  expect(inSequence("It is kept.", "Nothing to do.")).toBe("It is kept. Nothing to do.");
  expect(inSequence("完整保留。", "无需处理。")).toBe("完整保留。无需处理。");
  expect(inSequence("导出失败，其他不受影响。", "the disk is full")).toBe("导出失败，其他不受影响。the disk is full");
});

it("what there is none of leaves no space", () => {
  expect(inSequence("It is kept.", null)).toBe("It is kept.");
});

it("joins sentences in one line without their full stops", () => {
  expect(inShort("The library is full.", "1 try", null)).toBe("The library is full · 1 try");
  expect(inShort("底库已满。", "已试 1 次")).toBe("底库已满 · 已试 1 次");
});
