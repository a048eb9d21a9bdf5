import { awsRuntime } from "@gatepost/aws";
import { awsJobSweep } from "@gatepost/aws/job-sweep";

export const handler = awsJobSweep(awsRuntime());
