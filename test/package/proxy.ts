import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { onTestFinished } from "vitest";
import { freePort } from "../standins/listen.ts";
import { CertificateFolder, pemOf } from "../support/certificates.ts";
import { root } from "./install.ts";

export interface ReverseProxy {
  port: number;
  /** The port for boxes on the LAN, without TLS; null if the configuration has none. */
  lanPort: number | null;
  /** All that it has logged, wherever. */
  log(): string;
  stop(): Promise<void>;
}

/** Replaces the values that an operator has to replace. Throws if the file does not have them. */
function adapted(file: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce(
    (text, [before, after]) => {
      if (!text.includes(before)) throw new Error(`${file} has no ${before}`);
      return text.replaceAll(before, after);
    },
    readFileSync(join(root, file), "utf8"),
  );
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-proxy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** nginx with the configuration of the repository, in front of a port of this machine. It keeps idle connections for `poolMs`. */
export function nginx(behind: number, poolMs = 60_000): Promise<ReverseProxy> {
  return nginxOf("gatepost.conf", null, {
    "127.0.0.1:9528": `127.0.0.1:${behind}`,
    "keepalive_timeout 60s": `keepalive_timeout ${poolMs}ms`,
  });
}

/** The same with boxes by http on the LAN and people by https on the internet. */
export async function nginxOnInternet(behind: number): Promise<ReverseProxy> {
  const lanPort = await freePort();
  return nginxOf("internet.conf", lanPort, {
    "192.168.1.5:9528": `127.0.0.1:${lanPort}`,
    "127.0.0.1:9530": `127.0.0.1:${behind}`,
  });
}

async function nginxOf(file: string, lanPort: number | null, changes: Record<string, string>): Promise<ReverseProxy> {
  const [folder, port, { cert, key }] = [temporary(), await freePort(), new CertificateFolder()];
  const site = adapted(`install/nginx/${file}`, {
    "listen 443 ssl;": `listen 127.0.0.1:${port} ssl;`,
    "    listen [::]:443 ssl;\n": "",
    "/etc/gatepost/tls/fullchain.pem": cert,
    "/etc/gatepost/tls/privkey.pem": key,
    "/var/log/nginx/gatepost.log": join(folder, "access.log"),
    ...changes,
  });
  mkdirSync(join(folder, "temporary"));
  const temporaries = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((what) => `${what}_temp_path ${folder}/temporary/${what};`)
    .join("\n");
  const config = join(folder, "nginx.conf");
  // Around it what Debian has around a site: an error log of the whole.
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 256; }
http { access_log ${folder}/others.log; ${temporaries}\n${site}\n}`,
  );
  const child = spawn("nginx", ["-e", join(folder, "error.log"), "-c", config]);
  return running(child, { port, lanPort }, () =>
    ["access.log", "others.log", "error.log"].map((name) => readIn(folder, name)),
  );
}

/** Caddy with the configuration of the repository, but for a certificate of our own. */
export function caddy(behind: number, poolMs = 60_000): Promise<ReverseProxy> {
  return caddyOf("Caddyfile", null, {
    "127.0.0.1:9528": `127.0.0.1:${behind}`,
    "keepalive 60s": `keepalive ${poolMs}ms`,
  });
}

/** The same with boxes by http on the LAN and people by https on the internet. */
export async function caddyOnInternet(behind: number): Promise<ReverseProxy> {
  const lanPort = await freePort();
  return caddyOf("internet.Caddyfile", lanPort, {
    "http://:9528": `http://:${lanPort}`,
    "bind 192.168.1.5": "bind 127.0.0.1",
    "127.0.0.1:9530": `127.0.0.1:${behind}`,
  });
}

/** Caddy as on a LAN without internet, where it is its own certificate authority. `authority` gives its certificate. */
export async function caddyOnLan(behind: number): Promise<ReverseProxy & { authority(): string }> {
  const [folder, port, lanPort] = [temporary(), await freePort(), await freePort()];
  const config = join(folder, "Caddyfile");
  const site = adapted("install/docker/lan.Caddyfile", {
    "\n{\n": "\n{\n\tadmin off\n",
    "http://:9528": `http://:${lanPort}`,
    "https://{$GATEPOST_ADDRESS}": `https://127.0.0.1:${port}`,
    "{$GATEPOST_ADDRESS}": "127.0.0.1",
    "gatepost:9528": `127.0.0.1:${behind}`,
  });
  writeFileSync(config, site);
  const authority = () => readIn(folder, "caddy/pki/authorities/local/root.crt");
  const proxy = await running(startCaddy(config, folder), { port, lanPort }, () => [], authority);
  return { ...proxy, authority };
}

function startCaddy(config: string, folder: string): ChildProcess {
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  return spawn("caddy", ["run", "--config", config, "--adapter", "caddyfile"], { env });
}

async function caddyOf(file: string, lanPort: number | null, changes: Record<string, string>): Promise<ReverseProxy> {
  const [folder, port, { cert, key }] = [temporary(), await freePort(), new CertificateFolder()];
  const config = join(folder, "Caddyfile");
  const site = adapted(`install/caddy/${file}`, {
    "\n{\n": "\n{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n",
    "gate.example.com {\n": `https://gate.example.com:${port}, https://localhost:${port} {\n\ttls ${cert} ${key}\n`,
    ...changes,
  });
  writeFileSync(config, site);
  return running(startCaddy(config, folder), { port, lanPort }, () => []);
}

const readIn = (folder: string, name: string): string => {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch {
    return "";
  }
};

async function running(
  child: ChildProcess,
  ports: Pick<ReverseProxy, "port" | "lanPort">,
  files: () => string[],
  authority = () => pemOf("first.crt"),
): Promise<ReverseProxy> {
  let written = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data) => {
      written += data;
    });
  }
  const ended = once(child, "exit");
  const log = () => [written, ...files()].join("\n");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  onTestFinished(stop);
  while (!(await shakesHands(ports.port, authority())))
    if (child.exitCode !== null) throw new Error(`it ended:\n${log()}`);
  return { ...ports, log, stop };
}

function shakesHands(port: number, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    // Without a name, as a browser that opens an address.
    const servername = ca === pemOf("first.crt") ? "gate.example.com" : "";
    const socket = connect({ port, host: "127.0.0.1", servername, ca });
    socket.once("secureConnect", () => resolve(true));
    socket.once("error", () => setTimeout(resolve, 50, false));
    socket.once("secureConnect", () => socket.destroy());
  });
}
