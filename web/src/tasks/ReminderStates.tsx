// What became of the reminders of a task: which wait, which were sent, and what went wrong.
import { useQuery } from "@tanstack/react-query";
import { BellOff, BellRing, Clock, MailCheck, type LucideIcon } from "lucide-react";
import { todoRemindersQuery } from "../api/queries";
import type { ReminderState } from "../api/types";
import { fullTime } from "../ui/format";
import { stateText } from "./reminders";

const ICONS: Record<ReminderState["stage"], readonly [LucideIcon, string]> = {
  scheduled: [Clock, "none"],
  posted: [BellRing, "none"],
  sent: [MailCheck, "good"],
  failed: [BellOff, "bad"],
  skipped: [BellOff, "warn"],
};

/** As many as are worth a look. */
const SHOWN = 8;

export function ReminderStates({ id }: { id: string }) {
  const { data } = useQuery(todoRemindersQuery(id));
  if (!data || data.items.length === 0) return null;
  return (
    <ul className="reminder-states" aria-label="What became of the reminders">
      {data.items.slice(0, SHOWN).map((one) => {
        const [Icon, tone] = ICONS[one.stage];
        return (
          <li key={one.at} className="small muted">
            <Icon size={14} data-tone={tone} aria-hidden />
            <span>{stateText(one, fullTime)}</span>
          </li>
        );
      })}
    </ul>
  );
}
