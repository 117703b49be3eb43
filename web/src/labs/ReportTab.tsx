// Making the report: how it looks, what is in it and where, then the file. Earlier ones stay below.
import { useMutation, useQuery } from "@tanstack/react-query";
import { FileDown, FileText } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { queryClient, reportsQuery } from "../api/queries";
import type { Lab } from "../api/types";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Field } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { Segments } from "../ui/Segments";
import { SkeletonRows } from "../ui/Skeleton";
import { saveDrafts } from "./drafts";
import { follow, useJob } from "./live";
import { byPosition, move } from "./order";
import { Image } from "./Picture";
import { ReportOrder } from "./ReportOrder";
import { LatestReport, ReportRow } from "./ReportRow";
import { themeLikePage, THEMES, type Theme } from "./themes";

type Placement = "below_question" | "end";

const PLACEMENTS: readonly { value: Placement; label: string }[] = [
  { value: "below_question", label: "Below each question" },
  { value: "end", label: "All at the end" },
];

function suggestedName(lab: Lab): string {
  const base = lab.title
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}_ -]+/gu, "")
    .trim()
    .replace(/\s+/g, "-")
    .slice(0, 80);
  return `${base === "" ? "report" : base}-report`;
}

export function ReportTab({ lab }: { lab: Lab }) {
  const reports = useQuery(reportsQuery(lab.id));
  const [theme, setTheme] = useState<Theme>(themeLikePage);
  const [placement, setPlacement] = useState<Placement>("below_question");
  const [evidence, setEvidence] = useState(true);
  const [name, setName] = useState(() => suggestedName(lab));
  const [order, setOrder] = useState<readonly string[] | null>(null);

  const included = byPosition(lab.tasks).filter((task) => task.included);
  const ids = included.map((task) => task.id);
  const kept = (order ?? []).filter((id) => ids.includes(id));
  const chosen = [...kept, ...ids.filter((id) => !kept.includes(id))];
  const tasks = chosen.flatMap((id) => included.filter((task) => task.id === id));

  const build = useMutation({
    mutationFn: async () => {
      await saveDrafts();
      const body = { format: "docx" as const, tasks: chosen, theme, placement, evidence, filename: `${name.trim() || "report"}.docx` };
      return answer(api.POST("/api/v1/labs/{id}/reports", { params: { path: { id: lab.id } }, body }));
    },
    onSuccess: ({ job }) => {
      follow(lab.id, job);
      void queryClient.invalidateQueries({ queryKey: reportsQuery(lab.id).queryKey });
    },
  });
  const job = useJob(build.data?.job.id);
  const items = reports.data?.items ?? [];
  const latest = items[0];
  const earlier = items.slice(1);
  const building = build.isPending || latest?.state === "building";
  const preview = tasks.find((task) => task.last_run?.state === "succeeded")?.last_run ?? tasks.find((task) => task.last_run)?.last_run;

  return (
    <div className="report-body">
      <form
        className="card report-form"
        aria-label="New report"
        onSubmit={(event) => {
          event.preventDefault();
          build.mutate();
        }}
      >
        <h2>New report</h2>
        <div className="field">
          <span className="label">Look of code and output</span>
          <Segments legend="Look of code and output" options={THEMES} value={theme} onValue={setTheme} />
        </div>
        {preview && <Image key={`${preview.id} ${theme}`} runId={preview.id} theme={theme} />}
        <div className="field">
          <span className="label">Where the answers stand</span>
          <Segments legend="Where the answers stand" options={PLACEMENTS} value={placement} onValue={setPlacement} />
        </div>
        <ReportOrder
          tasks={tasks}
          onMove={(from, to) => {
            setOrder(move(chosen, from, to));
          }}
        />
        <Field label="File name">
          {(ids) => (
            <span className="with-suffix">
              <input
                className="input"
                maxLength={120}
                value={name}
                onChange={(event) => {
                  setName(event.target.value);
                }}
                {...ids}
              />
              <span className="muted small">.docx</span>
            </span>
          )}
        </Field>
        <label className="check">
          <input
            type="checkbox"
            checked={evidence}
            onChange={(event) => {
              setEvidence(event.target.checked);
            }}
          />
          <span>
            With evidence
            <span className="hint">The report ends with hashes of code and output, limits and times, so that anyone can check it.</span>
          </span>
        </label>
        {build.error && <ProblemNote error={build.error} />}
        <div className="actions">
          <Button type="submit" look="primary" icon={<FileText size={15} />} busy={building} disabled={tasks.length === 0}>
            {building ? "Building…" : "Build the report"}
          </Button>
        </div>
      </form>
      <section className="stack" aria-label="Reports">
        {reports.error && <ProblemNote error={reports.error} retry={() => void reports.refetch()} />}
        {reports.isPending && (
          <div className="card">
            <SkeletonRows rows={2} label="Reports are loading" />
          </div>
        )}
        {reports.data && !latest && (
          <div className="card">
            <Empty icon={<FileDown size={28} aria-hidden />} title="No report yet">
              Build one: it has each question with your code, its output and a picture of both.
            </Empty>
          </div>
        )}
        {latest && <LatestReport report={latest} job={latest.job_id === job?.jobId ? job : undefined} />}
        {earlier.length > 0 && (
          <>
            <h2>Earlier reports</h2>
            <ul className="card rows">
              {earlier.map((report) => (
                <ReportRow key={report.id} report={report} />
              ))}
            </ul>
          </>
        )}
      </section>
    </div>
  );
}
