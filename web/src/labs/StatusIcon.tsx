import { Circle, CircleAlert, CircleCheck, CircleDashed, CircleX, LoaderCircle } from "lucide-react";
import type { Tone } from "./status";

export function StatusIcon({ tone, size = 16, label }: { tone: Tone; size?: number; label?: string }) {
  const name = label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label };
  switch (tone) {
    case "good":
      return <CircleCheck size={size} data-tone="good" {...name} />;
    case "bad":
      return <CircleX size={size} data-tone="bad" {...name} />;
    case "warn":
      return <CircleAlert size={size} data-tone="warn" {...name} />;
    case "live":
      return <LoaderCircle size={size} data-tone="live" data-turning="" {...name} />;
    case "none":
      return label === undefined ? <Circle size={size} data-tone="none" {...name} /> : <CircleDashed size={size} data-tone="none" {...name} />;
  }
}
