import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { loadAroundConfig } from "./bundle-config.ts";
import { startCliServer } from "./cli-server.ts";
import { type Graph, repository } from "./graph.ts";
import { installedProviders, platform, preparePlatform } from "./platform.ts";
import { answered, made, region } from "./provider.ts";
import { plain, pulumi, type Transformed } from "./pulumi.ts";

interface Synthesis {
  /** The folder of sst.config.ts. */
  root: string;
  stage: string;
  /** The folder for the code of the functions. */
  work: string;
  /** Whether that is the code of their handlers alone, without what they import. */
  shallow: boolean;
}

type Options = Pick<Graph["resources"][number], "parent" | "retainOnDelete" | "customTimeouts">;

/** An error between the components, which is reported nowhere else. */
export class SynthFailed extends Error {}

/**
 * Runs the real sst.config.ts through SST's real components. A recorder of their requests replaces Pulumi's engine, and
 * a server that bundles the handlers replaces the CLI's server. Only once in a process.
 *
 * @returns the graph, and the files that it depends on, relative to the repository
 */
export async function synthesise({
  root,
  stage,
  work,
  shallow,
}: Synthesis): Promise<{ graph: Graph; sources: string[] }> {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const app = await readApp(root, stage);
  await preparePlatform(Object.keys(Object(app["providers"])));
  const graph: Graph = { stage, app, outputs: {}, resources: [], builds: [] };
  process.env["SST_SERVER"] = await startCliServer({ root, work, shallow }, graph.builds);
  process.env["SST_AWS_REGION"] = region;
  const options = await record(graph);
  const { run, sources } = await loadRun(root, work, app);
  const failures: unknown[] = [];
  for (const event of ["unhandledRejection", "uncaughtException"]) process.on(event, (error) => failures.push(error));
  const finished = settled();
  pulumi()
    .runtime.runInPulumiStack(async () => {
      options.collect();
      graph.outputs = await run();
      return graph.outputs;
    })
    .catch((error: unknown) => failures.push(error));
  await finished;
  if (failures.length > 0) throw new SynthFailed([...new Set(failures.map(String))].join("\n"));
  for (const resource of graph.resources) Object.assign(resource, options.of(resource));
  graph.outputs = await resolved(graph.outputs);
  return { graph, sources: [...sources, ...graph.builds.flatMap((built) => built.sources), ...uploaded(graph)] };
}

/** The files that a site uploads as they are, relative to the repository. */
function uploaded({ resources }: Graph): string[] {
  const files = resources.flatMap(({ inputs }) => (Array.isArray(inputs["files"]) ? inputs["files"] : []));
  return files.flatMap(({ source }) => (typeof source === "string" ? [relative(repository, source)] : []));
}

/** What sst.config.ts says of the app, which the CLI asks for before all else. */
async function readApp(root: string, stage: string): Promise<Graph["app"]> {
  // The CLI is called in the folder of sst.config.ts.
  process.chdir(root);
  const { loaded } = await loadAroundConfig({
    root,
    code: 'import config from "./sst.config.ts"; export default await config.app({ stage: $stage });',
    define: { $stage: JSON.stringify(stage) },
    globals: null,
    inject: [],
  });
  return { removal: "retain", protect: false, ...(loaded as { default: object }).default, stage };
}

async function loadRun(root: string, work: string, app: Graph["app"]) {
  const paths = { home: join(work, "home"), root, work, platform };
  const cli = { command: "deploy", dev: false, paths, state: { version: {} } };
  const { loaded, sources } = await loadAroundConfig({
    root,
    code: [
      `import { run } from ${JSON.stringify(join(platform, "src/auto/run.ts"))};`,
      'import config from "./sst.config.ts";',
      "export const start = () => run(config.run);",
    ].join("\n"),
    define: { $app: JSON.stringify(app), $cli: JSON.stringify(cli), $dev: "false" },
    globals: globals(),
    inject: [join(platform, "src/shim/run.js")],
  });
  const own = sources.map((source) => join(root, source)).filter((source) => !source.startsWith(platform));
  const files = own.filter((source) => existsSync(source)).map((source) => relative(repository, source));
  return { run: (loaded as { start(): Promise<Record<string, unknown>> }).start, sources: files };
}

/** `sst`, and each provider that the CLI has installed for the app, by its name. */
function globals(): string {
  return [
    `import * as sst from ${JSON.stringify(join(platform, "src/components"))};`,
    ...installedProviders().map((provider) => `import * as ${provider.alias} from "${provider.package}";`),
  ].join(" ");
}

/** Records every resource, and the relevant options of its registration, into the graph. */
async function record(graph: Graph) {
  const { runtime } = pulumi();
  const known = new Map<string, Transformed["opts"]>();
  await runtime.setMocks(
    {
      newResource(resource) {
        const { type, name, inputs } = resource;
        graph.resources.push({ type, name, inputs: plain(inputs), parent: null, retainOnDelete: false });
        return resource.custom === false || type.startsWith("sst:") ? { id: "", state: inputs } : made(resource);
      },
      call: answered,
    },
    String(graph.app["name"]),
    graph.stage,
  );
  runtime.setAllConfig({ "aws:region": region });
  return {
    /** The options are kept as they are: SST's own transformations come later and change them in place. */
    collect() {
      runtime.registerStackTransformation(({ type, name, opts }) => void known.set(`${type} ${name}`, opts));
    },
    of({ type, name }: { type: string; name: string }): Options {
      const options = known.get(`${type} ${name}`);
      return {
        parent: options?.parent?.__name ?? null,
        retainOnDelete: options?.retainOnDelete ?? false,
        ...(options?.customTimeouts === undefined ? {} : { customTimeouts: options.customTimeouts }),
      };
    },
  };
}

/** Every output has its value once nothing is left to do. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.once("beforeExit", () => resolve()));
}

async function resolved(outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const entries = Object.entries(outputs).map(async ([name, value]) => [
    name,
    pulumi().Output.isInstance(value) ? await value.promise() : value,
  ]);
  return Object.fromEntries(await Promise.all(entries));
}
