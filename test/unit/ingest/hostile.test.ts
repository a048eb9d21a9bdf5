import { describe, expect, it } from "vitest";
import { deliver } from "../../support/ends.ts";
import { success } from "../../support/http.ts";
import { history } from "../../support/reports.ts";

const million = 1_000_000;
const six = 6 * million;
const passing = JSON.stringify(history()).slice(1, -1);
const keys = Array.from({ length: million }, (_, number) => `"k${number}":0`).join();
const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("a hostile body", () => {
  it.each([
    ["of a million keys", `{${keys}}`, "too-many-values"],
    ["of a million keys beside a passing", `{${passing},${keys}}`, "too-many-values"],
    ["of a million keys that are one", `{${passing},${'"k":0,'.repeat(million)}"k":1}`, null],
    ["of a million elements", `{${passing},"k":[${"0,".repeat(million)}0]}`, "too-many-values"],
    ["of 100,000 levels", nested(100_000), "nested-too-deep"],
    ["of 100,000 levels of objects", objects(100_000), "nested-too-deep"],
    ["of 100,000 levels within a passing", `{${passing},"k":${nested(100_000)}}`, "nested-too-deep"],
    ["of levels that end nowhere", "[".repeat(six), "nested-too-deep"],
    ["of a 6 MB number", "1".repeat(six), "not-an-object"],
    ["of a 6 MB number for a time", `{"identity_id":"1","ext_data":{},"timestamp":${"1".repeat(six)}}`, "cut"],
    ["of a 6 MB number for an id", `{"identity_id":${"1".repeat(six)},"ext_data":{},"timestamp":1}`, "cut"],
    ["of a 6 MB text of digits for a score", `{"identity_id":"1","ext_data":{},"score":"${"1".repeat(six)}x"}`, "cut"],
    ["of a 6 MB string of escapes", `{${passing},"k":"${"\\u0001".repeat(million)}"}`, "cut"],
    ["of a 6 MB string of quotes", `{${passing},"k":"${'\\"'.repeat(six / 2)}"}`, "cut"],
    ["of a 6 MB string of backslashes", `{${passing},"k":"${"\\\\".repeat(six / 2)}"}`, "cut"],
    ["of a 6 MB string of escapes for a picture", `{${passing},"reg_pic":"${"\\u0001".repeat(million)}"}`, "picture"],
    ["of a 6 MB string of blanks for a picture", `{${passing},"reg_pic":"${" ".repeat(six)}"}`, "picture"],
    ["of 6 MB of quotes", '"'.repeat(six), "not-json"],
    ["of 6 MB of backslashes", "\\".repeat(six), "not-json"],
    ["of 6 MB of blanks", " ".repeat(six), "not-json"],
    ["of 6 MB of zeros", "\0".repeat(six), "not-json"],
    ["of 6 MB of slashes", "/".repeat(six), "not-json"],
    ["of 6 MB of comments that do not end", "/*".repeat(six / 2), "not-json"],
    ["of 6 MB of single quotes", "'".repeat(six), "not-json"],
    ["of 6 MB of words", "a ".repeat(six / 2), "not-json"],
    ["of 6 MB of commas", `[${",".repeat(six)}]`, "not-json"],
    ["of 6 MB of Python's escapes", `{${passing},'k':'${"\\x01".repeat(six / 4)}'}`, "cut"],
    ["of 6 MB of fields", "a=&".repeat(six / 3), "not-json"],
    ["of 6 MB of percent signs", `a=${"%".repeat(six)}xyz`, "unknown-shape"],
    ["of 6 MB of brackets in a name", `${"a[".repeat(50)}=1&${"[".repeat(six)}=2`, "unknown-shape"],
    [
      "of 6 MB of parts",
      `--x${'\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--x'.repeat(100_000)}--`,
      "too-many-fields",
    ],
    ["of 6 MB of boundaries", "--x\n".repeat(six / 4), "too-many-fields"],
    ["of 6 MB of dashes", "-".repeat(six), "not-json"],
    ["of 6 MB of lines", "{}\n".repeat(six / 3), "too-many-reports"],
    ["of the names that every object has", `{"__proto__":{${passing}},"constructor":{${passing}}}`, "unknown-shape"],
  ])("%s has a clear outcome", async (_, body, reason) => {
    const { answer, deps } = await deliver(body);
    expect(answer).toEqual(success);
    expect(deps.reasons()).toEqual(reason === null ? [] : [reason]);
    const isEvent = reason === null || reason === "cut" || reason === "picture";
    expect(deps.events()).toHaveLength(isEvent ? 1 : 0);
  });

  it("with the names that every object has, beside a passing, is that passing", async () => {
    const { deps } = await deliver(`{${passing},"__proto__":{"identity_id":"x"},"constructor":{"prototype":1}}`);
    expect(deps.events()).toMatchObject([{ person: { id: "888001" } }]);
    expect(JSON.stringify(deps.events()[0]?.extra)).toBe(
      '{"__proto__":{"identity_id":"x"},"constructor":{"prototype":1}}',
    );
  });
});
