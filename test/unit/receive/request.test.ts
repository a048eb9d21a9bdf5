import { describe, expect, it } from "vitest";
import { boxRequest } from "../../support/http.ts";

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });

describe("the places of a key", () => {
  it("are, in this order, the query, the Basic-auth user and the beginning of the path", () => {
    const sent = { path: "/path/HistoryEvent", query: "a=1&token=query&token=second", headers: basic("user:password") };
    expect(boxRequest(sent).candidates).toEqual(["query", "second", "user", "path"]);
  });

  it("are left out if they are empty", () => {
    expect(boxRequest({ path: "/", query: "token=&token=,", headers: basic(":password") }).candidates).toEqual([]);
  });

  it.each([
    ["user", "user"],
    ["user:", "user"],
    ["user:pass:word", "user"],
    ["user:pass\nword", "user"],
  ])("hold the user of Basic auth %j", (text, user) => {
    expect(boxRequest({ headers: basic(text) }).candidates).toEqual([user]);
  });

  it("know Basic in any case, and no other scheme", () => {
    expect(boxRequest({ headers: { authorization: "BASIC dXNlcg==" } }).candidates).toEqual(["user"]);
    expect(boxRequest({ headers: { authorization: "Bearer dXNlcg==" } }).candidates).toEqual([]);
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
