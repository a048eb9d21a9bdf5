import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      container?: string;
      steps: { id?: string; if?: string; uses?: string; run?: string; with?: Record<string, unknown> }[];
    }
  >;
}
interface Form {
  name: string;
  description: string;
  body: { type: string; id?: string; attributes: { label?: string; options?: string[] }; validations?: object }[];
}

const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

describe("a hosted runner", () => {
  const checks: Workflow = parse(read(".github/workflows/checks.yml"));
  const release: Workflow = parse(read(".github/workflows/release.yml"));

  it("runs every test on Debian, and may write nothing", () => {
    expect(stepsOf(checks).map(({ run }) => run)).toContain(".ci/run");
    expect(checks.jobs["run"]?.container).toMatch(/^node:\d+-bookworm$/);
    expect(checks.permissions).toEqual({ contents: "read" });
  });

  it("publishes the files of a tag with provenance, started by a person", () => {
    expect(Object.keys(release.on)).toEqual(["workflow_dispatch"]);
    const commands = stepsOf(release).flatMap(({ run }) => run ?? []);
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    expect(scripts).toHaveProperty("release");
    expect(commands.filter((command) => command.includes("npm run"))).toEqual([
      'npm run release -- --repository "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" --out release',
    ]);
    for (const command of commands.filter((one) => one.includes("npm publish")))
      expect(command).toContain('npm publish "$file" --provenance');
    expect(commands.filter((command) => command.startsWith("gh "))).toEqual([expect.stringContaining(" --draft ")]);
    const image = stepsOf(release).find(({ uses }) => uses?.startsWith("docker/build-push-action@"));
    expect(image?.with).toMatchObject({ provenance: "mode=max", platforms: "linux/amd64,linux/arm64" });
    expect(read(`${image?.with?.["file"]}`)).toContain("FROM");
  });

  it.each([
    ["is published only if its tag is not there", "echo ERROR: ghcr.io/x: not found >&2; exit 1", 0, ""],
    ["stays if its tag is there", "exit 0", 0, "published=true\n"],
    ["is not published if the registry does not answer", "echo dial tcp: i/o timeout >&2; exit 1", 1, ""],
  ])("an image %s", (_, docker, code, published) => {
    const folder = mkdtempSync(join(tmpdir(), "gatepost-hosted-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "docker"), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
    const output = join(folder, "output");
    const { status } = spawnSync("bash", ["-e", "-c", `${stepsOf(release).find(({ id }) => id === "image")?.run}`], {
      env: {
        PATH: `${folder}${delimiter}${process.env["PATH"]}`,
        GITHUB_REPOSITORY: "Some-Owner/Gatepost",
        TAG: "v0.1.0",
        GITHUB_OUTPUT: output,
      },
    });
    expect(status).toBe(code);
    expect(readFileSync(output, "utf8")).toBe(`tag=ghcr.io/some-owner/gatepost:v0.1.0\n${published}`);
    const push = stepsOf(release).find(({ uses }) => uses?.startsWith("docker/build-push-action@"));
    expect([push?.if, push?.with?.["tags"]]).toEqual([
      "steps.image.outputs.published != 'true'",
      expect.stringContaining(" steps.image.outputs.tag "),
    ]);
  });

  it("releases with the Node of the packages", () => {
    const { optionalDependencies } = JSON.parse(read("package.json")) as { optionalDependencies: object };
    const node = stepsOf(release).find(({ uses }) => uses?.startsWith("actions/setup-node@"))?.with?.["node-version"];
    expect(Object.values(optionalDependencies)).toContain(node);
  });

  it("keeps no credentials for what it runs", () => {
    const checkouts = [checks, release].flatMap(stepsOf).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual([false, false]);
  });
});

describe("a form for an issue", () => {
  const forms = globSync(".github/ISSUE_TEMPLATE/*.yml", { cwd: root }).map((path) => [
    path,
    parse(read(path)) as Form,
  ]);

  it.each(forms as [string, Form][])("%s has a label for each question", (_, { name, description, body }) => {
    expect([name, description]).not.toContain(undefined);
    const questions = body.filter(({ type }) => type !== "markdown");
    expect(questions.length).toBeGreaterThan(2);
    for (const { type, id, attributes } of questions) {
      expect([type, typeof id, typeof attributes.label]).toEqual([
        expect.stringMatching(/^(input|textarea|dropdown)$/),
        "string",
        "string",
      ]);
    }
  });

  it("asks for a kept report as a sample without personal data", () => {
    const { body } = parse(read(".github/ISSUE_TEMPLATE/report-not-understood.yml")) as Form;
    expect(body.find(({ id }) => id === "sample")).toMatchObject({
      attributes: { description: expect.stringContaining("gatepost quarantine share") },
      validations: { required: true },
    });
  });
});
