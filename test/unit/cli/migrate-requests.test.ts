import { createServer } from "node:net";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { Requests, type Timeouts } from "../../../packages/cli/src/imports/requests.ts";
import { listen } from "../../standins/listen.ts";

const token = "gpa_1";
const few: Timeouts = { requestMs: 600_000, maxTries: 3, firstPauseMs: 1, untilMs: 600_000 };

afterEach(() => void vi.restoreAllMocks());

/** Lets the test end the time of a request, instead of a clock. */
function stopClock(): { endTime: () => void } {
  let current = new AbortController();
  vi.spyOn(AbortSignal, "timeout").mockImplementation(() => {
    current = new AbortController();
    return current.signal;
  });
  return { endTime: () => current.abort(new DOMException("late", "TimeoutError")) };
}

async function answeredBy(answer: Parameters<typeof listen>[0], timeouts = { toBegin: few, onceBegun: few }) {
  let asked = 0;
  const { url, close } = await listen((request, response) => {
    asked += 1;
    answer(request, response);
  });
  onTestFinished(close);
  const said: string[] = [];
  const requests = new Requests({ url, token, say: (line) => said.push(line), timeouts });
  return { url, said, requests, asked: () => asked };
}

const why = (asked: Promise<unknown>) => asked.then(String, (error: Error) => error.message);

it("a silent address is reported at once, and given up after a few tries", async () => {
  const { endTime } = stopClock();
  const { url, said, requests, asked } = await answeredBy(endTime);
  const silent = `cannot reach ${url}: no answer within 600 s; is it running there?`;
  expect(await why(requests.ask("POST", "/v1/imports", {}))).toBe(silent);
  expect([asked(), said]).toEqual([3, [`trying again: ${silent}`]]);
});

it("an endless body is given up", async () => {
  const { endTime } = stopClock();
  const { requests } = await answeredBy((_, response) => void response.writeHead(200).write("{", endTime));
  expect(await why(requests.ask("POST", "/v1/imports", {}))).toMatch(/no answer within 600 s/);
});

it("a request is given up after its limit, even with tries left", async () => {
  const oneTry = { ...few, maxTries: 1000, firstPauseMs: 250, untilMs: 100 };
  const { requests, asked } = await answeredBy((_, response) => void response.writeHead(503).end(), {
    toBegin: oneTry,
    onceBegun: oneTry,
  });
  expect(await why(requests.ask("POST", "/v1/imports", {}))).toMatch(/it answers 503; is it running there/);
  expect(asked()).toBe(1);
});

it("a program that is no HTTP server is asked only once", async () => {
  const ssh = createServer((socket) => void socket.on("error", () => {}).end("SSH-2.0-OpenSSH_9.2\r\n"));
  await new Promise<void>((listening) => ssh.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void ssh.close());
  const address = ssh.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const said: string[] = [];
  const requests = new Requests({ url, token, say: (line) => said.push(line) });
  expect(await why(requests.ask("POST", "/v1/imports", {}))).toMatch(
    /^cannot reach http\S+: .+; is it running there\?$/,
  );
  expect(said).toEqual([]);
});

it("a request that is given up ends the others, and each message names the remedy", async () => {
  let isGone = false;
  const { requests } = await answeredBy(
    ({ url }, response) => {
      if (!isGone) response.writeHead(200).end("{}");
      else if (url === "/gone") response.writeHead(502).end();
    },
    { toBegin: few, onceBegun: { ...few, maxTries: 1 } },
  );
  expect(await requests.ask("POST", "/v1/imports", {})).toEqual({ status: 200, content: {} });
  isGone = true;
  const [silent, gone] = await Promise.all([why(requests.ask("POST", "/silent")), why(requests.ask("POST", "/gone"))]);
  expect(gone).toMatch(/it answers 502; run the command again, it continues from there/);
  expect(silent).toBe(gone);
});
