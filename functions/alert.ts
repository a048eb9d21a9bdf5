import { awsAlerts } from "@gatepost/aws/alerts";
import { awsRuntime } from "@gatepost/aws/runtime";

export const handler = awsAlerts(awsRuntime());
