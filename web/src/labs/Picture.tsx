// The picture of code and output, as it will stand in the report.
import { ImageOff } from "lucide-react";
import { useState } from "react";
import { link } from "../api/links";
import { Segments } from "../ui/Segments";
import { Skeleton } from "../ui/Skeleton";
import { themeLikePage, THEMES, type Theme } from "./themes";

export function Picture({ runId }: { runId: string }) {
  const [theme, setTheme] = useState<Theme>(themeLikePage);
  const [open, setOpen] = useState(false);
  return (
    <details
      className="picture"
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>Picture for the report</summary>
      {open && (
        <div className="stack" style={{ gap: 12 }}>
          <Segments legend="Look of the picture" options={THEMES} value={theme} onValue={setTheme} />
          <Image key={`${runId} ${theme}`} runId={runId} theme={theme} />
        </div>
      )}
    </details>
  );
}

export function Image({ runId, theme }: { runId: string; theme: Theme }) {
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  if (state === "failed") {
    return (
      <p className="inline muted small">
        <ImageOff size={16} aria-hidden /> The picture could not be drawn. Run the task again.
      </p>
    );
  }
  return (
    <div className="picture-frame" data-state={state}>
      {state === "loading" && <Skeleton width="100%" height={220} />}
      <img
        src={link("/api/v1/runs/{id}/screenshot.png", { id: runId }, { theme })}
        alt="Code and output of this run"
        hidden={state === "loading"}
        onLoad={() => {
          setState("shown");
        }}
        onError={() => {
          setState("failed");
        }}
      />
    </div>
  );
}
