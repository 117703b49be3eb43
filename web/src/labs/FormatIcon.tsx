import { FileCode, FileText, FileType } from "lucide-react";
import type { LabRow } from "../api/types";

export function FormatIcon({ format }: { format: LabRow["source"]["format"] }) {
  const Icon = format === "docx" ? FileType : format === "markdown" ? FileCode : FileText;
  return <Icon size={18} data-tone="none" role="img" aria-label={format === "docx" ? "Word document" : format === "markdown" ? "Markdown" : "Plain text"} />;
}
