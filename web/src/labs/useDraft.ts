// Text being typed: saved a moment after the last key, at once when one leaves or runs, kept when saving fails.
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { asProblem, type Problem } from "../api/problem";

const PAUSE_MS = 700;

interface Pending {
  timer: ReturnType<typeof setTimeout>;
  save: () => Promise<void>;
}

const pending = new Map<string, Pending>();
const saving = new Map<string, Promise<void>>();
const failed = new Map<string, Problem>();
const watchers = new Set<() => void>();
let status: "saved" | "saving" | "failed" = "saved";

function changed(): void {
  status = failed.size > 0 ? "failed" : pending.size + saving.size > 0 ? "saving" : "saved";
  for (const watcher of watchers) watcher();
}

export function useSaveStatus(): typeof status {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => status,
  );
}

function saveNow(key: string): Promise<void> {
  const waiting = pending.get(key);
  if (!waiting) return saving.get(key) ?? Promise.resolve();
  clearTimeout(waiting.timer);
  pending.delete(key);
  const now: Promise<void> = waiting
    .save()
    .then(
      () => {
        failed.delete(key);
      },
      (thrown: unknown) => {
        failed.set(key, asProblem(thrown));
      },
    )
    .finally(() => {
      if (saving.get(key) === now) saving.delete(key);
      changed();
    });
  saving.set(key, now);
  changed();
  return now;
}

/** Waits until everything typed is with the server; says whether it is. */
export async function saveDrafts(): Promise<boolean> {
  await Promise.all([...new Set([...pending.keys(), ...saving.keys()])].map(saveNow));
  return failed.size === 0;
}

export function useDraft(key: string, stored: string, save: (value: string) => Promise<void>) {
  const [draft, setDraft] = useState<string | null>(null);
  const latest = useRef(save);
  useEffect(() => {
    latest.current = save;
  });
  useEffect(() => () => void saveNow(key), [key]);
  return {
    value: draft ?? stored,
    problem: failed.get(key) ?? null,
    change: (value: string) => {
      setDraft(value);
      const before = pending.get(key);
      if (before) clearTimeout(before.timer);
      pending.set(key, {
        timer: setTimeout(() => void saveNow(key), PAUSE_MS),
        save: async () => {
          await latest.current(value);
          setDraft((now) => (now === value ? null : now));
        },
      });
      changed();
    },
    flush: () => void saveNow(key),
  };
}

if (typeof window !== "undefined") {
  // Leaving the page with unsaved text asks first.
  window.addEventListener("beforeunload", (event) => {
    if (status !== "saved") event.preventDefault();
  });
}
