import { Download, Printer } from "lucide-react";
import { useEffect, useMemo } from "react";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";

/** A new set of backup codes, shown this once. */
export function BackupCodesDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const text = codes.join("\n");
  const file = useMemo(() => URL.createObjectURL(new Blob([`Stoa backup codes for ${window.location.host}\n\n${text}\n`], { type: "text/plain" })), [text]);
  useEffect(
    () => () => {
      URL.revokeObjectURL(file);
    },
    [file],
  );
  return (
    <Dialog title="Keep your backup codes" onClose={onClose} className="backup">
      <p className="muted">
        Each signs you in once when your phone or key is not at hand. They are shown this once; keep them where you keep what you must not lose.
      </p>
      <ol className="secret codes" aria-label="Backup codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="actions">
        <CopyButton text={text} label="Copy" />
        <a className="button" href={file} download="stoa-backup-codes.txt">
          <Download size={14} aria-hidden /> Download
        </a>
        <Button icon={<Printer size={14} />} onClick={() => { window.print(); }}>
          Print
        </Button>
        <Button look="primary" onClick={onClose}>
          I have kept them
        </Button>
      </div>
    </Dialog>
  );
}
