import { awsLive } from "@gatepost/aws/live";
import { awsRuntime } from "@gatepost/aws/runtime";

export const handler = awsLive(awsRuntime()).push;
