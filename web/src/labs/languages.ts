// Syntax colours per language, each loaded when first needed. An unknown language is plain text.
import { StreamLanguage, type StreamParser } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

function legacy<State>(parser: StreamParser<State>): Extension {
  return StreamLanguage.define(parser);
}

export async function loadLanguage(id: string): Promise<Extension> {
  switch (id) {
    case "python":
      return (await import("@codemirror/lang-python")).python();
    case "c":
      return legacy((await import("@codemirror/legacy-modes/mode/clike")).c);
    case "cpp":
      return legacy((await import("@codemirror/legacy-modes/mode/clike")).cpp);
    case "java":
      return legacy((await import("@codemirror/legacy-modes/mode/clike")).java);
    case "javascript":
    case "node":
      return legacy((await import("@codemirror/legacy-modes/mode/javascript")).javascript);
    case "shell":
    case "bash":
      return legacy((await import("@codemirror/legacy-modes/mode/shell")).shell);
    default:
      return [];
  }
}
