import { onAws } from "@gatepost/aws";
import { type Swept, sweepActions } from "@gatepost/ingest";

const on = onAws();

export const handler = (): Promise<Swept> => sweepActions(on);
