import { live } from "../../blackbox/live.ts";
import { served } from "./served.ts";

live("one machine", () => served((token) => `/live?token=${token}`));
