import { awsCheckSubscriber } from "@gatepost/aws/reads";
import { awsRuntime } from "@gatepost/aws/runtime";

export const handler = awsCheckSubscriber(awsRuntime());
