export { type TicketStore, ticketsOfKey } from "./ports.ts";
export { Tickets } from "./tickets.ts";
