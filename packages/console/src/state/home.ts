/** The path of the console with a slash at its end, as `/gate/`: it may be below a path of a host. */
export const home = (): string => location.pathname.slice(0, location.pathname.lastIndexOf("/") + 1);

/** The address of a path of the server, as `/v1/events`, for this page. */
export const serverAddress = (path: string): string => home() + path.slice(1);

/** The same for others, as `https://example.com/gate/`. */
export const homeForOthers = (): string => location.origin + home();

/** Whether pages of other programs may frame this one. Then it shows the screen alone, to those with a screen link. */
export const isFramable = (): boolean => location.pathname.endsWith("/screen");
