// Tasks out of a file of another program: first what would come, then the import.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import type { TaskImport } from "../api/types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { count } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { toast } from "../ui/toasts";
import { lookAgain } from "./act";
import { columnsIn, FIELDS, needsTitle, type Mapping } from "./columns";
import { dueText } from "./due";

const FORMATS = [
  ["", "Find out"],
  ["stoa", "Stoa (JSON)"],
  ["todoist", "Todoist (CSV)"],
  ["vikunja", "Vikunja (data.json)"],
  ["microsoft_todo", "Microsoft To Do (JSON)"],
  ["csv", "A table (CSV)"],
] as const;

const NAMES: Record<TaskImport["format"], string> = {
  stoa: "a file of Stoa",
  todoist: "a project of Todoist",
  vikunja: "an export of Vikunja",
  microsoft_todo: "lists of Microsoft To Do",
  csv: "a table",
};

/** What is to be read, and how. */
interface Wish {
  file: File;
  format: string;
  mapping: Mapping;
}

function send({ file, format, mapping }: Wish, dryRun: boolean): Promise<TaskImport> {
  const form = new FormData();
  if (format !== "") form.append("format", format);
  if (Object.keys(mapping).length > 0) form.append("mapping", JSON.stringify(mapping));
  form.append("dry_run", String(dryRun));
  form.append("file", file, file.name);
  // The browser writes the form and its boundary itself; the types know only the fields.
  const body = form as unknown as { file: string };
  return answer(api.POST("/api/v1/tasks/import", { body, bodySerializer: () => form }));
}

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [format, setFormat] = useState("");
  const [mapping, setMapping] = useState<Mapping>({});
  const [columns, setColumns] = useState<string[]>([]);
  const look = useMutation({ mutationFn: (wish: Wish) => send(wish, true) });
  const take = useMutation({
    mutationFn: (wish: Wish) => send(wish, false),
    onSuccess: async (report) => {
      toast("good", `Imported ${count(report.added, "task")}.`);
      onClose();
      await lookAgain();
    },
  });
  const isTable = (format: string) => format === "" || format === "csv";
  const preview = (file: File | null, format: string, mapping: Mapping, columns: readonly string[]) => {
    setFile(file);
    setFormat(format);
    setMapping(mapping);
    take.reset();
    // What can only be refused is not asked.
    if (file && !(isTable(format) && needsTitle(columns, mapping))) look.mutate({ file, format, mapping });
    else look.reset();
  };
  const choose = async (file: File | null) => {
    const columns = file ? await columnsIn(file) : [];
    setColumns(columns);
    preview(file, format, {}, columns);
  };
  const report = look.data;
  return (
    <Dialog title="Import tasks" onClose={onClose} className="wide">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (file) take.mutate({ file, format, mapping });
        }}
      >
        <div className="pair">
          <Field label="File" hint="CSV or JSON, up to 5 MB. Nothing is saved before you say so.">
            {(ids) => <input className="input" type="file" accept=".csv,.json,text/csv,application/json" onChange={(event) => { void choose(event.target.files?.[0] ?? null); }} {...ids} />}
          </Field>
          <Field label="Made by">
            {(ids) => (
              <select className="input" value={format} onChange={(event) => { preview(file, event.target.value, {}, columns); }} {...ids}>
                {FORMATS.map(([value, text]) => (
                  <option key={value} value={value}>
                    {text}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        {columns.length > 0 && isTable(format) && (report === undefined || report.format === "csv") && (
          <Columns columns={columns} mapping={mapping} onMapping={(mapping) => { preview(file, format, mapping, columns); }} />
        )}
        <div role="status">
          {look.error && <ProblemNote error={look.error} />}
          {take.error && <ProblemNote error={take.error} />}
          {report && file && <Preview report={report} />}
        </div>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={take.isPending || look.isPending} disabled={!file || (report?.added ?? 0) === 0}>
            {report ? `Import ${count(report.added, "task")}` : "Import"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface ColumnsProps {
  columns: readonly string[];
  mapping: Mapping;
  onMapping: (mapping: Mapping) => void;
}

const USUAL = "\n";

/** What is in which column, where its name does not say so. */
function Columns({ columns, mapping, onMapping }: ColumnsProps) {
  const lost = needsTitle(columns, mapping);
  return (
    <details open={lost || Object.keys(mapping).length > 0}>
      <summary className="small">What is in which column</summary>
      <div className="columns">
        {FIELDS.map(([field, label]) => (
          <Field key={field} label={label} wrong={field === "title" && lost ? "no column is called so: say which one holds the titles" : undefined}>
            {(ids) => (
              <select
                className="input"
                value={mapping[field] ?? USUAL}
                onChange={(event) => {
                  const rest = Object.fromEntries(Object.entries(mapping).filter(([name]) => name !== field));
                  onMapping(event.target.value === USUAL ? rest : { ...rest, [field]: event.target.value });
                }}
                {...ids}
              >
                <option value={USUAL}>Go by the names</option>
                {field !== "title" && <option value="">Nowhere</option>}
                {columns.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        ))}
      </div>
    </details>
  );
}

function Preview({ report }: { report: TaskImport }) {
  const now = new Date();
  return (
    <div className="stack">
      <p className="small">
        Read as {NAMES[report.format]}: <strong>{count(report.added, "new task")}</strong>
        {report.completed > 0 && `, ${String(report.completed)} of them done`}
        {report.known > 0 && `; ${count(report.known, "task")} imported before, left as they are`}
        {report.skipped > 0 && `; ${count(report.skipped, "task")} left out`}.
      </p>
      {report.first.length > 0 && (
        <ul className="preview" aria-label="The first of them">
          {report.first.map((row) => (
            <li key={row.line}>
              <span className="truncate" data-done={row.completed ? "" : undefined}>
                {row.title}
              </span>
              <span className="tiny muted dots">
                {row.due_at != null && <span>due {dueText(row.due_at, now)}</span>}
                {row.recurrence_text != null && <span>{row.recurrence_text}</span>}
                {row.project != null && <span>{row.project}</span>}
                {row.tags.map((tag) => (
                  <span key={tag}>#{tag}</span>
                ))}
              </span>
            </li>
          ))}
        </ul>
      )}
      {report.problems.length > 0 && (
        <details>
          <summary className="small">{count(report.problems_total, "thing")} could not be taken as written</summary>
          <ul className="problems tiny">
            {report.problems.map((one) => (
              <li key={`${String(one.line)} ${one.field} ${one.detail}`}>
                <span className="muted">Line {one.line}, {one.field.replace(/_/g, " ")}:</span> {one.detail}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
