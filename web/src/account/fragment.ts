// What a link brings behind its `#`: a claim, a token, an invitation. No browser sends it to anybody.
import { useEffect, useState } from "react";

// What was taken out of the address bar, by name: React may draw twice, and the second time it is gone from there.
const taken = new Map<string, string>();

/** Takes all of it out of the address bar at once: it must not stay in the history. */
function take(name: string): string {
  const values = new URLSearchParams(window.location.hash.slice(1));
  if (values.has(name)) {
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    for (const [key, value] of values) taken.set(key, value);
  }
  return taken.get(name) ?? "";
}

/** Forgets what was brought: it was used, or is not wanted. */
export function forgetFragment(): void {
  taken.clear();
}

/** The part of the link with this name; empty where there is none. */
export function useFragment(name: string): string {
  const [value, setValue] = useState(() => take(name));
  useEffect(() => {
    // The link pasted into a tab that shows this page already: only the fragment changes.
    const pasted = () => {
      setValue(take(name));
    };
    window.addEventListener("hashchange", pasted);
    return () => {
      window.removeEventListener("hashchange", pasted);
    };
  }, [name]);
  return value;
}
