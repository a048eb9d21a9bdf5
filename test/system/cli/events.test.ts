import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { widthOf } from "../../../packages/cli/src/output.ts";
import { bin } from "../../support/command.ts";
import {
  dataFolder,
  type Ended,
  emptyStore,
  ending,
  gatepost,
  gatepostJson,
  launch,
  serve,
  startLines,
} from "./support.ts";

interface Listed {
  events: { id: string; person: { id: string } }[];
  next: string | null;
}

async function filled() {
  const data = await dataFolder();
  const server = await serve(data, { open: true });
  const deliver = async (id: string, at = Date.now()) => {
    const body = {
      identity_id: id,
      timestamp: at,
      want_action: "0",
      ext_data: { ep_id: "A__1", name: "Jonas Keller" },
    };
    const sent = await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: JSON.stringify(body) });
    expect(sent.status).toBe(200);
  };
  for (const id of ["77", "78", "79"]) await deliver(id);
  return { data, server, deliver };
}

const idsOf = ({ events }: Listed) => events.map(({ person }) => person.id);

describe("events list", () => {
  it("events are listed as a table or JSON, by page, also without a server", async () => {
    const { data, server } = await filled();
    const first = await gatepostJson<Listed>("events", "list", "--data", data, "--limit", "2");
    const rest = await gatepostJson<Listed>("events", "list", "--data", data, "--cursor", first.next ?? "");
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(["79", "78", "77"]);
    await server.stop();
    const { stdout } = await gatepost("events", "list", "--data", data, "--person", "77", "--person", "78");
    expect(stdout).toMatch(
      /^TIME +BOX +DEVICE +TYPE +PERSON +NAME +ACTIONS +FLAGS +ID\n(?:\S+Z +open .*evt_\w{26}\n){2}$/,
    );
  });

  it.each([60, 80, 100, 160])("fits a terminal of %i columns, and --wide has all", async (columns) => {
    const { data, server } = await filled();
    const body = {
      identity_id: "80",
      identity_name: "门".repeat(60),
      timestamp: Date.now(),
      ext_data: { ep_id: "A__1" },
    };
    await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: JSON.stringify(body) });
    await server.stop();
    const whole = (await gatepost("events", "list", "--data", data)).stdout;
    expect(whole).toContain("门".repeat(60));
    Object.defineProperty(process.stdout, "columns", { value: columns, configurable: true });
    onTestFinished(() => void Reflect.deleteProperty(process.stdout, "columns"));
    const fits = (await gatepost("events", "list", "--data", data)).stdout.trimEnd().split("\n");
    expect(fits).toHaveLength(5);
    expect(fits.filter((line) => widthOf(line) > columns)).toEqual([]);
    for (const line of fits.slice(1)) expect(line).toMatch(/ evt_\w{26}$/);
    expect((await gatepost("events", "list", "--wide", "--data", data)).stdout).toBe(whole);
  });

  it("names the options that the API refuses", async () => {
    const { code, stderr } = await gatepost("events", "list", "--data", await emptyStore(), "--type", "guest");
    expect(code).toBe(2);
    expect(stderr).toMatch(/gatepost: --type: must be one of employee, [^\n]+\n$/);
  });
});

describe("events show", () => {
  it("prints the facts of one event, or its JSON", async () => {
    const { data } = await filled();
    const [event] = (await gatepostJson<Listed>("events", "list", "--data", data, "--person", "77")).events;
    const id = event?.id ?? "";
    expect(await gatepostJson("events", "show", id, "--data", data)).toEqual(event);
    const { stdout } = await gatepost("events", "show", id, "--data", data);
    expect(stdout).toMatch(new RegExp(`^event +${id}\\ntime +\\S+Z\\n`));
    expect(stdout).toMatch(/\nperson +employee, 77\b.*\n/);
    expect(await gatepost("events", "show", "evt_none", "--data", data)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("there is no such event"),
    });
  });
});

describe("events tail", () => {
  it("prints the latest events, then each new one that matches once, until it is interrupted", async () => {
    const { data, deliver } = await filled();
    const child = launch([bin, "events", "tail", "--data", data, "--json", "-n", "1", "--q", "7"]);
    const ended: Promise<Ended> = ending(child);
    onTestFinished(() => void child.kill("SIGKILL"));
    const printed = lines(child);
    await printed.until(1);
    await deliver("80");
    await deliver("70");
    await deliver("71");
    await printed.until(3);
    child.kill("SIGINT");
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    const shown = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).person.id);
    expect(shown).toEqual(["79", "70", "71"]);
  });

  it("asks for a server if none runs on the folder", async () => {
    const { code, stderr } = await gatepost("events", "tail", "--data", await emptyStore());
    expect([code, stderr]).toEqual([1, expect.stringContaining("no server runs on this data folder")]);
  });
});

describe("start", () => {
  it("is another name of serve", async () => {
    const child = launch([bin, "start", "--data", await dataFolder(), "--port", "0"]);
    const ended = ending(child);
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await ended;
    });
    expect((await startLines(child, ended)).at(-1)).toMatch(/^listening on http:/);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
  });
});

/** Resolves once so many lines have been written. */
function lines(child: ReturnType<typeof launch>) {
  let text = "";
  child.stdout?.on("data", (chunk) => (text += chunk));
  return {
    async until(count: number) {
      while (child.stdout !== null && text.split("\n").length <= count) await once(child.stdout, "data");
    },
  };
}
