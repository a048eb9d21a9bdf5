import { endOfByteString } from "@gatepost/core/json";
import fc from "fast-check";
import { expect, it } from "vitest";

it("the end of a string is found after escapes, near and far", () => {
  const part = fc.constantFrom('\\"', "\\\\", '\\\\\\"', "x", "x".repeat(63), "\\u0022");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), fc.constantFrom("", '"', '" "'), (parts, rest) => {
      const content = parts.join("");
      const bytes = Buffer.from(`"${content}${rest}`);
      expect(endOfByteString(bytes, 1)).toBe(rest === "" ? -1 : 1 + content.length);
    }),
    { examples: [[["x".repeat(63), "x", '\\"'], '"']] },
  );
});
