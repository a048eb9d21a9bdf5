import { newToken } from "@gatepost/core/keys";
import { Body, receiver } from "@gatepost/receive";
import { describe, expect, it } from "vitest";
import { deliver } from "./ends.ts";
import { boxRequest, success } from "./http.ts";
import { MemoryPorts } from "./memory-ports.ts";
import { history } from "./reports.ts";

const passing = JSON.stringify(history()).slice(1, -1);
const form = { "content-type": "application/x-www-form-urlencoded" };

/**
 * The tests of so many bytes of one sort. No expression may run over many: its stack is too short, or it takes the
 * square of the time.
 */
export function describeLongWords(length: number): void {
  const many = (unit: string) => unit.repeat(length / unit.length);
  describe(`${length} bytes of one sort`, () => {
    it.each([
      ["letters", many("a"), {}, "not-json"],
      ["letters of Python", `{'a': ${many("b")}}`, {}, "not-json"],
      ["digits of Python", `{'a': ${many("1")}}`, {}, "not-json"],
      ["digits", `{${passing},"k":${many("1")}}`, {}, "not-json"],
      ["digits behind a minus", `{${passing},"k":-${many("1")}}`, {}, "not-json"],
      ["blanks before nothing", many(" "), {}, "not-json"],
      ["blanks before a text in a text", `{${passing},"info":"${many(" ")}{"}`, {}, "cut"],
      ["lines", many("\n"), {}, "not-json"],
      ["letters for a number", `{${passing},"score":"${many("1")}x"}`, {}, "cut"],
      ["blanks around a number", `{"identity_id":"1","ext_data":{},"score":"${many(" ")}1"}`, {}, "cut"],
      ["blanks before a picture", `{${passing},"reg_pic":"${many(" ")}data:image/jpeg;base64,/9j/"}`, {}, "picture"],
      ["blanks within a picture", `{${passing},"reg_pic":"/9j/${many("A ")}"}`, {}, "picture"],
      ["pluses within a picture", `p=/9j/${many("A+")}&b=1`, form, "unknown-shape"],
      ["percent signs", `p=${many("%25")}&b=1`, form, "unknown-shape"],
      ["letters for the name of a field", `${many("a")}=1&b=1`, form, "not-json"],
      ["brackets for the name of a field", `a${many("[")}=1&b=1`, form, "not-json"],
      ["dots for the name of a second field", `b=1&a${many(".")}=1`, form, "unknown-shape"],
      ["headers of a part", `--x\r\nname="${many("a")}"\r\n\r\n1\r\n--x--`, {}, "empty-form"],
      ["semicolons of a part", `--x\r\n${many(";")}\r\n\r\n1\r\n--x--`, {}, "empty-form"],
      ["a comment", `{'a': 1} /*${many("*")}`, {}, "not-json"],
      ["backslashes of Python", `{${passing},'k':'${many("\\\\")}'}`, {}, "cut"],
      ["underscores", many("_"), {}, "not-json"],
    ])("have a clear outcome if they are %s", async (_, body, headers, reason) => {
      const { answer, deps } = await deliver(body, { headers });
      expect(answer).toEqual(success);
      expect(deps.reasons()).toEqual([reason]);
    });

    it.each([
      ["bytes", (text: string) => new Body(Buffer.from(text))],
      ["text", (text: string) => new Body(text)],
    ])("behind the box's own key are acknowledged as %s, and the key is nowhere", async (_, bodyOf) => {
      const deps = new MemoryPorts();
      const token = deps.addKey();
      const request = boxRequest({ path: `/${token}` });
      for (const words of [many("x"), ` ${many(newToken("read").slice(0, 20))}`]) {
        expect(await receiver(deps)({ ...request, body: bodyOf(`${token}${words}`) })).toEqual(success);
      }
      expect(deps.reasons()).toEqual(["not-json", "not-json"]);
      for (const { body } of deps.records.values()) expect(Buffer.from(body).includes(token)).toBe(false);
    });
  });
}
