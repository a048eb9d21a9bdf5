import { boxRequest } from "@gatepost/ingest";
import { describe, expect, it } from "vitest";
import { httpEvent, type Sent } from "../../support/http.ts";

const read = (sent: Sent) => boxRequest(httpEvent(sent));
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });

describe("the places of a key", () => {
  it("are the query, the user of Basic auth and the first part of the path, in this order", () => {
    const sent = { path: "/path/HistoryEvent", query: "a=1&token=query&token=second", headers: basic("user:password") };
    expect(read(sent).candidates).toEqual(["query", "second", "user", "path"]);
  });

  it("are left out where they are empty", () => {
    expect(read({ path: "/", query: "token=&token=,", headers: basic(":password") }).candidates).toEqual([]);
  });

  it.each([
    ["user", "user"],
    ["user:", "user"],
    ["user:pass:word", "user"],
    ["user:pass\nword", "user"],
  ])("hold the user of Basic auth %j", (text, user) => {
    expect(read({ headers: basic(text) }).candidates).toEqual([user]);
  });

  it("know Basic in any case, and no other scheme", () => {
    expect(read({ headers: { authorization: "BASIC dXNlcg==" } }).candidates).toEqual(["user"]);
    expect(read({ headers: { authorization: "Bearer dXNlcg==" } }).candidates).toEqual([]);
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
    expect(read({ path }).segments).toEqual(segments);
  });

  it("loses a trailing comma of a token in the query too", () => {
    expect(read({ query: "token=key," }).candidates).toEqual(["key"]);
  });
});

describe("the body of a request", () => {
  it("is read byte for byte from base64", () => {
    const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
    expect(read({ body: bytes }).body.bytes).toEqual(bytes);
  });

  it("is read from text as UTF-8", () => {
    const event = { ...httpEvent({}), body: '"小明"', isBase64Encoded: false };
    expect(boxRequest(event).body.text).toBe('"小明"');
    expect(boxRequest(event).body.bytes).toEqual(Buffer.from('"小明"'));
  });

  it("is empty where there is none", () => {
    expect(read({}).body.bytes).toHaveLength(0);
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
  expect(read({ headers }).headers).toEqual({
    "content-type": "text/json",
    "content-encoding": "gzip",
    "content-length": "12",
    "user-agent": "python-requests/2.31",
  });
});

it("knows its method and the address it came from", () => {
  expect(read({ method: "PUT", address: "203.0.113.9" })).toMatchObject({ method: "PUT", address: "203.0.113.9" });
});
