/// <reference path="../.sst/platform/config.d.ts" />
import { stage } from "./stage.ts";

/*
 * The budget is for the whole account. The costs of one stage could only be separated by a tag that must be activated
 * for billing; without that, its budget would never be reached.
 */
if (stage.budget !== undefined) {
  const told = { comparisonOperator: "GREATER_THAN", thresholdType: "PERCENTAGE" };
  const subscriberEmailAddresses = [stage.alarmEmail ?? ""];
  new aws.budgets.Budget("Budget", {
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: stage.budget,
    limitUnit: "USD",
    notifications: [
      { ...told, notificationType: "FORECASTED", threshold: 100, subscriberEmailAddresses },
      { ...told, notificationType: "ACTUAL", threshold: 80, subscriberEmailAddresses },
    ],
  });
}
