// Sending a file with byte progress. fetch cannot report how much was sent, so this is the one XMLHttpRequest.
import { signedOut } from "./client";
import { link } from "./links";
import { Problem, problemFrom } from "./problem";
import type { LabCreated } from "./types";

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

export function uploadLab(
  file: File,
  onProgress: (sent: number, total: number) => void,
  signal: AbortSignal,
): Promise<LabCreated> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", link("/api/v1/labs", {}));
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded, event.total);
    });
    request.addEventListener("load", () => {
      const body = json(request.responseText);
      if (request.status >= 200 && request.status < 300) {
        resolve(body as LabCreated);
        return;
      }
      if (request.status === 401) signedOut();
      reject(problemFrom(request.status, body, { get: (name) => request.getResponseHeader(name) }));
    });
    request.addEventListener("error", () => {
      reject(
        new Problem({
          status: 0,
          code: "unreachable",
          title: "Upload broken off",
          detail: "The connection broke before the file was through",
        }),
      );
    });
    request.addEventListener("abort", () => {
      reject(new DOMException("cancelled", "AbortError"));
    });
    signal.addEventListener("abort", () => {
      request.abort();
    });
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
}
