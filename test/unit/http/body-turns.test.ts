import { BodyTurns } from "@gatepost/http";
import { describe, expect, it } from "vitest";

const kb = 1024;

/** Bodies that have come together, and what the process did in which order. */
function coming(sizes: readonly number[]) {
  const turns = new BodyTurns();
  const order: string[] = [];
  const handled = sizes.map(async (bytes, number) => {
    await turns.next(bytes);
    order.push(`${number}`);
  });
  const anothersTurn = (name: string) =>
    new Promise<void>((resolve) => setImmediate(() => resolve(void order.push(name))));
  return { turns, order, handled, anothersTurn };
}

describe("bodies that arrived together", () => {
  it("are handled at once if they are few", async () => {
    const turns = new BodyTurns();
    for (let number = 0; number < 3; number++) expect(turns.next(500 * kb)).toBe(null);
  });

  it("are handled a few in each turn, in their order, and others have turns between", async () => {
    const { order, handled, anothersTurn } = coming(Array.from({ length: 12 }, () => 500 * kb));
    for (const name of ["another", "one more", "the last"]) await anothersTurn(name);
    await Promise.all(handled);
    expect(order.filter((name) => /\d/.test(name))).toEqual(Array.from({ length: 12 }, (_, number) => `${number}`));
    // Three, as the third still finds room.
    expect(order.indexOf("another")).toBeGreaterThanOrEqual(3);
    expect(order.indexOf("another")).toBeLessThan(order.indexOf("6"));
    expect(order.indexOf("one more")).toBeLessThan(order.length - 1);
  });

  it("count at least a minimum even if they are small", async () => {
    const turns = new BodyTurns();
    const now = Array.from({ length: 100 }, () => turns.next(10)).filter((turn) => turn === null);
    expect(now).toHaveLength(64);
  });

  it("wait for only one turn behind a body larger than a turn", async () => {
    const { order, handled } = coming([64 * kb * kb, 100 * kb, 200 * kb, 64 * kb * kb, 300 * kb]);
    await Promise.resolve();
    expect(order).toEqual(["0"]);
    await Promise.all(handled);
    expect(order).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("do not wait for larger ones if small, and do not starve them", async () => {
    const { turns, order, handled, anothersTurn } = coming(Array.from({ length: 5 }, () => 3 * kb * kb));
    const small: Promise<void>[] = [];
    for (let turn = 0; turn < 3; turn++) {
      for (let number = 0; number < 100; number++)
        small.push(Promise.resolve(turns.next(2 * kb)).then(() => void order.push("small")));
      await anothersTurn(`turn ${turn}`);
    }
    await Promise.all([...handled, ...small]);
    const firstTurn = order.slice(0, order.indexOf("turn 0"));
    expect(firstTurn.filter((name) => name === "small").length).toBeGreaterThanOrEqual(64);
    expect(order.indexOf("4")).toBeLessThan(order.lastIndexOf("small"));
  });

  it("find room again in the next turn", async () => {
    const turns = new BodyTurns();
    for (let round = 0; round < 3; round++) {
      expect(turns.next(64 * kb * kb)).toBe(null);
      await new Promise(setImmediate);
    }
  });
});
