import { useQuery } from "@tanstack/react-query";
import { ChevronRight, Pencil, Play, Square } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { languagesQuery } from "../api/queries";
import type { Lab } from "../api/types";
import { useShortcut } from "../shell/shortcuts";
import { Button } from "../ui/Button";
import { bytes } from "../ui/format";
import { Ago } from "../ui/Time";
import { DeleteLab } from "./DeleteLab";
import { renameLab } from "./edit";
import { useLabJobs } from "./live";
import { isLive } from "./liveState";
import { cancelJob, startRun } from "./startRun";
import { canRun, tally, tallyText } from "./status";
import { tabPath, type Tab } from "./tabs";
import { TallyBar } from "./TallyBar";
import { useSaveStatus } from "./useDraft";

export function LabHeader({ lab, tab }: { lab: Lab; tab: Tab }) {
  const [, navigate] = useLocation();
  const jobs = useLabJobs(lab.id);
  const running = jobs.findLast((job) => isLive(job) && Object.keys(job.tasks).length > 0);
  const languages = useQuery(languagesQuery).data?.items;
  const runnable = lab.tasks.filter((task) => task.included && canRun(task, languages));
  const ready = lab.state === "ready";
  const sum = tally(lab, jobs);
  const runAll = () => {
    if (!running && runnable.length > 0) {
      void startRun(
        lab.id,
        runnable.map((task) => task.id),
      );
    }
  };
  useShortcut("Shift+R", "Run all included tasks", runAll, "This page", ready);
  useShortcut("e", "Go to the report", () => { navigate(tabPath(lab.id, tab === "report" ? "tasks" : "report")); }, "This page", ready);
  return (
    <header className="lab-head">
      <nav aria-label="Breadcrumb" className="crumbs small muted">
        <Link href="/labs">Labs</Link>
        <ChevronRight size={14} aria-hidden />
        <span className="truncate">{lab.source.name}</span>
      </nav>
      <div className="page-head">
        <div className="grow">
          <Title lab={lab} />
        </div>
        <div className="inline">
          {ready && (
            <>
              <span className="head-tally" title={tallyText(sum)}>
                <TallyBar tally={sum} />
                <span className="tiny muted number">
                  {sum.good} of {sum.total} succeeded
                </span>
              </span>
              {running ? (
                <Button icon={<Square size={14} />} onClick={() => void cancelJob(running.jobId)}>
                  Cancel run
                </Button>
              ) : (
                <Button look="primary" icon={<Play size={14} />} disabled={runnable.length === 0} title="Run all included tasks (Shift+R)" onClick={runAll}>
                  Run all
                </Button>
              )}
            </>
          )}
          <DeleteLab lab={lab} iconOnly />
        </div>
      </div>
      <p className="tiny muted dots">
        <span className="number">{bytes(lab.source.size)}</span>
        <span>
          uploaded <Ago at={lab.created_at} />
        </span>
        {ready && <SaveStatus />}
      </p>
    </header>
  );
}

function SaveStatus() {
  const status = useSaveStatus();
  return (
    <span role="status" data-save={status}>
      {status === "saved" ? "all changes saved" : status === "saving" ? "saving…" : "not saved"}
    </span>
  );
}

function Title({ lab }: { lab: Lab }) {
  const [draft, setDraft] = useState<string | null>(null);
  if (draft === null) {
    return (
      <div className="title-line">
        <h1>{lab.title}</h1>
        <Button look="quiet" icon={<Pencil size={14} />} label="Rename" onClick={() => { setDraft(lab.title); }} />
      </div>
    );
  }
  const done = () => {
    const title = draft.trim();
    setDraft(null);
    if (title !== "" && title !== lab.title) void renameLab(lab, title);
  };
  return (
    <form
      className="title-line"
      onSubmit={(event) => {
        event.preventDefault();
        done();
      }}
    >
      <h1 className="visually-hidden">{lab.title}</h1>
      <input
        className="input title-input"
        aria-label="Title"
        maxLength={200}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked to type here
        autoFocus
        value={draft}
        onChange={(event) => { setDraft(event.target.value); }}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key === "Escape") setDraft(null);
        }}
      />
    </form>
  );
}
