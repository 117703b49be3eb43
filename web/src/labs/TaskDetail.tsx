// One task: its question, its code, and what the code did when it ran.
import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowLeft, ArrowUp, Play, Square, Trash2 } from "lucide-react";
import { lazy, Suspense, useId, useState } from "react";
import { asProblem } from "../api/problem";
import { languagesQuery } from "../api/queries";
import type { Lab, Language, Task } from "../api/types";
import { useShortcut } from "../shell/shortcuts";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { ProblemNote } from "../ui/ProblemNote";
import { toast } from "../ui/toasts";
import { saveDrafts } from "./drafts";
import { changeTask, patchTask, removeTask } from "./edit";
import { liveTask, useLabJobs } from "./live";
import { RunPanel } from "./RunPanel";
import { cancelJob, startRun } from "./startRun";
import { canRun } from "./status";
import { useDraft } from "./useDraft";

const CodeEditor = lazy(() => import("./CodeEditor").then((module) => ({ default: module.CodeEditor })));

interface TaskDetailProps {
  lab: Lab;
  task: Task;
  many: number;
  onBack: () => void;
}

export function TaskDetail({ lab, task, many, onBack }: TaskDetailProps) {
  const jobs = useLabJobs(lab.id);
  const live = liveTask(jobs, task.id);
  const question = useDraft(`${task.id}:question`, task.question, (value) => patchTask(lab.id, task.id, { question: value }));
  const code = useDraft(`${task.id}:code`, task.code, (value) => patchTask(lab.id, task.id, { code: value }));
  const stdin = useDraft(`${task.id}:stdin`, task.stdin, (value) => patchTask(lab.id, task.id, { stdin: value }));
  const languages = useQuery(languagesQuery).data?.items;
  const runnable = canRun({ ...task, code: code.value }, languages);
  const run = () => {
    if (!live && runnable) void startRun(lab.id, [task.id]);
  };
  useShortcut("r", "Run this task", run);
  useShortcut("Mod+Enter", "Run this task, also while typing", run);
  const problem = question.problem ?? code.problem ?? stdin.problem;
  const id = useId();
  return (
    <section className="task-detail" aria-label={`Task ${String(task.position + 1)}`}>
      <div className="task-head">
        <Button look="quiet" icon={<ArrowLeft size={15} />} onClick={onBack}>
          All tasks
        </Button>
        <h2>
          Task {task.position + 1}
          {task.origin === "added" && <span className="badge">added by you</span>}
        </h2>
        <TaskTools lab={lab} task={task} many={many} onRemoved={onBack} />
      </div>
      {problem && <ProblemNote error={problem} retry={() => void saveDrafts()} />}
      <div className="field">
        <label htmlFor={`${id}-question`}>Question</label>
        <textarea
          id={`${id}-question`}
          className="input question"
          rows={2}
          value={question.value}
          onChange={(event) => { question.change(event.target.value); }}
          onBlur={question.flush}
        />
      </div>
      <div className="editor card">
        <div className="editor-bar">
          <LanguageChoice lab={lab} task={task} languages={languages} />
          <span className="grow" />
          {live ? (
            <Button icon={<Square size={14} />} onClick={() => void cancelJob(live.job.jobId)}>
              Cancel
            </Button>
          ) : (
            <Button look="primary" icon={<Play size={14} />} disabled={!runnable} title="Run this task (R; while typing Ctrl or ⌘ with Enter)" onClick={run}>
              Run
            </Button>
          )}
        </div>
        <Suspense fallback={<pre className="code-wait">{code.value}</pre>}>
          <CodeEditor value={code.value} language={task.language} label={`Code of task ${String(task.position + 1)}`} onChange={code.change} onBlur={code.flush} onRun={run} />
        </Suspense>
        <details className="stdin" open={task.stdin !== "" || undefined}>
          <summary>Input for the program</summary>
          <textarea
            className="input"
            rows={3}
            spellCheck={false}
            aria-label="Input for the program (stdin)"
            placeholder="What the program reads from its standard input, line by line"
            value={stdin.value}
            onChange={(event) => { stdin.change(event.target.value); }}
            onBlur={stdin.flush}
          />
        </details>
      </div>
      <RunPanel lab={lab} task={task} />
    </section>
  );
}

function LanguageChoice({ lab, task, languages = [] }: { lab: Lab; task: Task; languages: readonly Language[] | undefined }) {
  const current = languages.find((one) => one.id === task.language);
  return (
    <div className="inline">
      <select
        className="input"
        aria-label="Language"
        value={task.language}
        onChange={(event) => { changeTask(lab.id, task.id, { language: event.target.value }); }}
      >
        {!current && <option value={task.language}>{task.language}</option>}
        {languages.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
            {one.available ? "" : " (not installed)"}
          </option>
        ))}
      </select>
      {languages.length > 0 && current?.available !== true && <span className="tiny muted">Cannot be run on this server, only reported</span>}
    </div>
  );
}

function TaskTools({ lab, task, many, onRemoved }: { lab: Lab; task: Task; many: number; onRemoved: () => void }) {
  const [asking, setAsking] = useState(false);
  const remove = async () => {
    setAsking(false);
    try {
      onRemoved();
      await removeTask(lab.id, task.id);
    } catch (thrown) {
      toast("bad", `Not deleted: ${asProblem(thrown).message}`);
    }
  };
  return (
    <div className="inline task-tools">
      <label className="check small">
        <input type="checkbox" checked={task.included} onChange={(event) => { changeTask(lab.id, task.id, { included: event.target.checked }); }} />
        Include
      </label>
      <Button look="quiet" icon={<ArrowUp size={15} />} label="Move up" disabled={task.position === 0} onClick={() => { changeTask(lab.id, task.id, { position: task.position - 1 }); }} />
      <Button look="quiet" icon={<ArrowDown size={15} />} label="Move down" disabled={task.position >= many - 1} onClick={() => { changeTask(lab.id, task.id, { position: task.position + 1 }); }} />
      <Button look="quiet" icon={<Trash2 size={15} />} label="Delete task" onClick={() => { setAsking(true); }} />
      {asking && (
        <Confirm title="Delete this task?" action="Delete task" onConfirm={() => void remove()} onClose={() => { setAsking(false); }}>
          Its question and code go with it. To leave it out of runs and the report only, take away its tick instead.
        </Confirm>
      )}
    </div>
  );
}
