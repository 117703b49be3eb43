// Other providers that people sign in with: going there, and what it means when it did not work.
import { answer, api } from "../api/client";

/** Goes to a provider's page, to sign in or for an account. */
export async function leaveFor(name: string, returnTo: string, invite: string): Promise<void> {
  const body = { return_to: returnTo, ...(invite === "" ? {} : { invite }) };
  const { location } = await answer(api.POST("/api/v1/auth/upstreams/{name}", { params: { path: { name } }, body }), true);
  window.location.assign(location);
}

/** Goes to a provider's page, to link the account there. */
export async function leaveToLink(name: string): Promise<void> {
  const { location } = await answer(api.POST("/api/v1/me/upstreams", { body: { name } }));
  window.location.assign(location);
}

const TEXTS: ReadonlyMap<string, string> = new Map([
  ["expired", "That took longer than ten minutes, was done already, or began in another browser. Begin again."],
  ["declined", "The provider did not let you in, or you said no there. Nothing has changed."],
  ["unavailable", "The provider cannot be reached now. Try again in a moment, or sign in another way."],
  ["untrusted", "The provider's answer could not be trusted, so nobody was let in. Begin again; if it stays so, tell whoever looks after this server."],
  ["unverified", "The provider does not say that your address is yours. Confirm the address there, then try again."],
  ["known_address", "Your address has an account here already. Sign in the way you always do, then link the provider in Settings, Security."],
  ["signup_closed", "You have no account here yet, and nobody can sign up. Ask whoever looks after this server for one."],
  ["invite_required", "You have no account here yet, and one signs up by invitation. Open the whole link of yours."],
  ["invalid_invite", "This invitation was used, taken back, or is too old. Ask for another one."],
  ["account_off", "Your account is switched off. Ask whoever looks after this server."],
  ["linked_elsewhere", "That account is linked to another account here. Sign in with it, or remove the link there first."],
  ["too_many", "There are too many linked accounts. Remove one first."],
  ["signed_out", "You were signed out meanwhile, so nothing was linked. Sign in and begin again."],
]);

/** What a problem in the address means; nothing for what is none of ours: no text from outside is shown. */
export function upstreamProblem(code: string | null): string | undefined {
  return code === null ? undefined : TEXTS.get(code);
}
