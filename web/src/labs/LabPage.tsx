// One lab: its tasks, its report, its runs.
import { useQuery } from "@tanstack/react-query";
import { FileWarning } from "lucide-react";
import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import { asProblem, sentence } from "../api/problem";
import { isUnderWay, labQuery, runQuery } from "../api/queries";
import type { Lab } from "../api/types";
import { NotFound } from "../shell/NotFound";
import { useTitle } from "../shell/Page";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { ProblemNote } from "../ui/ProblemNote";
import { Skeleton, SkeletonRows } from "../ui/Skeleton";
import { DeleteLab } from "./DeleteLab";
import { LabHeader } from "./LabHeader";
import { follow, useLabJobs } from "./live";
import { isLive } from "./liveState";
import { ReportTab } from "./ReportTab";
import { RunsTab } from "./RunsTab";
import { tabPath, type Tab } from "./tabs";
import { TasksTab } from "./TasksTab";
import { chooseFiles } from "./uploads";

export function LabPage({ id, tab }: { id: string; tab: Tab }) {
  const { data: lab, error, refetch } = useQuery(labQuery(id));
  useTitle(lab?.title ?? "Lab");
  useReattach(lab);
  if (error && !lab) {
    const problem = asProblem(error);
    if (problem.status === 404 || problem.status === 400) return <NotFound what="lab" />;
    return (
      <div className="page" data-narrow="">
        <h1>Lab</h1>
        <ProblemNote error={problem} retry={() => void refetch()} />
      </div>
    );
  }
  if (!lab) return <Loading />;
  return (
    <div className="page lab-page">
      <LabHeader lab={lab} tab={tab} />
      {lab.state === "parsing" && <Parsing lab={lab} />}
      {lab.state === "failed" && <Failed lab={lab} />}
      {lab.state === "ready" && (
        <>
          <nav className="tabs" aria-label="Parts of this lab">
            <Link href={tabPath(id, "tasks")} aria-current={tab === "tasks" ? "page" : undefined}>
              Tasks <span className="badge number">{lab.tasks.length}</span>
            </Link>
            <Link href={tabPath(id, "report")} aria-current={tab === "report" ? "page" : undefined}>
              Report
            </Link>
            <Link href={tabPath(id, "runs")} aria-current={tab === "runs" ? "page" : undefined}>
              Run history
            </Link>
          </nav>
          {tab === "tasks" && <TasksTab lab={lab} />}
          {tab === "report" && <ReportTab lab={lab} />}
          {tab === "runs" && <RunsTab lab={lab} />}
        </>
      )}
    </div>
  );
}

/** After a reload: what is under way is followed again, from the first event on. */
function useReattach(lab: Lab | undefined): void {
  const jobId = lab?.state === "parsing" ? lab.job_id : undefined;
  const labId = lab?.id;
  useEffect(() => {
    if (labId !== undefined && jobId !== undefined) follow(labId, { id: jobId, state: "running" });
  }, [labId, jobId]);

  // A run knows its job; the job tells all from the beginning.
  const runId = lab?.tasks.find((task) => isUnderWay(task.last_run?.state))?.last_run?.id;
  const following = useLabJobs(labId ?? "").some(isLive);
  const run = useQuery({ ...runQuery(runId ?? ""), enabled: runId !== undefined && !following }).data;
  const runJobId = run?.id === runId && isUnderWay(run?.state) ? run?.job_id : undefined;
  useEffect(() => {
    if (labId !== undefined && runJobId !== undefined) follow(labId, { id: runJobId, state: "running" });
  }, [labId, runJobId]);
}

function Loading() {
  return (
    <div className="page lab-page" aria-busy="true">
      <header className="page-head">
        <div className="grow stack" style={{ gap: 8 }}>
          <Skeleton width={80} height={12} />
          <Skeleton width={280} height={26} />
        </div>
      </header>
      <div className="lab-body">
        <div className="card">
          <SkeletonRows rows={5} label="The lab is loading" />
        </div>
        <Skeleton width="100%" height={420} />
      </div>
    </div>
  );
}

function Parsing({ lab }: { lab: Lab }) {
  const progress = useLabJobs(lab.id).findLast(isLive)?.progress;
  return (
    <section className="stack" aria-busy="true">
      <div role="status" className="stack" style={{ gap: 8 }}>
        <p>
          <strong>Finding the tasks in {lab.source.name}.</strong>{" "}
          <span className="muted">{progress?.note ? progress.note : "This takes a few seconds."}</span>
        </p>
        {progress && progress.total > 0 && <progress max={progress.total} value={progress.done} aria-label="Reading the file" />}
      </div>
      <div className="lab-body">
        <div className="card">
          <SkeletonRows rows={4} label="Tasks are being found" />
        </div>
        <Skeleton width="100%" height={320} />
      </div>
    </section>
  );
}

function Failed({ lab }: { lab: Lab }) {
  const [, navigate] = useLocation();
  const why = lab.problem ?? "The server gave no reason";
  return (
    <section className="card">
      <Empty
        icon={<FileWarning size={32} aria-hidden />}
        title="This file could not be read"
        actions={
          <>
            <Button look="primary" onClick={() => { chooseFiles(navigate); }}>
              Upload another file
            </Button>
            <DeleteLab lab={lab} />
          </>
        }
      >
        {sentence(why)} Save it again as DOCX, Markdown or plain text without a password, and upload that.
      </Empty>
    </section>
  );
}
