// Short messages about something that happened away from where one looks. Used sparingly.
import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  tone: "good" | "bad";
  text: string;
  /** What can be done about it from here. */
  action?: { text: string; run: () => void };
}

const SHOWN_MS = 6_000;
let toasts: readonly Toast[] = [];
let count = 0;
const watchers = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const watcher of watchers) watcher();
}

export function dismiss(id: number): void {
  set(toasts.filter((one) => one.id !== id));
}

/** A bad toast stays until it is closed; a good one goes by itself. */
export function toast(tone: Toast["tone"], text: string, action?: Toast["action"]): void {
  count += 1;
  const id = count;
  set([...toasts.filter((one) => one.text !== text).slice(-2), { id, tone, text, ...(action && { action }) }]);
  if (tone === "good") {
    setTimeout(() => {
      dismiss(id);
    }, action ? SHOWN_MS * 2 : SHOWN_MS);
  }
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => toasts,
  );
}
