import { useEffect, useSyncExternalStore } from "react";
import { draftOf, keepDraft, saveDraft, saveStatus, watchDrafts, type SaveStatus } from "./drafts";

export function useSaveStatus(): SaveStatus {
  return useSyncExternalStore(watchDrafts, saveStatus);
}

/** Text that is edited here and stored there. */
export function useDraft(key: string, stored: string, save: (value: string) => Promise<void>) {
  const draft = useSyncExternalStore(watchDrafts, () => draftOf(key));
  useEffect(
    () => () => {
      void saveDraft(key);
    },
    [key],
  );
  return {
    value: draft?.value ?? stored,
    problem: draft?.problem ?? null,
    change: (value: string) => {
      keepDraft(key, value, save);
    },
    flush: () => {
      void saveDraft(key);
    },
  };
}
