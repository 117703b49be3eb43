import { Download, FileCheck2, TriangleAlert } from "lucide-react";
import { link } from "../api/links";
import type { Report } from "../api/types";
import { bytes } from "../ui/format";
import { Ago } from "../ui/Time";
import type { LiveJob } from "./liveState";
import { StatusIcon } from "./StatusIcon";

function Facts({ report }: { report: Report }) {
  return (
    <p className="tiny muted dots">
      {report.size != null && <span className="number">{bytes(report.size)}</span>}
      <Ago at={report.created_at} />
      {report.sha256 != null && (
        <span title={`SHA-256 ${report.sha256}`}>
          <code>{report.sha256.slice(0, 12)}</code>
        </span>
      )}
    </p>
  );
}

function Downloads({ report, first = false }: { report: Report; first?: boolean }) {
  return (
    <div className="inline">
      <a className="button" data-look={first ? "primary" : "plain"} href={link("/api/v1/reports/{id}/file", { id: report.id })} download={report.filename}>
        <Download size={15} aria-hidden /> Download
        {!first && <span className="visually-hidden"> {report.filename}</span>}
      </a>
      <a className="button" data-look="quiet" href={link("/api/v1/reports/{id}/evidence", { id: report.id })} download={report.filename.replace(/\.docx$/, "") + ".evidence.json"}>
        <FileCheck2 size={15} aria-hidden /> Evidence
      </a>
    </div>
  );
}

export function LatestReport({ report, job }: { report: Report; job: LiveJob | undefined }) {
  return (
    <div className="card latest" role="status" data-state={report.state}>
      {report.state === "building" && (
        <>
          <p className="inline">
            <StatusIcon tone="live" /> <strong>Building {report.filename}</strong>
          </p>
          <progress {...(job?.progress && job.progress.total > 0 ? { max: job.progress.total, value: job.progress.done } : {})} aria-label="Building the report" />
          <p className="tiny muted">{job?.progress?.note ? job.progress.note : "Drawing pictures and writing the document"}</p>
        </>
      )}
      {report.state === "failed" && (
        <p className="inline">
          <TriangleAlert size={16} data-tone="bad" aria-hidden /> <strong>{report.filename} could not be built.</strong> Build it again; if it stays, tell whoever runs this server.
        </p>
      )}
      {report.state === "ready" && (
        <>
          <p className="inline">
            <StatusIcon tone="good" /> <strong>{report.filename}</strong>
          </p>
          <Facts report={report} />
          <Downloads report={report} first />
        </>
      )}
    </div>
  );
}

export function ReportRow({ report }: { report: Report }) {
  return (
    <li className="row report-row">
      <div className="grow">
        <p className="truncate">{report.filename}</p>
        {report.state === "failed" ? <p className="tiny wrong">Could not be built</p> : <Facts report={report} />}
      </div>
      {report.state === "ready" && <Downloads report={report} />}
    </li>
  );
}
