import { fileURLToPath } from "node:url";

const sources = fileURLToPath(new URL("../../packages/cli/src/bin.mjs", import.meta.url));

/** The file that starts `gatepost`: as it is published, if the run of tests has built it, else of the sources. */
export const bin = process.env["GATEPOST_BUILT_COMMAND"] ?? sources;
