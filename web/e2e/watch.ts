// Watching a page: everything it writes to the console, every rule of the content security policy it breaks,
// and what axe finds on it, light and dark.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

export interface Watch {
  /** What was said that should not have been. */
  said: string[];
}

/** `expected` are messages of the browser itself about answers that the story provokes, such as a 401. */
export async function watch(page: Page, expected: readonly RegExp[] = []): Promise<Watch> {
  const said: string[] = [];
  page.on("console", (message) => {
    const text = `${message.type()}: ${message.text()} (${message.location().url})`;
    if (!expected.some((one) => one.test(text))) said.push(text);
  });
  page.on("pageerror", (error) => said.push(`uncaught: ${error.message}`));
  // Playwright catches file choosers only while somebody listens; one who comes and goes may come too late.
  page.on("filechooser", () => undefined);
  await page.exposeFunction("tellViolation", (what: string) => said.push(`policy broken: ${what}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const tell = (window as unknown as { tellViolation: (what: string) => void }).tellViolation;
      tell(`${event.effectiveDirective} by ${event.blockedURI} in ${event.sourceFile}:${String(event.lineNumber)}`);
    });
  });
  return { said };
}

const PHONE = { colorScheme: "light", width: 375, height: 740 } as const;
const DESK = { colorScheme: "dark", width: 1280, height: 800 } as const;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Waits until the page is drawn as it will stay: colours half way from one theme to the other fit nothing. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    await Promise.allSettled(document.getAnimations().map((one) => one.finished));
    await frame();
  });
}

/** Looks at the page as it stands, light on a phone and dark on a desk: nothing overflows, axe finds nothing. */
export async function inspect(page: Page, name: string): Promise<void> {
  for (const { colorScheme, width, height } of [PHONE, DESK]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await settle(page);
    const where = `${name}, ${colorScheme}, ${String(width)} wide`;
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ""}`).join(" | ")}`);
    expect.soft(found, where).toEqual([]);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(over, `${where}: wider than the window`).toBeLessThanOrEqual(0);
  }
}
