import type { Schema } from "@gatepost/sqlite";
import { actionDeclines, actionTables, toldColumn } from "./schema/actions.ts";
import { deliveryTables, resentColumn } from "./schema/deliveries.ts";
import { deviceHalfHourTables } from "./schema/device-half-hours.ts";
import { eventTables, resultColumn } from "./schema/events.ts";
import { halfHourTables } from "./schema/half-hours.ts";
import { itemTables } from "./schema/items.ts";
import { hoursMailViews, passingColumns } from "./schema/passings.ts";
import { alarmViews, choiceViews, enrolledViews, noteViews, peopleViews, rollViews } from "./schema/people.ts";
import { pictureTables, sceneDaysColumn } from "./schema/pictures.ts";
import { quarantineTables, shapeColumns } from "./schema/quarantine.ts";
import { boxTables, storeTables } from "./schema/store.ts";
import { textTables } from "./schema/texts.ts";

/** The end of a sentence about a data folder that an earlier build wrote. */
export const wayOut = "start that build on it, and move its data from there with `gatepost migrate`";

/**
 * The tables of a data folder, by concern. Times are ms since 1970. A row exists only for durable data. A change adds a
 * step; an earlier step never changes. SQLite's checks are whole only if it reads a table first: a test of the doctor
 * fails if the names of a new step move a view there.
 */
export const schema: Schema = {
  application: 0x67617465,
  steps: [
    [
      // First: if a view is the last that it reads, SQLite leaves unused pages out of its checks.
      itemTables,
      storeTables,
      eventTables,
      textTables,
      halfHourTables,
      pictureTables,
      actionTables,
      deliveryTables,
      quarantineTables,
      boxTables,
    ].join(""),
    peopleViews,
    deviceHalfHourTables,
    actionDeclines,
    choiceViews,
    passingColumns,
    noteViews,
    rollViews,
    resultColumn,
    hoursMailViews,
    enrolledViews,
    alarmViews,
    sceneDaysColumn,
    toldColumn,
    shapeColumns,
    resentColumn,
  ],
};

export const newestVersion = schema.steps.length;
