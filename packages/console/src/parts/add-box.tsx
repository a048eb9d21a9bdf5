import { addressOf } from "../state/address.ts";
import { isAdmin } from "../state/session.ts";
import { words } from "../words/index.ts";
import { Icon } from "./icon.tsx";

/** The way to another box, for whoever may make one. */
export function AddBox() {
  if (!isAdmin.value) return null;
  return (
    <a class="btn main" href={addressOf("new-box")}>
      <Icon name="plus" />
      {words.value.pages["new-box"]}
    </a>
  );
}
