import { Check, Copy as CopyIcon } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { Button } from "./Button";
import { toast } from "./toasts";

function useCopy(text: string) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => {
      setCopied(false);
    }, 2_000);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
      },
      () => {
        toast("bad", "The browser does not let this page copy. Select the text and copy it yourself.");
      },
    );
  };
  return { copied, copy };
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const { copied, copy } = useCopy(text);
  return (
    <Button icon={copied ? <Check size={14} data-tone="good" /> : <CopyIcon size={14} />} onClick={copy}>
      {copied ? "Copied" : label}
    </Button>
  );
}

export function CopyLink({ text, children }: { text: string; children: ReactNode }) {
  const { copied, copy } = useCopy(text);
  return (
    <button type="button" className="link" onClick={copy}>
      {copied ? "Copied" : children}
    </button>
  );
}
