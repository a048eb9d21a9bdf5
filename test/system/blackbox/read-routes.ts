/** Routes as `METHOD path`: those for readers, those for admins alone, and those for everybody. */
export const readable = [
  "GET /v1/me",
  "GET /v1/events",
  "GET /v1/events?order=received",
  "GET /v1/events/x",
  "GET /v1/events/x/neighbours",
  "GET /v1/events/count",
  "PUT /v1/events/x/seen",
  "GET /v1/events/x/pictures/face",
  "GET /v1/actions",
  "GET /v1/actions/x",
  "POST /v1/actions/x",
  "GET /v1/deadletters",
  "GET /v1/quarantine",
  "GET /v1/quarantine/x",
  "POST /v1/tickets",
  "GET /SophonDevice/api/Devices",
];
export const administrable = [
  "GET /v1/audit",
  "GET /v1/deliveries",
  "GET /v1/keys",
  "POST /v1/keys",
  "DELETE /v1/keys/x",
  "POST /v1/quarantine/x/replay",
  "POST /v1/deadletters/send",
  "POST /v1/deadletters/1/send",
  "DELETE /v1/events/x",
  "DELETE /v1/people?id=x&all=1",
];
export const open = ["GET /healthz", "GET /openapi.json", "GET /docs"];
