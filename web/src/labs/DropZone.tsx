// A file dropped anywhere on a page becomes a lab.
import { Upload } from "lucide-react";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { startUploads } from "./uploads";

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") === true;
}

export function DropZone() {
  const [over, setOver] = useState(false);
  const [, navigate] = useLocation();
  useEffect(() => {
    // Enter and leave come for every element passed; their balance tells whether the file is still over the page.
    let depth = 0;
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      startUploads([...(event.dataTransfer?.files ?? [])], navigate);
    };
    document.addEventListener("dragenter", enter);
    document.addEventListener("dragleave", leave);
    document.addEventListener("dragover", hover);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragenter", enter);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("dragover", hover);
      document.removeEventListener("drop", drop);
    };
  }, [navigate]);
  if (!over) return null;
  return (
    <div className="drop-zone">
      <div>
        <Upload size={28} aria-hidden />
        <strong>Drop to upload</strong>
        <span className="muted small">DOCX, Markdown or plain text, up to 50 MB</span>
      </div>
    </div>
  );
}
