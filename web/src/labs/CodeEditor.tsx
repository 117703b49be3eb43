// The code editor. It loads when a task is opened, not before.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { loadLanguage } from "./languages";

interface CodeEditorProps {
  value: string;
  language: string;
  label: string;
  onChange: (value: string) => void;
  onBlur: () => void;
  onRun: () => void;
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.self], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.character], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: [tags.comment, tags.meta], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName)), tags.definition(tags.className), tags.className, tags.typeName], color: "var(--code-name)" },
]);

const look = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "transparent", color: "var(--text)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px", maxHeight: "60vh", minHeight: "140px" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--text-3)", border: "none", paddingLeft: "4px" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "light-dark(#c9dcff, #2a4a80)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)" },
});

/** The server sets it in the page, new for each answer; the editor's own style element carries it. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}

export function CodeEditor({ value, language, label, onChange, onBlur, onRun }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const syntax = useRef(new Compartment());
  const latest = useRef({ value, onChange, onBlur, onRun });
  useEffect(() => {
    latest.current = { value, onChange, onBlur, onRun };
  });

  useEffect(() => {
    if (!host.current) return;
    const extensions: Extension[] = [
      EditorView.cspNonce.of(nonce()),
      keymap.of([{ key: "Mod-Enter", run: () => (latest.current.onRun(), true) }]),
      lineNumbers(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      highlightActiveLine(),
      indentUnit.of("    "),
      keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
      syntaxHighlighting(colours),
      syntax.current.of([]),
      look,
      EditorView.contentAttributes.of({ "aria-label": `${label}. Escape, then Tab leaves the editor`, spellcheck: "false", autocapitalize: "off" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) latest.current.onChange(update.state.doc.toString());
      }),
      EditorView.domEventHandlers({
        blur: () => {
          latest.current.onBlur();
        },
      }),
    ];
    const editor = new EditorView({ state: EditorState.create({ doc: latest.current.value, extensions }), parent: host.current });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, [label]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    let current = true;
    const compartment = syntax.current;
    void loadLanguage(language).then((extension) => {
      if (current) view.current?.dispatch({ effects: compartment.reconfigure(extension) });
    });
    return () => {
      current = false;
    };
  }, [language, label]);

  return <div className="code" ref={host} />;
}
