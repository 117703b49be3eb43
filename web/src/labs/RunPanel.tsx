// What the last run of a task did: verdict, output, usage, isolation, picture.
import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { runQuery } from "../api/queries";
import type { Lab, Run, Task } from "../api/types";
import { bytes, duration, memory } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { Skeleton } from "../ui/Skeleton";
import { Ago, Elapsed } from "../ui/Time";
import { useCodeChanged } from "./codeChanged";
import { isolationLayer } from "./isolation";
import { livePieces, liveTask, useLabJobs } from "./live";
import type { LiveTask, Piece } from "./liveState";
import { Output } from "./Output";
import { Picture } from "./Picture";
import { verdict } from "./status";
import { StatusIcon } from "./StatusIcon";

export function RunPanel({ lab, task }: { lab: Lab; task: Task }) {
  const jobs = useLabJobs(lab.id);
  const live = liveTask(jobs, task.id);
  const runId = live ? live.task.runId : (task.last_run?.id ?? null);
  const run = useQuery({ ...runQuery(runId ?? ""), enabled: runId !== null });
  const changed = useCodeChanged(task.code, run.data?.code_sha256);
  if (live && runId === null) return <Going live={live.task} since={null} />;
  if (runId === null) {
    return <p className="muted small run-none">Not run yet. Run it to see its output here.</p>;
  }
  if (run.error && !run.data) return <ProblemNote error={run.error} retry={() => void run.refetch()} />;
  const state = live?.task.state ?? run.data?.state;
  if (state === "queued" || state === "running") return <Going live={live?.task ?? livePieces(jobs, task.id, runId)} since={run.data?.started_at ?? null} />;
  if (!run.data) return <Skeleton width="100%" height={160} />;
  return <RunResult run={run.data} changed={changed} streamed={livePieces(jobs, task.id, runId)} />;
}

function Going({ live, since }: { live: LiveTask | undefined; since: string | null }) {
  const { long } = verdict({ state: live?.state ?? "running" });
  return (
    <section className="card run" aria-label="Run" aria-busy="true">
      <div className="verdict">
        <StatusIcon tone="live" />
        <p role="status">
          <strong>{long}</strong>
        </p>
        <span className="grow" />
        {since !== null && (
          <span className="tiny muted">
            <Elapsed since={since} />
          </span>
        )}
      </div>
      <Output pieces={live?.pieces ?? []} cut={live?.cut === true} empty="No output so far" live />
    </section>
  );
}

function piecesOf(run: Run): Piece[] {
  const pieces: Piece[] = [
    { stream: "stdout", text: run.stdout },
    { stream: "stderr", text: run.stderr },
  ];
  return pieces.filter((piece) => piece.text !== "");
}

interface RunResultProps {
  run: Run;
  /** Whether the code is another by now. */
  changed?: boolean;
  /** What was seen while it ran: of a cancelled run nothing else is left. */
  streamed?: LiveTask | undefined;
}

export function RunResult({ run, changed = false, streamed }: RunResultProps) {
  const { tone, short, long } = verdict(run);
  const at = run.finished_at ?? run.started_at;
  const pieces = run.state === "cancelled" && streamed ? streamed.pieces : piecesOf(run);
  return (
    <section className="card run" aria-label="Last run">
      <div className="verdict" data-tone={tone}>
        <StatusIcon tone={tone} />
        <p role="status">
          <strong>{short}.</strong> {long}
          {changed && <span className="muted"> The code has changed since.</span>}
        </p>
        <span className="grow" />
        {at && (
          <span className="tiny muted">
            <Ago at={at} />
          </span>
        )}
      </div>
      <Output pieces={pieces} cut={false} empty={run.state === "cancelled" ? "No output was kept" : "The program wrote nothing"} />
      {run.truncated && <p className="tiny muted run-note">The output was longer than the limit; the rest is not kept.</p>}
      {run.files.length > 0 && (
        <ul className="files">
          {run.files.map((file) => (
            <li key={file.name}>
              <a href={file.url} download>
                {file.name}
              </a>{" "}
              <span className="tiny muted number">{bytes(file.size)}</span>
            </li>
          ))}
        </ul>
      )}
      {run.exit && <Usage run={run} />}
      {run.exit && <Picture runId={run.id} />}
    </section>
  );
}

function Usage({ run }: { run: Run }) {
  const { usage } = run;
  const { layers } = run.isolation;
  return (
    <div className="usage">
      <dl>
          <div>
            <dt>Time</dt>
            <dd className="number">{duration(usage.wall_ms)}</dd>
          </div>
          <div>
            <dt>CPU</dt>
            <dd className="number">{duration(usage.cpu_ms)}</dd>
          </div>
          <div>
            <dt>Peak memory</dt>
            <dd className="number">{memory(usage.peak_memory_bytes)}</dd>
          </div>
          <div>
            <dt>Processes</dt>
            <dd className="number">{usage.processes}</dd>
          </div>
      </dl>
      {layers.length > 0 && (
        <details>
          <summary>
            <ShieldCheck size={14} data-tone="good" aria-hidden /> Isolated by {layers.length} layers
          </summary>
          <ul className="layers">
            {layers.map((layer) => {
              const { name, text } = isolationLayer(layer);
              return (
                <li key={layer}>
                  <strong>{name}</strong>
                  <span className="muted">{text}</span>
                </li>
              );
            })}
          </ul>
        </details>
      )}
    </div>
  );
}
