import { describe, expect, it } from "vitest";
import { deliver } from "../../support/ends.ts";
import { success } from "../../support/http.ts";
import { history } from "../../support/reports.ts";
import { isLong } from "../../support/seeded.ts";

/** Values in a body, and its bytes: in the long version as many as API Gateway lets through. */
const many = isLong ? 1_000_000 : 60_000;
const bytes = 6 * many;
/** Fields of a form. */
const fields = isLong ? 100_000 : 25_000;
const passing = JSON.stringify(history()).slice(1, -1);
const keys = Array.from({ length: many }, (_, number) => `"k${number}":0`).join();
const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("a hostile body", () => {
  it.each([
    [`of ${many} keys`, `{${keys}}`, "too-many-values"],
    [`of ${many} keys beside a passing`, `{${passing},${keys}}`, "too-many-values"],
    ["of 60,000 keys that are one", `{${passing},${'"k":0,'.repeat(60_000)}"k":1}`, null],
    ["of a million keys that are one", `{${passing},${'"k":0,'.repeat(1_000_000)}"k":1}`, "too-many-values"],
    [`of ${many} elements`, `{${passing},"k":[${"0,".repeat(many)}0]}`, "too-many-values"],
    ["of 100,000 levels", nested(100_000), "nested-too-deep"],
    ["of 100,000 levels of objects", objects(100_000), "nested-too-deep"],
    ["of 100,000 levels within a passing", `{${passing},"k":${nested(100_000)}}`, "nested-too-deep"],
    ["of levels that end nowhere", "[".repeat(bytes), "nested-too-deep"],
    [`of a ${bytes}-byte number`, "1".repeat(bytes), "not-json"],
    [
      `of a ${bytes}-byte number for a time`,
      `{"identity_id":"1","ext_data":{},"timestamp":${"1".repeat(bytes)}}`,
      "not-json",
    ],
    [
      `of a ${bytes}-byte number for an id`,
      `{"identity_id":${"1".repeat(bytes)},"ext_data":{},"timestamp":1}`,
      "not-json",
    ],
    [
      `of a ${bytes}-byte text of digits for a score`,
      `{"identity_id":"1","ext_data":{},"score":"${"1".repeat(bytes)}x"}`,
      "cut",
    ],
    [`of a ${bytes}-byte string of escapes`, `{${passing},"k":"${"\\u0001".repeat(many)}"}`, "cut"],
    [`of a ${bytes}-byte string of quotes`, `{${passing},"k":"${'\\"'.repeat(bytes / 2)}"}`, "cut"],
    [`of a ${bytes}-byte string of backslashes`, `{${passing},"k":"${"\\\\".repeat(bytes / 2)}"}`, "cut"],
    [
      `of a ${bytes}-byte string of escapes for a picture`,
      `{${passing},"reg_pic":"${"\\u0001".repeat(many)}"}`,
      "picture",
    ],
    [`of a ${bytes}-byte string of blanks for a picture`, `{${passing},"reg_pic":"${" ".repeat(bytes)}"}`, null],
    [`of ${bytes} bytes: quotes`, '"'.repeat(bytes), "not-json"],
    [`of ${bytes} bytes: backslashes`, "\\".repeat(bytes), "not-json"],
    [`of ${bytes} bytes: blanks`, " ".repeat(bytes), "not-json"],
    [`of ${bytes} bytes: zeros`, "\0".repeat(bytes), "not-json"],
    [`of ${bytes} bytes: slashes`, "/".repeat(bytes), "not-json"],
    [`of ${bytes} bytes: comments that do not end`, "/*".repeat(bytes / 2), "not-json"],
    [`of ${bytes} bytes: single quotes`, "'".repeat(bytes), "not-json"],
    [`of ${bytes} bytes: words`, "a ".repeat(bytes / 2), "not-json"],
    ["of more commas than are read", `[${",".repeat(1_100_000)}]`, "too-many-values"],
    ["of 600,000 commas", `[${",".repeat(600_000)}]`, "empty-list"],
    [`of ${bytes} bytes: Python's escapes`, `{${passing},'k':'${"\\x01".repeat(bytes / 4)}'}`, "cut"],
    [`of ${bytes} bytes: fields`, "a=&".repeat(bytes / 3), "not-json"],
    [`of ${bytes} bytes: percent signs`, `a=${"%".repeat(bytes)}xyz`, "unknown-shape"],
    [`of ${bytes} bytes: brackets in a name`, `${"a[".repeat(50)}=1&${"[".repeat(bytes)}=2`, "unknown-shape"],
    [
      `of ${bytes} bytes: parts`,
      `--x${'\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--x'.repeat(fields)}--`,
      "too-many-fields",
    ],
    [`of ${bytes} bytes: boundaries`, "--x\n".repeat(bytes / 4), "too-many-fields"],
    [`of ${bytes} bytes: dashes`, "-".repeat(bytes), "not-json"],
    [`of ${bytes} bytes: lines`, "{}\n".repeat(bytes / 3), "too-many-reports"],
    ["of the names that every object has", `{"__proto__":{${passing}},"constructor":{${passing}}}`, "unknown-shape"],
  ])("%s has a clear outcome", async (_, body, reason) => {
    const { answer, deps } = await deliver(body);
    expect(answer).toEqual(success);
    expect(deps.reasons()).toEqual(reason === null ? [] : [reason]);
    const isEvent = reason === null || reason === "cut" || reason === "picture";
    expect(deps.events()).toHaveLength(isEvent ? 1 : 0);
  });

  it("is the passing beside it if it has the names of every object", async () => {
    const { deps } = await deliver(`{${passing},"__proto__":{"identity_id":"x"},"constructor":{"prototype":1}}`);
    expect(deps.events()).toMatchObject([{ person: { id: "888001" } }]);
    expect(JSON.stringify(deps.events()[0]?.extra)).toBe(
      '{"__proto__":{"identity_id":"x"},"constructor":{"prototype":1}}',
    );
  });
});
