// Recurrence as a form shows it: a few usual rules, and any other as it is written.

export interface Choice {
  value: string;
  text: string;
}

const DAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"] as const;

/** What can be chosen for a task due at this time: the weekday and the day of the month are its own. */
export function choices(due: Date): Choice[] {
  const day = DAYS[due.getDay()] ?? "MO";
  const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long" }).format(due);
  const nth = String(due.getDate());
  return [
    { value: "", text: "Does not repeat" },
    { value: "FREQ=DAILY", text: "Every day" },
    { value: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", text: "Every workday" },
    { value: `FREQ=WEEKLY;BYDAY=${day}`, text: `Every ${weekday}` },
    { value: `FREQ=WEEKLY;INTERVAL=2;BYDAY=${day}`, text: `Every 2 weeks on ${weekday}` },
    { value: `FREQ=MONTHLY;BYMONTHDAY=${nth}`, text: `Every month on day ${nth}` },
    { value: "FREQ=YEARLY", text: "Every year" },
  ];
}

/** Whether a rule is one of them. */
export function isUsual(rule: string, due: Date): boolean {
  return choices(due).some((choice) => choice.value === rule);
}

/** A point in time as `<input type="datetime-local">` has it, on this browser's clock. */
export function toInput(at: string | null | undefined): string {
  if (at == null) return "";
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** And back; `null` for nothing, and for what is no time. */
export function fromInput(text: string): string | null {
  const at = new Date(text);
  return text === "" || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
