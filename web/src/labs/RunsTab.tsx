// Every run of a lab, newest first: a line of time each, opened for its output.
import { useInfiniteQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { labRunsQuery } from "../api/queries";
import type { Lab, Run } from "../api/types";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { duration } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { useLabJobs } from "./live";
import { isLive } from "./liveState";
import { RunResult } from "./RunPanel";
import { runTitle, verdict } from "./status";
import { StatusIcon } from "./StatusIcon";
import { tabPath } from "./tabs";

export function RunsTab({ lab }: { lab: Lab }) {
  const runs = useInfiniteQuery(labRunsQuery(lab.id));
  const { refetch } = runs;
  const busy = useLabJobs(lab.id).some(isLive);
  useEffect(() => {
    if (!busy) void refetch();
  }, [busy, refetch]);
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const longest = Math.max(1, ...items.map((run) => run.usage.wall_ms));
  return (
    <section className="stack" aria-label="Run history">
      {runs.error && <ProblemNote error={runs.error} retry={() => void refetch()} />}
      <div className="card">
        {runs.isPending && <SkeletonRows label="Runs are loading" />}
        {runs.data && items.length === 0 && (
          <Empty
            icon={<History size={28} aria-hidden />}
            title="Nothing has run yet"
            actions={
              <Link href={tabPath(lab.id, "tasks")} className="button" data-look="primary">
                Go to the tasks
              </Link>
            }
          >
            Each run of a task is kept here with its output, its use of time and memory, and how it was isolated.
          </Empty>
        )}
        <ul className="rows">
          {items.map((run) => (
            <RunLine key={run.id} run={run} lab={lab} longest={longest} />
          ))}
        </ul>
      </div>
      {runs.hasNextPage && (
        <div className="more">
          <Button busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            Show older runs
          </Button>
        </div>
      )}
    </section>
  );
}

function RunLine({ run, lab, longest }: { run: Run; lab: Lab; longest: number }) {
  const [open, setOpen] = useState(false);
  const { tone, short } = verdict(run);
  const at = run.finished_at ?? run.started_at;
  return (
    <li>
      <details className="run-line" onToggle={(event) => { setOpen(event.currentTarget.open); }}>
        <summary>
          <StatusIcon tone={tone} />
          <span className="run-task">{runTitle(run, lab.tasks)}</span>
          <span className="run-verdict muted">{short}</span>
          <span className="run-time" data-tone={tone}>
            {run.exit && <span style={{ width: `${String(Math.max(1, (100 * run.usage.wall_ms) / longest))}%` }} />}
          </span>
          <span className="run-wall number muted">{run.exit ? duration(run.usage.wall_ms) : ""}</span>
          <span className="run-when muted">{at && <Ago at={at} />}</span>
        </summary>
        {open && <RunResult run={run} />}
      </details>
    </li>
  );
}
