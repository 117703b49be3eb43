// Dark, light, or as the system says. The choice is kept in the browser under `stoa.theme`; nothing secret is.
import { useSyncExternalStore } from "react";

export type ThemeChoice = "system" | "light" | "dark";

const KEY = "stoa.theme";
const watchers = new Set<() => void>();

export function themeChoice(): ThemeChoice {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export function chooseTheme(choice: ThemeChoice): void {
  if (choice === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = choice;
  try {
    if (choice === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Storage may be closed to pages: then the choice holds until the tab is closed.
  }
  for (const watcher of watchers) watcher();
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(watch, themeChoice);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** What is in fact shown now; pictures follow it. */
export function isDark(): boolean {
  const choice = themeChoice();
  return choice === "system" ? matchMedia("(prefers-color-scheme: dark)").matches : choice === "dark";
}
