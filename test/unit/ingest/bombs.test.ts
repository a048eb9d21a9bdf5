import { expect, it, onTestFinished, vi } from "vitest";
import { bombs } from "../../support/bombs.ts";
import { deliver } from "../../support/ends.ts";
import { success } from "../../support/http.ts";

it.each(bombs)(
  "a body of millions of values as $name is kept whole, and not parsed",
  async ({ body, headers, reason }) => {
    const parse = vi.spyOn(JSON, "parse");
    onTestFinished(() => parse.mockRestore());
    const { answer, deps } = await deliver(body, { headers });
    expect(parse).not.toHaveBeenCalled();
    expect(answer).toEqual(success);
    expect(deps.reasons()).toEqual([reason]);
    const [record] = [...deps.records.values()];
    expect(Buffer.from(body).equals(record?.body ?? Buffer.alloc(0))).toBe(true);
    expect(deps.lines).toHaveLength(1);
  },
);
