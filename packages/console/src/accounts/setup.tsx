import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { useTitle } from "../parts/title.ts";
import { isAdmin } from "../state/role.ts";
import { goInstead } from "../state/route.ts";
import { gatepost, me } from "../state/session.ts";
import { signInWords } from "../words/sign-in.ts";
import { Card } from "./card.tsx";
import { EmailField, FirstSignIn, NameField, NewPasswordField } from "./fields.tsx";

/** Asks the user of a first link once for a name, an e-mail address and a password: the first administrator. */
export function SetupPage() {
  const { setup: w } = signInWords.value;
  useTitle(w.title);
  const isNeeded = me.value === null || (isAdmin.value && me.value.account === null && !me.value.administrators.length);
  useEffect(() => {
    if (!isNeeded) goInstead("live");
  }, [isNeeded]);
  if (me.value === null || !isNeeded) return null;
  return (
    <Card title={w.title} about={w.about} foot={w.foot}>
      <Person />
    </Card>
  );
}

function Person() {
  const w = signInWords.value.setup;
  const [name, email, password] = [useSignal(""), useSignal(""), useSignal("")];
  const send = async () => {
    const body = { name: name.value.trim(), email: email.value.trim(), password: password.value };
    await gatepost().send("POST /v1/accounts/first", { body });
    return undefined;
  };
  const buttons = (
    <>
      <Button look="main big" type="submit">
        {w.do}
      </Button>
      <Button look="big" onClick={() => goInstead("live")}>
        {w.later}
      </Button>
    </>
  );
  return (
    <FirstSignIn onSend={send} buttons={buttons}>
      <NameField of={name} />
      <EmailField of={email} />
      <NewPasswordField of={password} />
    </FirstSignIn>
  );
}
