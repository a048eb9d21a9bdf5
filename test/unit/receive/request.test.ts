import { hasNoKeyInHeaders } from "@gatepost/receive";
import { describe, expect, it } from "vitest";
import { boxRequest } from "../../support/http.ts";

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });

describe("the places of a key", () => {
  it("are, in this order, the query, the Basic-auth user and the beginning of the path", () => {
    const sent = {
      path: "/path/HistoryEvent",
      query: "a=1&token=query&token=second",
      headers: basic("gpi_user:password"),
    };
    expect(boxRequest(sent).candidates).toEqual(["query", "second", "gpi_user", "path"]);
  });

  it("are left out if they are empty", () => {
    expect(boxRequest({ path: "/", query: "token=&token=,", headers: basic(":password") }).candidates).toEqual([]);
  });

  it.each([
    ["gpi_user", "gpi_user"],
    ["gpr_user:", "gpr_user"],
    ["gpo_user:pass:word", "gpo_user"],
    ["gpa_user:pass\nword", "gpa_user"],
  ])("hold the user of Basic auth %j", (text, user) => {
    expect(boxRequest({ headers: basic(text) }).candidates).toEqual([user]);
  });

  it.each(["alice:secret", "gpi:gpi_x", "xgpi_x"])("hold no user of a proxy: %j", (text) => {
    expect(boxRequest({ path: "/", headers: basic(text) }).candidates).toEqual([]);
  });

  it("know Basic in any case, and no other scheme", () => {
    const { authorization } = basic("gpi_user");
    expect(boxRequest({ headers: { authorization: authorization.replace("Basic", "BASIC") } }).candidates).toEqual([
      "gpi_user",
    ]);
    expect(boxRequest({ headers: { authorization: authorization.replace("Basic", "Bearer") } }).candidates).toEqual([]);
  });
});

describe("headers without a key", () => {
  it.each([
    [undefined, true],
    [basic("alice:secret").authorization, true],
    [basic("gpi_user").authorization, false],
    ["Bearer gpa_x", false],
  ])("%j: %j", (authorization, hasNone) => {
    expect(hasNoKeyInHeaders({ authorization })).toBe(hasNone);
  });
});

describe("the path of a request", () => {
  it.each([
    ["/key/HistoryEvent", ["key", "HistoryEvent"]],
    ["//key///HistoryEvent//", ["key", "HistoryEvent"]],
    ["/key/HistoryEvent,", ["key", "HistoryEvent"]],
    ["/key,,/HistoryEvent,/", ["key", "HistoryEvent"]],
    ["/key/a,b", ["key", "a,b"]],
    ["/", []],
    [",", []],
  ])("%j has the parts %j", (path, segments) => {
    expect(boxRequest({ path }).segments).toEqual(segments);
  });

  it("loses a trailing comma of a token in the query too", () => {
    expect(boxRequest({ query: "token=key," }).candidates).toEqual(["key"]);
  });
});

it("keeps the headers that help to read a body, and no other", () => {
  const headers = {
    "content-type": "text/json",
    "content-encoding": "gzip",
    "content-length": "12",
    "user-agent": "python-requests/2.31",
    authorization: "Basic dXNlcg==",
    cookie: "a=b",
    "x-forwarded-for": "203.0.113.9",
  };
  expect(boxRequest({ headers }).headers).toEqual({
    "content-type": "text/json",
    "content-encoding": "gzip",
    "content-length": "12",
    "user-agent": "python-requests/2.31",
  });
});

it("contains its method and the sender's address", () => {
  expect(boxRequest({ method: "PUT", address: "203.0.113.9" })).toMatchObject({
    method: "PUT",
    address: "203.0.113.9",
  });
});
