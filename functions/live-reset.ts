import { onAws } from "@gatepost/aws";
import { liveOnAws } from "@gatepost/aws/live";

export const handler = liveOnAws(onAws()).release;
