import { writeFileSync } from "node:fs";
import { clientTypes } from "./types.ts";

writeFileSync(new URL("../../packages/client/src/schema.ts", import.meta.url), clientTypes());
