import { render } from "preact";
import { App } from "./app.tsx";
import { runFeed } from "./live/feed.ts";
import { followFullScreen } from "./live/full-screen.ts";
import { followKeys } from "./shell/keys.ts";
import { runClock } from "./state/clock.ts";
import { applyPreferences } from "./state/preferences.ts";
import { follow } from "./state/route.ts";
import { signInFromAddress } from "./state/session.ts";

signInFromAddress();
applyPreferences();
follow();
runClock();
followFullScreen();
followKeys();
runFeed();
render(<App />, document.body);
