import { expect, it } from "vitest";
import { inSequence } from "../../../packages/console/src/format/event.ts";

it("sentences have a space between them, and none in Chinese", () => {
  expect(inSequence("It is kept.", "Nothing to do.")).toBe("It is kept. Nothing to do.");
  expect(inSequence("完整保留。", "无需处理。")).toBe("完整保留。无需处理。");
  expect(inSequence("导出失败，其他不受影响。", "the disk is full")).toBe("导出失败，其他不受影响。the disk is full");
});

it("what there is none of leaves no space", () => {
  expect(inSequence("It is kept.", null)).toBe("It is kept.");
});
