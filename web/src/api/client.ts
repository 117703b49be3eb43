// The one way to the server: typed by the OpenAPI document, same origin, the session cookie and nothing else.
import createClient from "openapi-fetch";
import { asProblem, problemFrom } from "./problem";
import type { paths } from "./schema";

export const api = createClient<paths>({ credentials: "same-origin" });

let onSignedOut: () => void = () => undefined;

/** Says what happens when an answer is 401: the session is gone. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

export function signedOut(): void {
  onSignedOut();
}

interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Data, and the version that it is, for `If-Match`. */
export interface Versioned<T> {
  data: T;
  version: string;
}

/** The data of an answer together with its version. */
export async function versioned<T>(request: Promise<Reply<T>>): Promise<Versioned<T>> {
  let version = "";
  const noted = request.then((reply) => {
    version = reply.response.headers.get("etag") ?? "";
    return reply;
  });
  return { data: await answer(noted), version };
}

/** The data of an answer, or the problem thrown. Sign-in itself passes `quiet`: its 401 means something else. */
export async function answer<T>(request: Promise<Reply<T>>, quiet = false): Promise<T> {
  let reply: Reply<T>;
  try {
    reply = await request;
  } catch (thrown) {
    throw asProblem(thrown);
  }
  if (!reply.response.ok) {
    const problem = problemFrom(reply.response.status, reply.error, reply.response.headers);
    if (problem.status === 401 && !quiet) signedOut();
    throw problem;
  }
  return reply.data as T;
}
