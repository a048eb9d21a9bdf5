import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { missing } from "../../support/required.ts";
import { serverOfSuite } from "./server-of-suite.ts";

const run = promisify(execFile);
const documented = [
  ["platform-b/printed", "PassRecord", ["registered", "scene", "face"]],
  ["se3-realtime/printed", "RealTimeEvent", []],
  ["history-nested/printed", "HistoryEvent", ["registered", "scene", "face"]],
  ["history-nested/async-printed", "EventServer/api/HistoryEvent", ["scene", "face", "infrared"]],
  ["ws-v5/printed", "LiveEvent", ["scene", "face"]],
] as const;
const fileOf = (name: string) => fileURLToPath(new URL(`../../events/${name}.json`, import.meta.url));

/** As a box does it: a Python script, the parsed document, no extra headers. */
const python = `
import json, sys, requests
with open(sys.argv[2], encoding="utf-8") as file:
    answer = requests.post(sys.argv[1], json=json.load(file), timeout=30)
sys.stdout.write("%s %d" % (answer.text, answer.status_code))
`;

/** The bodies that Python's requests makes of a report sent as a form, in the usual ways of scripts. */
const forms = `
import json, sys, requests
with open(sys.argv[2], encoding="utf-8") as file:
    report = json.load(file)
way = sys.argv[3]
if way == "json.dumps":
    sent = {"data": {key: json.dumps(value) if isinstance(value, dict) else value for key, value in report.items()}}
elif way == "str":
    sent = {"files": {key: (None, str(value)) for key, value in report.items()}}
elif way == "str of all":
    sent = {"data": str(report).encode("gbk")}
else:
    sent = {"data": report}
answer = requests.post(sys.argv[1], timeout=30, **sent)
sys.stdout.write("%s %d" % (answer.text, answer.status_code))
`;

describe("the documented reports, posted", () => {
  const suite = serverOfSuite();

  const check = async (
    box: string,
    sent: (url: string) => Promise<{ stdout: string }>,
    pictures: readonly string[],
  ) => {
    const { token } = await suite.client.createKey(box);
    expect((await sent(`${suite.server.url}/${token}`)).stdout).toBe('{"message":"SUCCESS","status":0} 200');
    const [event] = await suite.client.events(`&box=${box}`);
    expect(Object.keys(event?.pictures ?? {}).sort()).toEqual([...pictures].sort());
  };

  const noCurl = missing("curl", ["--version"], "curl");
  it.skipIf(noCurl !== null).each(documented)("with curl: %s", async (name, path, pictures) => {
    const post = (url: string) =>
      run("curl", ["-s", "--data-binary", `@${fileOf(name)}`, "-w", " %{http_code}", `${url}/${path}`]);
    await check(`curl-${path.replaceAll("/", "-")}`, post, pictures);
  });

  const noRequests = missing("/usr/bin/python3", ["-c", "import requests"], "python3-requests");
  it.skipIf(noRequests !== null).each(documented)("with Python's requests: %s", async (name, path, pictures) => {
    const post = (url: string) => run("/usr/bin/python3", ["-c", python, `${url}/${path}`, fileOf(name)]);
    await check(`python-${path.replaceAll("/", "-")}`, post, pictures);
  });

  const read = { person: { id: "13028", name: "stranger", type: "employee" }, device: { ip: "192.168.1.151" } };
  it.skipIf(noRequests !== null).each([
    ["json.dumps", { ...read, score: 0.16, pictures: { face: {}, scene: {}, registered: {} }, flags: [] }],
    ["str", { ...read, quality: { registrable: true }, flags: ["tolerant-parse"] }],
    ["str of all", { ...read, pictures: { face: {} }, flags: ["tolerant-parse"] }],
    [
      "nothing, so that what is nested is lost",
      {
        person: { id: "13028", type: "unknown" },
        wantAction: "0",
        flags: ["field-unreadable:ext_data", "shape-unknown"],
      },
    ],
  ])("as a form of Python's requests that uses %s", async (way, expected) => {
    const box = `form-${way.replaceAll(/\W/g, "-")}`;
    const { token } = await suite.client.createKey(box);
    const file = fileOf("history-nested/printed");
    const { stdout } = await run("/usr/bin/python3", [
      "-c",
      forms,
      `${suite.server.url}/${token}/HistoryEvent`,
      file,
      way,
    ]);
    expect(stdout).toBe('{"message":"SUCCESS","status":0} 200');
    expect(await suite.client.events(`&box=${box}`)).toMatchObject([expected]);
  });
});
