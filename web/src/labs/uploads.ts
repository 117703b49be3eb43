// Files on their way to the server, kept outside the components: leaving the page does not stop them.
import { useSyncExternalStore } from "react";
import { labQuery, queryClient } from "../api/queries";
import { asProblem, type Problem } from "../api/problem";
import { uploadLab } from "../api/upload";
import { follow } from "./live";

export interface Upload {
  id: number;
  name: string;
  sent: number;
  total: number;
  problem: Problem | null;
  /** The lab that was made of it. */
  labId: string | null;
  cancel: () => void;
}

type Navigate = (path: string) => void;

let uploads: readonly Upload[] = [];
let count = 0;
const watchers = new Set<() => void>();

function set(next: readonly Upload[]): void {
  uploads = next;
  for (const watcher of watchers) watcher();
}

function change(id: number, part: Partial<Upload>): void {
  set(uploads.map((one) => (one.id === id ? { ...one, ...part } : one)));
}

export function dismissUpload(id: number): void {
  set(uploads.filter((one) => one.id !== id));
}

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => uploads,
  );
}

export function forgetUploads(): void {
  for (const one of uploads) one.cancel();
  set([]);
}

/** Sends each file. A single one is opened as soon as the server has it; of several a list stays. */
export function startUploads(files: readonly File[], navigate: Navigate): void {
  for (const file of files) void send(file, files.length === 1 ? navigate : null);
}

async function send(file: File, navigate: Navigate | null): Promise<void> {
  count += 1;
  const id = count;
  const controller = new AbortController();
  const cancel = () => {
    controller.abort();
  };
  set([...uploads, { id, name: file.name, sent: 0, total: file.size, problem: null, labId: null, cancel }]);
  try {
    const progress = (sent: number, total: number) => {
      change(id, { sent, total });
    };
    const { lab, job } = await uploadLab(file, progress, controller.signal);
    follow(lab.id, job);
    void queryClient.invalidateQueries({ queryKey: ["labs"] });
    void queryClient.prefetchQuery(labQuery(lab.id));
    change(id, { sent: file.size, total: file.size, labId: lab.id });
    if (navigate) {
      dismissUpload(id);
      navigate(`/labs/${lab.id}`);
    }
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === "AbortError") dismissUpload(id);
    else change(id, { problem: asProblem(thrown) });
  }
}

export const ACCEPTED = ".docx,.md,.markdown,.txt";

/** Opens the browser's file chooser. */
export function chooseFiles(navigate: Navigate): void {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.accept = ACCEPTED;
  input.addEventListener("change", () => {
    startUploads([...(input.files ?? [])], navigate);
  });
  input.click();
}
