import { jsonLog } from "@gatepost/http";
import { type Command, Option } from "commander";
import { endAsked } from "../failure.ts";
import { onFolder, port, publicUrl, s3Place, size } from "../options.ts";
import { usualPort } from "../urls.ts";
import {
  addresses,
  contact,
  frameAncestors,
  host,
  metricsAddress,
  printKeys,
  type RunningServer,
  type ServeOptions,
  start,
  writeKeys,
  zone,
} from "./start.ts";

export function addServe(program: Command): void {
  onFolder(program.command("serve").alias("start"))
    .description("receive events and answer readers, until SIGTERM or SIGINT")
    .option("--port <number>", "the port; 0 takes a free one", port, usualPort)
    .option("--host <address>", "the address to listen on", host, "0.0.0.0")
    .addOption(publicUrl())
    .addOption(new Option("--max-body <size>", "the largest report").argParser(size).default(size("64mb"), "64mb"))
    .option("--trust-proxy <address>", "believe its X-Forwarded-For; once for each proxy or network", addresses)
    .option("--frame-ancestors <origin>", "let its pages frame the screen at /screen; once for each", frameAncestors)
    .option(
      "--zone <name>",
      "by whose clocks a day begins and boxes have their rhythm, as Asia/Shanghai; default the machine's",
      zone,
    )
    .option(
      "--contact <mailto>",
      "the contact for push services of phones, as mailto:it@example.com; else the console asks for it",
      contact,
    )
    .option("--tls-cert <file>", "speak TLS with this certificate (PEM), read again when it changes; needs --tls-key")
    .option("--tls-key <file>", "the key of it (PEM)")
    .option("--metrics <host:port>", "serve /metrics there without a key, for a monitoring system", metricsAddress)
    .addOption(alsoOn("--live-port", 5679, "WebSockets"))
    .addOption(alsoOn("--devices-port", 5555, "the list of devices"))
    .addOption(
      oidc("--oidc-issuer <url>", "GATEPOST_OIDC_ISSUER", "people sign in by this OpenID Connect provider too"),
    )
    .addOption(oidc("--oidc-client-id <id>", "GATEPOST_OIDC_CLIENT_ID", "the id of Gatepost at the provider"))
    .addOption(
      oidc(
        "--oidc-client-secret-file <file>",
        "GATEPOST_OIDC_CLIENT_SECRET_FILE",
        "the secret of it; or GATEPOST_OIDC_CLIENT_SECRET",
      ),
    )
    .option("--open", "accept reports without a key, as of box `open`: on an isolated network only")
    .option("--network-disk", "accept a data folder on NFS or SMB, although its database can be damaged there")
    .option("--ship <s3://bucket/prefix>", "ship new pictures and changes there within seconds", s3Place)
    .option("--announce-events", "put every event on the bus, also those that ask for no action")
    .option("--allow-private-targets", "let every rule of rules.json send to private addresses")
    .action(run);
}

/** An option of the company's provider, which a service gives by its environment. */
function oidc(flags: string, variable: string, description: string): Option {
  return new Option(flags, description).env(variable);
}

/** Another port, for clients of an SE5 that use a fixed one. */
function alsoOn(flag: string, fixed: number, what: string): Option {
  const name = `${flag} [number]`;
  return new Option(name, `listen there too, because clients of an SE5 expect ${what} there`)
    .argParser(port)
    .preset(`${fixed}`);
}

async function run(options: ServeOptions): Promise<void> {
  // Before anything is printed: a program that waits for the last line may end it at once.
  const asked = endAsked();
  const running = await (process.stdout.isTTY ? startForPerson(options) : startForProgram(options));
  await asked;
  await running.stop();
}

/** On a terminal the lines of the start are first: the log waits for them. */
async function startForPerson(options: ServeOptions): Promise<RunningServer> {
  const held: string[] = [];
  let write = (line: string) => void held.push(line);
  try {
    const running = await start(
      options,
      printKeys,
      jsonLog((line) => write(line)),
    );
    printLines(running);
    return running;
  } finally {
    write = (line) => void process.stderr.write(line);
    for (const line of held) write(line);
  }
}

async function startForProgram(options: ServeOptions): Promise<RunningServer> {
  const running = await start(options, writeKeys);
  printLines(running);
  return running;
}

function printLines({ lines }: RunningServer): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}
