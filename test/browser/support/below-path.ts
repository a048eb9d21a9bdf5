import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/**
 * A web server at a port of this machine that has Gatepost, which listens at another one, below /gate. `change` changes
 * its file.
 */
export type Proxy = (
  ports: { at: number; behind: number },
  change?: (file: string) => string,
) => Promise<{ close(): Promise<void> }>;

/** The files of the repository that put Gatepost below a path, each with the server that reads it. */
export const proxies: readonly { name: string; open: Proxy }[] = [
  {
    name: "nginx, which keeps the path",
    open: (ports, change) =>
      opened({ ...ports, change }, "install/nginx/path.conf", (folder, site) => {
        const temporaries = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
          (what) => `${what}_temp_path ${folder};`,
        );
        const server = `server { listen 127.0.0.1:${ports.at}; ${site}\n}`;
        const http = `http { access_log off; ${temporaries.join(" ")} ${server} }`;
        const around = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log; events {}`;
        return { command: "nginx", args: ["-e", `${folder}/error.log`, "-c"], config: `${around} ${http}` };
      }),
  },
  {
    name: "Caddy, which takes the path off",
    open: (ports, change) =>
      opened({ ...ports, change }, "install/caddy/path.Caddyfile", (_, site) => ({
        command: "caddy",
        args: ["run", "--adapter", "caddyfile", "--config"],
        config: `${firstBlock("install/caddy/Caddyfile")}\nhttp://127.0.0.1:${ports.at} {\n${site}\n}\n`,
      })),
  },
];

/** The options of all sites in a Caddyfile, as of their logs. */
function firstBlock(file: string): string {
  const [block] = /^\{\n.*?^\}\n/ms.exec(readFileSync(join(root, file), "utf8")) ?? [];
  if (block === undefined) throw new Error(`${file} has no block of options`);
  return block.replace("{\n", "{\n\tadmin off\n");
}

/** A server with a file of the repository. Resolves when it answers. */
async function opened(
  { at, behind, change = (text) => text }: { at: number; behind: number; change: Parameters<Proxy>[1] },
  file: string,
  wrap: (folder: string, site: string) => { command: string; args: readonly string[]; config: string },
) {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-path-"));
  mkdirSync(join(folder, "home"));
  const site = change(readFileSync(join(root, file), "utf8")).replaceAll("127.0.0.1:9530", `127.0.0.1:${behind}`);
  const { command, args, config } = wrap(folder, site);
  const place = join(folder, "config");
  writeFileSync(place, config);
  const home = join(folder, "home");
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
  const child = spawn(command, [...args, place], { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (data) => (said += data));
  const ended = once(child, "exit");
  while (
    !(await fetch(`http://127.0.0.1:${at}/gate/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    async close() {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
