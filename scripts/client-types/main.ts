import { writeFileSync } from "node:fs";
import { namesOf } from "../called.ts";
import { clientTypes } from "./types.ts";

namesOf([]);

writeFileSync(new URL("../../packages/client/src/schema.ts", import.meta.url), clientTypes());
