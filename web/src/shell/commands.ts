// What the palette offers, and how well a command fits what was typed.

export interface Command {
  id: string;
  group: "Labs" | "Go to" | "Do";
  text: string;
  detail?: string;
  keys?: string;
  run: () => void;
}

/** How well `query` fits `text`: null for not at all, else larger is better. Letters must come in order. */
export function fit(query: string, text: string): number | null {
  const wanted = query.toLowerCase().replace(/\s+/g, " ").trim();
  const within = text.toLowerCase();
  if (wanted === "") return 0;
  const whole = within.indexOf(wanted);
  if (whole !== -1) return 1000 - whole + (isStart(within, whole) ? 200 : 0);
  let score = 0;
  let place = -1;
  for (const letter of wanted) {
    if (letter === " ") continue;
    const next = within.indexOf(letter, place + 1);
    if (next === -1) return null;
    score += next === place + 1 ? 4 : isStart(within, next) ? 3 : 0;
    place = next;
  }
  return score >= wanted.length ? score : null;
}

function isStart(text: string, place: number): boolean {
  return place === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(place - 1));
}

export function search(commands: readonly Command[], query: string, most = 40): Command[] {
  return commands
    .map((command) => ({ command, score: fit(query, command.text) }))
    .filter((one): one is { command: Command; score: number } => one.score !== null)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map((one) => one.command);
}
