import { served } from "../../../unit/embedded/live/served.ts";
import { live } from "../../blackbox/live.ts";

live("one machine", () => served((token) => `/live?token=${token}`));
