import type { RequestListener } from "node:http";
import { boxRequestHead } from "@gatepost/http";
import type { RequestHead } from "@gatepost/receive";
import { expect, it } from "vitest";
import { dial, headOf } from "../../support/dial.ts";
import { listening } from "./support.ts";

/** The head that is read from a raw request. */
async function readFrom(text: string): Promise<RequestHead> {
  const read = Promise.withResolvers<RequestHead>();
  const answer: RequestListener = (asked, response) => {
    read.resolve(boxRequestHead(asked));
    response.end();
  };
  const { port } = await listening(answer);
  await dial(port, text);
  return await read.promise;
}

it("knows the method, the address and the decoded path", async () => {
  expect(await readFrom(headOf("POST", "/gpi_1/%E5%8C%97%20gate"))).toMatchObject({
    method: "POST",
    segments: ["gpi_1", "北 gate"],
    address: "127.0.0.1",
  });
});

it("keeps the query unchanged, even with a question mark in it", async () => {
  expect((await readFrom(headOf("POST", "/path?token=a%2Cb?c&token=d"))).candidates).toEqual(["a,b?c", "d", "path"]);
});

it("decodes the members of a query after it is split", async () => {
  expect((await readFrom(headOf("POST", "/?token=a%26token=b"))).candidates).toEqual(["a&token=b"]);
});

it("keeps a path unchanged if it is no valid percent-encoding", async () => {
  expect((await readFrom(headOf("GET", "/%E0%A4%A/%%%"))).segments).toEqual(["%E0%A4%A", "%%%"]);
});

it("joins the headers of one name under their lower-case name", async () => {
  const { headers } = await readFrom(headOf("GET", "/", "Content-Encoding: gzip", "content-encoding: br"));
  expect(headers).toEqual({ "content-encoding": "gzip,br" });
});

it("joins those too that should be there only once", async () => {
  const { headers } = await readFrom(headOf("GET", "/", "User-Agent: Java/1.8", "User-Agent: other"));
  expect(headers).toEqual({ "user-agent": "Java/1.8,other" });
});

it("finds the key in Basic auth, and no user of a proxy", async () => {
  const candidates = async (basic: string) =>
    (await readFrom(headOf("POST", "/a", `Authorization: Basic ${basic}`))).candidates;
  expect(await candidates("Z3BpX3VzZXI6")).toEqual(["gpi_user", "a"]);
  expect(await candidates("dXNlcjo=")).toEqual(["a"]);
});

it.each([
  ["http://gatepost.example/key/HistoryEvent?token=a", ["a", "key"]],
  ["HTTPS://10.0.0.1:9528/key/HistoryEvent", ["key"]],
  ["http://gatepost.example?token=a", ["a"]],
  ["http://gatepost.example", []],
])("reads the target %s like its path", async (target, candidates) => {
  expect((await readFrom(headOf("POST", target))).candidates).toEqual(candidates);
});
