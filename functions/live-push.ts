import { awsRuntime } from "@gatepost/aws";
import { awsLive } from "@gatepost/aws/live";

export const handler = awsLive(awsRuntime()).push;
