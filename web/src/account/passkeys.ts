// What the browser does with passkeys (WebAuthn). Nothing of it is kept here.
import { answer, api } from "../api/client";
import { Problem } from "../api/problem";

/** A name, not an address of numbers: passkeys belong to a name. */
const hasName = (): boolean => !/^[\d.]+$|^\[/.test(window.location.hostname);

/** Whether passkeys can work on this page. */
export function passkeysWork(): boolean {
  return hasName() && "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;
}

/** Why passkeys cannot work on this page, for whoever wants one. */
export function whyNoPasskeys(): string | null {
  if (passkeysWork()) return null;
  if (hasName()) return "This browser knows no passkeys. A newer one does.";
  const { hostname, port } = window.location;
  return hostname === "127.0.0.1" || hostname === "[::1]"
    ? `Passkeys belong to a name, and this page has only an address of numbers. Open it as localhost:${port} instead, and sign in there.`
    : "Passkeys belong to a name, and this page has only an address of numbers. Whoever runs this server can give it a name.";
}

export interface Answered {
  ticket: string;
  assertion: Record<string, never>;
}

function saidOf(credential: Credential | null): Record<string, never> {
  if (!(credential instanceof PublicKeyCredential)) throw new Problem({ status: 0, code: "no_passkey", title: "No passkey", detail: "The browser gave no passkey" });
  return credential.toJSON() as Record<string, never>;
}

/** Asks for a passkey: anybody's, that of whoever holds a ticket, or mine. With `quietly` the browser offers it where one fills in the address. */
export async function askPasskey({ ticket, signal, quietly = false }: { ticket?: string; signal?: AbortSignal; quietly?: boolean } = {}): Promise<Answered> {
  const asked = await answer(api.POST("/api/v1/auth/passkey/options", { body: ticket === undefined ? {} : { ticket } }), true);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options as unknown as PublicKeyCredentialRequestOptionsJSON);
  const credential = await navigator.credentials.get({ publicKey, ...(signal ? { signal } : {}), ...(quietly ? { mediation: "conditional" } : {}) });
  return { ticket: asked.ticket, assertion: saidOf(credential) };
}

/** Makes a passkey: what the server wants to know of it. */
export async function makePasskey(): Promise<Record<string, never>> {
  const { options } = await answer(api.POST("/api/v1/me/passkeys/options"));
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON);
  return saidOf(await navigator.credentials.create({ publicKey }));
}

/** What the browser threw, in words. Null where the person only closed its window. */
export function passkeyProblem(thrown: unknown): unknown {
  if (!(thrown instanceof DOMException)) return thrown;
  const say = (detail: string) => new Problem({ status: 0, code: "passkey_failed", title: "No passkey", detail });
  switch (thrown.name) {
    case "NotAllowedError":
    case "AbortError":
      return null;
    case "InvalidStateError":
      return say("There is a passkey of yours on this device already");
    default:
      return say("The browser could not use a passkey here");
  }
}
