import { fileURLToPath } from "node:url";

const sources = fileURLToPath(new URL("../../packages/cli/src/bin.mjs", import.meta.url));

/** What starts `gatepost`: as it is published, where the run of tests has built it, else the sources. */
export const bin = process.env["GATEPOST_BUILT_COMMAND"] ?? sources;
