import { documentsClient } from "../../blackbox/documents-client.ts";
import { served } from "./served.ts";

documentsClient("one machine", () => served((token) => `/${token}`));
