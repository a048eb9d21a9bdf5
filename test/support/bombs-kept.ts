import { expect, it, onTestFinished, vi } from "vitest";
import type { bombsOf } from "./bombs.ts";
import { deliver } from "./ends.ts";
import { success } from "./http.ts";

/** The tests of bodies of millions of values. */
export function describeBombs(bombs: ReturnType<typeof bombsOf>): void {
  it.each(bombs)(
    "a body of millions of values as $name is kept whole, and not parsed",
    async ({ body, headers, reason }) => {
      const parse = vi.spyOn(JSON, "parse");
      onTestFinished(() => parse.mockRestore());
      const { answer, deps } = await deliver(body, { headers });
      const parsed = parse.mock.calls.filter(([text]) => !text.startsWith('{"tokenHash"'));
      expect(parsed, "what is parsed besides the key of the box").toEqual([]);
      expect(answer).toEqual(success);
      expect(deps.reasons()).toEqual([reason]);
      const [record] = [...deps.records.values()];
      expect(Buffer.from(body).equals(record?.body ?? Buffer.alloc(0))).toBe(true);
      expect(deps.lines).toHaveLength(1);
    },
  );
}
