export {
  eventLifetimeOf,
  lifetimeOf,
  type RetentionEditor,
  type RetentionFacts,
  type Settings,
  shortens,
} from "./retention.ts";
export {
  actionsWithKeptScenes,
  changesWithKeptScenes,
  eventsWithKeptScenes,
  reportsWithKeptScenes,
  type SceneRetention,
  scenesIn,
  withKeptDays,
  withoutEndedScenes,
} from "./scenes.ts";
