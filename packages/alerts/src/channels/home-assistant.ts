const prefix = "homeassistant";

interface Discovery {
  topic: string;
  /** Null removes the entity. */
  payload: object | null;
}

/**
 * What Home Assistant reads to show the alerts of a rule by itself: a sensor with the last alert, and its picture. Both
 * belong to the device of a server. docs/alerts.md#mqtt
 */
export function discoveryOf(rule: string, { server, base }: { server: string; base: string }): Discovery[] {
  const id = `gatepost_${server}_${rule}`;
  const name = "Gatepost";
  const device = { identifiers: [`gatepost_${server}`], name, manufacturer: name, serial_number: server };
  const topic = (component: string) => `${prefix}/${component}/gatepost-${server}-${objectId(rule)}/config`;
  // The entities of builds that knew neither servers nor dots. Removed first, they leave their names to the new ones.
  const earlier = (component: string) => `${prefix}/${component}/gatepost_${rule.replaceAll(".", "_")}/config`;
  return [
    { topic: earlier("sensor"), payload: null },
    { topic: earlier("image"), payload: null },
    {
      topic: topic("sensor"),
      payload: {
        name: rule,
        unique_id: id,
        device,
        icon: "mdi:account-alert",
        state_topic: `${base}/alert`,
        // A state may have 255 characters.
        value_template: "{{ value_json.title[:250] }}",
        json_attributes_topic: `${base}/alert`,
      },
    },
    {
      topic: topic("image"),
      payload: {
        name: `${rule} picture`,
        unique_id: `${id}/picture`,
        device,
        image_topic: `${base}/picture`,
        content_type: "image/jpeg",
      },
    },
  ];
}

/** Home Assistant takes no dots: `.` becomes `_2e`, and `_` becomes `_5f`, so that no two rules have one id. */
function objectId(rule: string): string {
  return rule.replaceAll(/[^A-Za-z\d-]/g, (character) => `_${character.charCodeAt(0).toString(16)}`);
}
