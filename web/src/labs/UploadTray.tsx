import { CircleCheck, FileText, TriangleAlert, X } from "lucide-react";
import { Link } from "wouter";
import { advice, sentence, type Problem } from "../api/problem";
import { Button } from "../ui/Button";
import { CopyLink } from "../ui/Copy";
import { bytes } from "../ui/format";
import { dismissUpload, useUploads, type Upload } from "./uploads";

/** Of a file that is not taken, the server says itself which would be. */
function saysWhatToDo(problem: Problem): boolean {
  return problem.status === 415 || problem.status === 422;
}

function Item({ upload }: { upload: Upload }) {
  const { id, name, sent, total, problem, labId } = upload;
  const through = labId !== null || problem !== null;
  return (
    <li className="upload">
      {problem ? (
        <TriangleAlert size={16} data-tone="bad" aria-hidden />
      ) : labId === null ? (
        <FileText size={16} data-tone="none" aria-hidden />
      ) : (
        <CircleCheck size={16} data-tone="good" aria-hidden />
      )}
      <div className="grow">
        <p className="truncate">{name}</p>
        {problem ? (
          <p className="tiny" role="alert">
            {sentence(problem.message)} {saysWhatToDo(problem) ? "" : advice(problem)}{" "}
            {problem.requestId !== null && <CopyLink text={problem.requestId}>Copy request id</CopyLink>}
          </p>
        ) : labId === null ? (
          <>
            <progress max={total} value={sent} aria-label={`Uploading ${name}`} />
            <p className="tiny muted number">{sent >= total ? "Storing…" : `${bytes(sent)} of ${bytes(total)}`}</p>
          </>
        ) : (
          <p className="tiny">
            <Link href={`/labs/${labId}`}>Open the lab</Link>
          </p>
        )}
      </div>
      <Button
        look="quiet"
        icon={<X size={14} />}
        label={through ? `Dismiss ${name}` : `Cancel ${name}`}
        onClick={() => {
          if (through) dismissUpload(id);
          else upload.cancel();
        }}
      />
    </li>
  );
}

export function UploadTray() {
  const uploads = useUploads();
  if (uploads.length === 0) return null;
  return (
    <section className="upload-tray" aria-label="Uploads">
      <ul className="rows">
        {uploads.map((upload) => (
          <Item key={upload.id} upload={upload} />
        ))}
      </ul>
    </section>
  );
}
