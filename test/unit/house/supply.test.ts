import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { isWhole } from "../../support/seeded.ts";
import { root, textOf } from "./sources.ts";

const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      integrity: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      link: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});
const packages = Object.entries(lock.parse(JSON.parse(textOf("package-lock.json"))).packages).filter(
  ([path, { link }]) => path !== "" && link !== true,
);
const ofOthers = packages.filter(([path]) => path.startsWith("node_modules/"));
const named = (entries: typeof packages) => entries.map(([path]) => path.replace(/^.*node_modules\//, ""));

/** What runs a program when it is installed, and why that is accepted. */
const installScripts: Record<string, string> = {
  esbuild: "looks whether its program for this platform is there, and fetches it from the registry where npm did not",
};

/** Reviewed licences. */
const published = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"];
/** sharp's libvips is loaded beside the program, as the LGPL asks, and is not in the package that we publish. */
const beside = ["LGPL-3.0-or-later", "Apache-2.0 AND LGPL-3.0-or-later", "Apache-2.0 AND LGPL-3.0-or-later AND MIT"];
const whileDeveloping = [...published, ...beside, "MIT OR Apache-2.0", "MPL-2.0"];

describe("An installed package", () => {
  it("runs no script that is not named here, with its reason", () => {
    const running = named(ofOthers.filter(([, { hasInstallScript }]) => hasInstallScript === true));
    expect([...new Set(running)]).toEqual(Object.keys(installScripts));
  });

  it("is from a registry, and has not changed since it was chosen", () => {
    expect(named(ofOthers.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? "")))).toEqual([]);
  });

  it("has a licence that was reviewed", () => {
    const isDevelopment = ({ dev, devOptional }: (typeof packages)[number][1]) => dev === true || devOptional === true;
    const wrong = ofOthers.filter(([, one]) => {
      const accepted = isDevelopment(one) ? whileDeveloping : [...published, ...beside];
      return !accepted.includes(one.license ?? "");
    });
    expect(wrong.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });
});

const builds = z.record(
  z.string(),
  z.object({
    version: z.string(),
    integrity: z.string(),
    file: z.string(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);

describe.each(Object.entries(builds.parse(JSON.parse(textOf("install/node.json")))))(
  "the Node for %s",
  (platform, kept) => {
    const [, locked] = ofOthers.find(([path]) => path === `node_modules/node-${platform}`) ?? [];
    const program = `${root}node_modules/node-${platform}/${kept.file}`;

    it("is the one of which the hash is kept", () => {
      expect({ version: locked?.version, integrity: locked?.integrity }).toEqual({
        version: kept.version,
        integrity: kept.integrity,
      });
    });

    it.runIf(isWhole && existsSync(program))("has that hash here", async () => {
      const hash = createHash("sha256");
      for await (const piece of createReadStream(program)) hash.update(piece);
      expect(hash.digest("hex")).toBe(kept.sha256);
    });
  },
);

it("every Node that npm may bring has one exact version on every architecture, and its hash kept", () => {
  const { optionalDependencies } = z
    .object({ optionalDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(textOf("package.json")));
  const kept = builds.parse(JSON.parse(textOf("install/node.json")));
  expect(Object.fromEntries(Object.entries(optionalDependencies).filter(([name]) => name.startsWith("node-")))).toEqual(
    Object.fromEntries(Object.entries(kept).map(([platform, { version }]) => [`node-${platform}`, version])),
  );
  expect(new Set(Object.values(kept).map(({ version }) => version)).size).toBe(1);
});
