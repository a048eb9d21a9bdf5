import { expect, it } from "vitest";
import { look, post } from "../../../packages/bridge/src/cloud/post.ts";
import { listen } from "../../standins/listen.ts";
import { atEnd } from "../../unit/simulator/support.ts";

const { signal } = new AbortController();
const limit = 64 * 1024;

it("keeps only the beginning of a long answer", async () => {
  const talkative = await listen((_, response) => response.end("x".repeat(10 * limit)));
  atEnd(talkative.close);
  const url = new URL(talkative.url);
  const answers = [await look(url, signal), await post(url, { headers: {}, body: new Uint8Array(), signal })];
  expect(answers.map(({ status, text }) => [status, text.length])).toEqual([
    [200, limit],
    [200, limit],
  ]);
});

it("an unexpected change of protocol is an error at once", async () => {
  const head = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
  const changing = await listen(({ socket }) => void socket.write(head));
  atEnd(changing.close);
  await expect(look(new URL(changing.url), signal)).rejects.toThrow("unexpected status 101");
});
