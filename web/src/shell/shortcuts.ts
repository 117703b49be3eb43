// Keys that act anywhere on a page. Each page registers its own while it is shown; `?` lists what is there now.
import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Shortcut {
  /** Keys with a blank between for a sequence: "g l"; "Shift+R"; "Mod+k". */
  keys: string;
  text: string;
  group: string;
}

interface Registered extends Shortcut {
  run: () => void;
}

const OFF_KEY = "stoa.shortcuts";
const SEQUENCE_MS = 1_000;
let registered: readonly Registered[] = [];
let enabled = readEnabled();
let pending = "";
let pendingSince = 0;
const watchers = new Set<() => void>();

function readEnabled(): boolean {
  try {
    return localStorage.getItem(OFF_KEY) !== "off";
  } catch {
    return true;
  }
}

function changed(): void {
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Single-letter keys get in the way of speech control, so they can be switched off (WCAG 2.1.4). */
export function enableLetters(on: boolean): void {
  enabled = on;
  try {
    if (on) localStorage.removeItem(OFF_KEY);
    else localStorage.setItem(OFF_KEY, "off");
  } catch {
    // Then the choice holds until the tab is closed.
  }
  changed();
}

export function useLettersEnabled(): boolean {
  return useSyncExternalStore(watch, () => enabled);
}

export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(watch, () => registered);
}

export function useShortcut(keys: string, text: string, run: () => void, group = "This page", active = true): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!active) return;
    const entry: Registered = {
      keys,
      text,
      group,
      run: () => {
        latest.current();
      },
    };
    registered = [...registered, entry];
    changed();
    return () => {
      registered = registered.filter((one) => one !== entry);
      changed();
    };
  }, [keys, text, group, active]);
}

/** How a pressed key is written in `keys`; null for a bare modifier. */
export function nameOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string | null {
  const { key } = event;
  if (["Shift", "Control", "Alt", "Meta"].includes(key)) return null;
  const mods = [event.ctrlKey || event.metaKey ? "Mod" : "", event.altKey ? "Alt" : ""];
  const letter = /^[a-z]$/i.test(key);
  if (event.shiftKey && (letter || key.length > 1)) mods.push("Shift");
  const name = letter ? (event.shiftKey ? key.toUpperCase() : key.toLowerCase()) : key;
  return [...mods.filter(Boolean), name].join("+");
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  if (name === null) return;
  const withModifier = name.includes("Mod+") || name.includes("Alt+");
  if (document.querySelector("dialog[open]")) return;
  if (!withModifier && (!enabled || isTyping(event.target))) return;
  const sequence = pending !== "" && event.timeStamp - pendingSince < SEQUENCE_MS ? `${pending} ${name}` : name;
  const match = registered.findLast((one) => one.keys === sequence) ?? registered.findLast((one) => one.keys === name);
  pending = "";
  if (match) {
    event.preventDefault();
    match.run();
  } else if (registered.some((one) => one.keys.startsWith(`${name} `))) {
    pending = name;
    pendingSince = event.timeStamp;
  }
}

/** Starts listening; called once by the shell. */
export function listenForShortcuts(): () => void {
  document.addEventListener("keydown", onKeyDown);
  return () => {
    document.removeEventListener("keydown", onKeyDown);
  };
}

const isMac = typeof navigator !== "undefined" && navigator.userAgent.includes("Mac");

/** Keys as they are printed on this keyboard. */
export function keyCaps(keys: string): string[][] {
  return keys.split(" ").map((chord) =>
    chord.split("+").map((key) => {
      if (key === "Mod") return isMac ? "⌘" : "Ctrl";
      if (key === "ArrowUp") return "↑";
      if (key === "ArrowDown") return "↓";
      return key.length === 1 ? key.toUpperCase() : key;
    }),
  );
}
