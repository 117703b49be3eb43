// "Confirm it is you": what changes credentials asks first, unless somebody proved a moment ago who they are.
import { useSyncExternalStore } from "react";
import { Problem } from "../api/problem";
import { factorsQuery, queryClient } from "../api/queries";
import type { Factors } from "../api/types";

export interface Asking {
  factors: Factors;
  done: (confirmed: boolean) => void;
}

/** Less than this is gone before a form is filled. */
const ENOUGH_SECONDS = 15;

let asking: Asking | null = null;
const watchers = new Set<() => void>();

function set(next: Asking | null): void {
  asking = next;
  for (const watcher of watchers) watcher();
}

async function confirm(factors: Factors): Promise<void> {
  const confirmed = await new Promise<boolean>((resolve) => {
    asking?.done(false);
    set({ factors, done: resolve });
  });
  set(null);
  if (!confirmed) throw new Cancelled();
  await queryClient.invalidateQueries({ queryKey: factorsQuery.queryKey });
}

/** The person changed their mind: nothing to say about it. */
export class Cancelled extends Error {}

/** Does what needs a fresh proof: asks for one before where it is missing (or `anew`), and again if it ran out meanwhile. */
export async function confirmed<T>(act: () => Promise<T>, anew = false): Promise<T> {
  const factors = await queryClient.fetchQuery({ ...factorsQuery, staleTime: 0 });
  if (anew || factors.fresh_seconds < ENOUGH_SECONDS) await confirm(factors);
  try {
    return await act();
  } catch (thrown) {
    if (!(thrown instanceof Problem && thrown.code === "reauthentication_required")) throw thrown;
    await confirm(factors);
    return act();
  }
}

export function useAsking(): Asking | null {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => asking,
  );
}
