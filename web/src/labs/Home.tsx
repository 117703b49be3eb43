// The first page: what runs now, the labs touched last, and what to do with each.
import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { ArrowRight, FileUp, Upload } from "lucide-react";
import { Link, useLocation } from "wouter";
import { isBusy, labQuery, languagesQuery, labsQuery } from "../api/queries";
import type { Lab, LabRow } from "../api/types";
import { Page } from "../shell/Page";
import { useUser } from "../shell/session";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { count } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { Skeleton, SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { LabLink } from "./LabLink";
import { useLabJobs } from "./live";
import { isLive } from "./liveState";
import { nextStep, tally, tallyText } from "./status";
import { StatusIcon } from "./StatusIcon";
import { TallyBar } from "./TallyBar";
import { chooseFiles } from "./uploads";

const RECENT = 6;

export function Home() {
  const user = useUser();
  const [, navigate] = useLocation();
  const labs = useInfiniteQuery(labsQuery);
  const recent = (labs.data?.pages[0]?.items ?? []).slice(0, RECENT);
  const details = useQueries({ queries: recent.map((lab) => labQuery(lab.id)) });
  const running = details.flatMap(({ data }) => (isBusy(data) && data ? [data] : []));
  const upload = () => {
    chooseFiles(navigate);
  };
  return (
    <Page
      title={user === undefined ? "Home" : `Hello, ${user.display_name}`}
      actions={
        <Button look="primary" icon={<Upload size={15} />} onClick={upload}>
          Upload a lab
        </Button>
      }
    >
      {labs.error && <ProblemNote error={labs.error} retry={() => void labs.refetch()} />}
      {labs.data && recent.length === 0 && (
        <section className="card">
          <Empty
            icon={<FileUp size={32} aria-hidden />}
            title="Start with a lab assignment"
            actions={
              <Button look="primary" icon={<Upload size={15} />} onClick={upload}>
                Choose a file
              </Button>
            }
          >
            Drop a DOCX, Markdown or text file anywhere on this page. Stoa finds its tasks, runs their code in a sandbox, and makes a report
            with pictures of code and output.
          </Empty>
        </section>
      )}
      {running.length > 0 && (
        <section className="stack" aria-labelledby="now">
          <h2 id="now">Running now</h2>
          <ul className="card rows">
            {running.map((lab) => (
              <Running key={lab.id} lab={lab} />
            ))}
          </ul>
        </section>
      )}
      {(labs.isPending || recent.length > 0) && (
        <section className="stack" aria-labelledby="recent">
          <div className="section-head">
            <h2 id="recent">Recent labs</h2>
            <Link href="/labs" className="small">
              All labs
            </Link>
          </div>
          <div className="card">
            {labs.isPending ? (
              <SkeletonRows label="Labs are loading" />
            ) : (
              <ul className="rows">
                {recent.map((row, place) => (
                  <Recent key={row.id} row={row} lab={details[place]?.data} />
                ))}
              </ul>
            )}
          </div>
        </section>
      )}
    </Page>
  );
}

function Running({ lab }: { lab: Lab }) {
  const job = useLabJobs(lab.id).findLast(isLive);
  const note = job?.progress?.note ?? "";
  return (
    <li className="row">
      <StatusIcon tone="live" />
      <div className="grow">
        <LabLink id={lab.id}>{lab.title}</LabLink>
        <p className="tiny muted">{note !== "" ? note : lab.state === "parsing" ? "Finding its tasks" : tallyText(tally(lab))}</p>
      </div>
      {job?.progress && job.progress.total > 0 && (
        <span className="tally-wrap">
          <progress max={job.progress.total} value={job.progress.done} aria-label={`Progress of ${lab.title}`} />
        </span>
      )}
    </li>
  );
}

function Recent({ row, lab }: { row: LabRow; lab: Lab | undefined }) {
  const languages = useQuery(languagesQuery).data?.items;
  const step = lab && nextStep(lab, languages);
  return (
    <li className="row lab-row">
      <div className="grow">
        <LabLink id={row.id}>{row.title}</LabLink>
        <p className="tiny muted dots">
          <span>{row.state === "failed" ? "Could not be read" : row.state === "parsing" ? "Finding its tasks" : count(row.task_count, "task")}</span>
          <Ago at={row.updated_at} />
        </p>
      </div>
      {row.state === "ready" && <span className="tally-wrap">{lab ? <TallyBar tally={tally(lab)} /> : <Skeleton width="100%" height={6} />}</span>}
      <span className="next-step">
        {step && (
          <Link href={step.path} className="button" data-look="quiet">
            {step.text}
            <ArrowRight size={14} aria-hidden />
          </Link>
        )}
      </span>
    </li>
  );
}
