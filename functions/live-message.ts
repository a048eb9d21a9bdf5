import { onAws } from "@gatepost/aws";
import { liveOnAws } from "../packages/aws/src/live-on-aws.ts";

export const handler = liveOnAws(onAws()).message;
