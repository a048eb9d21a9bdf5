const prefix = "homeassistant";

/**
 * What Home Assistant reads to show the alerts of a rule by itself: a sensor with the last alert, and its picture. Both
 * belong to one device. docs/alerts.md#mqtt
 */
export function discoveryOf(rule: string, base: string): { topic: string; payload: object }[] {
  const id = `gatepost_${rule.replaceAll(/[^\w-]/g, "_")}`;
  const device = { identifiers: ["gatepost"], name: "Gatepost", manufacturer: "Gatepost" };
  return [
    {
      topic: `${prefix}/sensor/${id}/config`,
      payload: {
        ...{ name: rule, unique_id: id, device, icon: "mdi:account-alert" },
        state_topic: `${base}/alert`,
        // A state may have 255 characters.
        value_template: "{{ value_json.title[:250] }}",
        json_attributes_topic: `${base}/alert`,
      },
    },
    {
      topic: `${prefix}/image/${id}/config`,
      payload: {
        ...{ name: `${rule} picture`, unique_id: `${id}_picture`, device },
        image_topic: `${base}/picture`,
        content_type: "image/jpeg",
      },
    },
  ];
}
