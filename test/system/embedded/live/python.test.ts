import { served } from "../../../unit/embedded/live/served.ts";
import { documentsClient } from "../../blackbox/documents-client.ts";

documentsClient("one machine", () => served((token) => `/${token}`));
