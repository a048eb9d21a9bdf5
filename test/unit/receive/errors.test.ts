import { GatepostError, visible } from "@gatepost/core/errors";
import { describe, expect, it } from "vitest";

describe("an error for a sender", () => {
  it.each([
    ["bad-request", 400],
    ["unauthorized", 401],
    ["forbidden", 403],
    ["not-found", 404],
    ["wrong-method", 405],
    ["timeout", 408],
    ["conflict", 409],
    ["too-large", 413],
    ["too-many", 429],
    ["unavailable", 503],
  ] as const)("maps the kind %s to the status %i", (kind, status) => {
    expect(new GatepostError(kind, "no").status).toBe(status);
  });

  it("is shown as it is", () => {
    const error = new GatepostError("too-large", "over 64 MB");
    expect(visible(error)).toBe(error);
  });

  it("tells the box to try again after any unknown failure", () => {
    const cause = new Error("disk full at /var/data");
    const error = visible(cause);
    expect(error).toMatchObject({ name: "GatepostError", status: 503, retryAfter: 5, cause });
    expect(error.message).toBe("nothing could be stored, send it again");
  });
});
