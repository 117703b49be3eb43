// Text typed and not yet with the server. It lives outside the components: going to another page, a failed save or
// a lost session loses nothing that was typed in this tab.
import { asProblem, type Problem } from "../api/problem";

/** How long one stops typing before it is saved. */
export const PAUSE_MS = 700;

type Save = (value: string) => Promise<void>;

export interface Draft {
  readonly value: string;
  readonly save: Save;
  readonly problem: Problem | null;
}

export type SaveStatus = "saved" | "saving" | "failed";

const drafts = new Map<string, Draft>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const saving = new Map<string, Promise<void>>();
const watchers = new Set<() => void>();

function changed(): void {
  for (const watcher of watchers) watcher();
}

export function watchDrafts(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function draftOf(key: string): Draft | undefined {
  return drafts.get(key);
}

export function saveStatus(): SaveStatus {
  if ([...drafts.values()].some((draft) => draft.problem !== null)) return "failed";
  return drafts.size > 0 ? "saving" : "saved";
}

function stopTimer(key: string): void {
  clearTimeout(timers.get(key));
  timers.delete(key);
}

/** Keeps what was typed, and saves it when the typing pauses. */
export function keepDraft(key: string, value: string, save: Save): void {
  drafts.set(key, { value, save, problem: null });
  stopTimer(key);
  timers.set(
    key,
    setTimeout(() => void saveDraft(key), PAUSE_MS),
  );
  changed();
}

/** Saves one text now. What was typed while an earlier save was under way follows it. */
export async function saveDraft(key: string): Promise<void> {
  stopTimer(key);
  while (saving.has(key)) await saving.get(key);
  const draft = drafts.get(key);
  if (!draft) return;
  const now = trySave(key, draft);
  saving.set(key, now);
  await now;
}

async function trySave(key: string, draft: Draft): Promise<void> {
  let problem: Problem | null = null;
  try {
    await draft.save(draft.value);
  } catch (thrown) {
    problem = asProblem(thrown);
  }
  saving.delete(key);
  // Typed on meanwhile: that text has its own timer.
  if (drafts.get(key) !== draft) return;
  // What was deleted meanwhile needs no text any more.
  if (problem === null || problem.status === 404) drafts.delete(key);
  else drafts.set(key, { ...draft, problem });
  changed();
}

/** Waits until everything typed is with the server; says whether it is. */
export async function saveDrafts(): Promise<boolean> {
  await Promise.all([...drafts.keys()].map(saveDraft));
  return drafts.size === 0;
}

/** Forgets texts whose key begins so; all of them without one. */
export function forgetDrafts(prefix = ""): void {
  for (const key of [...drafts.keys()]) {
    if (!key.startsWith(prefix)) continue;
    stopTimer(key);
    drafts.delete(key);
  }
  changed();
}

if (typeof window !== "undefined") {
  // Leaving the page with unsaved text asks first.
  window.addEventListener("beforeunload", (event) => {
    if (drafts.size > 0) event.preventDefault();
  });
}
