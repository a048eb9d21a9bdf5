import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { near } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Confirm, Dialog, FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { FactorNeeded, isOver } from "../parts/pages/factor-needed.tsx";
import { EndedPasskey, makePasskey, PasskeysElsewhere, usePasskeys } from "../parts/pages/passkeys.tsx";
import { QrCode } from "../parts/pages/qr-code.tsx";
import { saveFile } from "../parts/save-file.ts";
import { Table } from "../parts/table.tsx";
import { useAct } from "../state/act.ts";
import { now } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";

type Factor = Api["GET /v1/me/factors"]["answer"]["factors"][number];
type Added = Api["POST /v1/me/factors"]["answer"];

/** Member by member: the answer depends on the kind that was asked for. */
type NewCode = Extract<Added, { secret: string }>;
type NewPasskey = Extract<Added, { options: unknown }>;
type NewRecoveryCodes = Extract<Added, { codes: string[] }>;

const addCode = async (name: string) =>
  (await gatepost().ask("POST /v1/me/factors", { body: { kind: "code", name } })) as NewCode;
/** Null if it is added; else why the browser has made none. */
const addPasskey = async (name: string) => {
  const body = { kind: "passkey", name } as const;
  const { id, options } = (await gatepost().ask("POST /v1/me/factors", { body })) as NewPasskey;
  const credential = await makePasskey(options);
  if (typeof credential === "string") return credential;
  await gatepost().send("POST /v1/me/factors/{id}/confirm", { path: { id }, body: { credential } });
  return null;
};
const addRecovery = async () =>
  (await gatepost().ask("POST /v1/me/factors", { body: { kind: "recovery" } })) as NewRecoveryCodes;

interface FactorsProps {
  /** After a removal, which ends the other sessions. */
  onRemoved(): void;
}

/** What the user needs beside the password to sign in. */
export function Factors({ onRemoved }: FactorsProps) {
  const { factors: w } = settingsWords.value;
  const loading = useLoading("own factors", (signal) => gatepost().ask("GET /v1/me/factors", { signal }));
  const factors = loading.state.value.value?.factors ?? [];
  const hasFactor = factors.some(({ kind, isLost }) => kind === "code" || (kind === "passkey" && !isLost));
  const passkeys = usePasskeys();
  const isNaming = useAct("factor");
  const isNamingPasskey = useSignal(false);
  const seed = useSignal<NewCode | null>(null);
  const codes = useSignal<readonly string[] | null>(null);
  const makeRecovery = async () => {
    codes.value = (await addRecovery()).codes;
    loading.reload();
  };
  const removed = () => {
    loading.reload();
    onRemoved();
  };
  const confirmed = async (added: string) => {
    seed.value = null;
    say(added);
    // Who loses the phone before there are any has to ask an administrator.
    if (factors.every(({ kind }) => kind !== "recovery")) await attempt(makeRecovery);
    else loading.reload();
  };
  return (
    <section class="panel" aria-labelledby="factors-title">
      <header>
        <h2 id="factors-title">{w.title}</h2>
        <span class="end line">
          {hasFactor ? <NewRecovery isFirst={factors.length < 2} onMake={makeRecovery} /> : null}
          {passkeys?.isHere === true ? (
            <Button look="small" onClick={() => (isNamingPasskey.value = true)}>
              {w.addPasskey}
            </Button>
          ) : null}
          <Button look="small" onClick={() => (isNaming.value = true)}>
            {w.add}
          </Button>
        </span>
      </header>
      <Loaded of={loading} as="rows">
        {({ factors: all, required, until }) => (
          <>
            <FactorNeeded until={until} />
            <Rows of={all} isNeeded={required} mayRemove={!isOver(until)} onRemoved={removed} />
            {passkeys?.isHere === false ? (
              <div class="body">
                <PasskeysElsewhere at={passkeys.at} />
              </div>
            ) : null}
          </>
        )}
      </Loaded>
      {isNaming.value ? (
        <Naming
          onNamed={(made) => {
            isNaming.value = false;
            seed.value = made;
          }}
          onClose={() => (isNaming.value = false)}
        />
      ) : null}
      {isNamingPasskey.value ? (
        <NamingPasskey
          onMade={() => {
            isNamingPasskey.value = false;
            void confirmed(w.passkeyAdded);
          }}
          onClose={() => (isNamingPasskey.value = false)}
        />
      ) : null}
      {seed.value === null ? null : (
        <FirstCode of={seed.value} onConfirmed={() => void confirmed(w.added)} onClose={() => (seed.value = null)} />
      )}
      {codes.value === null ? null : <Codes of={codes.value} onClose={() => (codes.value = null)} />}
    </section>
  );
}

function NewRecovery({ isFirst, onMake }: { isFirst: boolean; onMake(): Promise<unknown> }) {
  const { factors: w } = settingsWords.value;
  if (!isFirst)
    return <Confirm label={w.newCodes} look="small" title={w.newCodes} why={w.newCodesWhy} onConfirm={onMake} />;
  return (
    <Button look="small" onClick={() => void attempt(onMake)}>
      {w.newCodes}
    </Button>
  );
}

function Rows({ of: factors, isNeeded, mayRemove, onRemoved }: RowsProps) {
  const { factors: w, end, lastSeen, since } = settingsWords.value;
  if (factors.length === 0) return <p class="body quiet">{w.none}</p>;
  const isKept = (one: Factor) => isNeeded && isLast(one, factors);
  return (
    <Table label={w.title} heads={[w.factor, since, w.lastUsed]} hidden={end}>
      {factors.map((factor) => (
        <tr key={factor.id}>
          <td class="who">
            <b>{factor.kind === "recovery" ? w.recovery : <bdi>{factor.name}</bdi>}</b>
            <span class="meta">{[aboutFactor(factor), ...(isKept(factor) ? [w.lastNeeded] : [])].join(" · ")}</span>
          </td>
          <td class="opt quiet">{near(factor.createdAt, now.value)}</td>
          <td class="opt quiet" title={lastSeen}>
            {factor.lastUsedAt === null ? w.never : near(factor.lastUsedAt, now.value)}
          </td>
          <td class="num">
            {isKept(factor) || !mayRemove ? null : (
              <Confirm
                label={w.remove}
                look="small"
                title={w.removeTitle(factor.name ?? w.recovery)}
                why={{ recovery: w.removeRecoveryWhy, passkey: w.removePasskeyWhy, code: w.removeWhy }[factor.kind]}
                onConfirm={async () => {
                  await gatepost().send("DELETE /v1/me/factors/{id}", { path: { id: factor.id } });
                  onRemoved();
                }}
              />
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

interface RowsProps {
  of: readonly Factor[];
  /** Whether the last one must stay. */
  isNeeded: boolean;
  mayRemove: boolean;
  onRemoved(): void;
}

/** Whether no other factor would take the place of one, as the server judges it. */
function isLast(asked: Factor, all: readonly Factor[]): boolean {
  const isOpen = ({ kind, isLost }: Factor) => kind !== "recovery" && !isLost;
  const counts = (one: Factor) => one.kind === "code" || isOpen(one);
  return counts(asked) && !all.some((one) => one !== asked && (isOpen(asked) ? isOpen(one) : counts(one)));
}

function aboutFactor({ kind, isLost, left }: Factor): string {
  const { factors: w } = settingsWords.value;
  if (kind === "passkey") return isLost ? w.passkeyLost : w.passkey;
  return isLost ? w.lost : left === null ? w.app : w.left(left);
}

/** Has the browser make a passkey, once it has a name. */
function NamingPasskey({ onMade, onClose }: { onMade(): void; onClose(): void }) {
  const { factors: w } = settingsWords.value;
  const name = useSignal(w.thisDevice);
  const why = useSignal<"ended" | "known" | null>(null);
  const first = useRef<HTMLDivElement>(null);
  const send = async () => {
    why.value = null;
    why.value = await addPasskey(name.value.trim());
  };
  return (
    <FormDialog
      title={w.addPasskeyTitle}
      first={first}
      does={w.next}
      onSend={send}
      onSent={() => why.value === null && onMade()}
      onClose={onClose}
    >
      <p>{w.addPasskeyWhy}</p>
      <div ref={first}>
        <Field label={w.name} member="name" of={name} required maxLength={64} />
      </div>
      {why.value === null ? null : <EndedPasskey why={why.value} />}
    </FormDialog>
  );
}

function Naming({ onNamed, onClose }: { onNamed(made: NewCode): void; onClose(): void }) {
  const { factors: w } = settingsWords.value;
  const name = useSignal(w.phone);
  const first = useRef<HTMLDivElement>(null);
  const made = useSignal<NewCode | null>(null);
  const send = async () => {
    made.value = await addCode(name.value.trim());
  };
  return (
    <FormDialog
      title={w.addTitle}
      first={first}
      does={w.next}
      onSend={send}
      onSent={() => made.value !== null && onNamed(made.value)}
      onClose={onClose}
    >
      <p>{w.addWhy}</p>
      <div ref={first}>
        <Field label={w.name} member="name" of={name} required maxLength={64} />
      </div>
    </FormDialog>
  );
}

function FirstCode({ of: { id, secret, uri }, onConfirmed, onClose }: FirstCodeProps) {
  const { factors: w } = settingsWords.value;
  const code = useSignal("");
  const first = useRef<HTMLDivElement>(null);
  const send = () => gatepost().send("POST /v1/me/factors/{id}/confirm", { path: { id }, body: { code: code.value } });
  return (
    <FormDialog title={w.addTitle} first={first} does={w.confirm} onSend={send} onSent={onConfirmed} onClose={onClose}>
      <p>{w.scan}</p>
      <QrCode text={uri} label={w.qr} />
      <p class="meta">
        {w.orType} <code class="mono seed">{secret.replaceAll(/.{4}(?!$)/g, "$& ")}</code>
      </p>
      <div ref={first}>
        <Field
          label={w.code}
          member="code"
          of={code}
          look="mono"
          inputMode="numeric"
          autocomplete="one-time-code"
          required
          minLength={6}
          maxLength={12}
        />
      </div>
    </FormDialog>
  );
}

interface FirstCodeProps {
  of: NewCode;
  onConfirmed(): void;
  onClose(): void;
}

/** Ten recovery codes, which are shown once, to be saved or printed. */
function Codes({ of: codes, onClose }: { of: readonly string[]; onClose(): void }) {
  const { factors: w } = settingsWords.value;
  const save = () => saveFile("gatepost-recovery-codes.txt", new Blob([`${w.fileHead}\n\n${codes.join("\n")}\n`]));
  return (
    <Dialog title={w.recovery} look="for-paper" onClose={onClose}>
      <p>{w.codesWhy}</p>
      <pre class="mono">{codes.join("\n")}</pre>
      <span class="line foot">
        <Button look="main" onClick={save}>
          {w.saveCodes}
        </Button>
        <Button onClick={() => print()}>{words.value.print}</Button>
        <Button onClick={onClose}>{words.value.close}</Button>
      </span>
    </Dialog>
  );
}
