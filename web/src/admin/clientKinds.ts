// The kinds of applications that an admin sets up, and what each says of itself to the server (RFC 7591).
import type { ClientMetadata } from "../api/types";

export type ClientKind = "site" | "installed" | "service";

export const CLIENT_KINDS: readonly { kind: ClientKind; text: string; detail: string }[] = [
  { kind: "site", text: "A site", detail: "It runs on a server and can keep a secret; people let it in." },
  { kind: "installed", text: "An installed program", detail: "It runs with its users and can keep none; people let it in." },
  { kind: "service", text: "A service", detail: "It acts by itself, with one account." },
];

export interface ClientWish {
  kind: ClientKind;
  name: string;
  /** One address on each line. */
  redirects: string;
  scopes: readonly string[];
}

/** The addresses that were typed, one on each line. */
export function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** What is asked of the server for a kind. */
export function metadataOf({ kind, name, redirects, scopes }: ClientWish): ClientMetadata {
  const common = { client_name: name.trim(), scope: scopes.join(" ") };
  if (kind === "service") {
    return { ...common, redirect_uris: [], grant_types: ["client_credentials"], token_endpoint_auth_method: "client_secret_basic" };
  }
  return {
    ...common,
    redirect_uris: lines(redirects),
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: kind === "site" ? "client_secret_basic" : "none",
  };
}

/** Which kind an application is, from what it says of itself. */
export function kindOf(metadata: ClientMetadata): ClientKind {
  if (metadata.grant_types?.includes("client_credentials") === true) return "service";
  return metadata.token_endpoint_auth_method === "none" ? "installed" : "site";
}
