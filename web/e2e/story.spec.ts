// The whole story, as a person lives it: from the set-up link to the report, and what an owner looks after.
import { expect, test, type Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { LAB } from "./docx";
import { secondStep } from "./factors";
import { inspect, watch } from "./watch";

const SETUP = process.env["STOA_SETUP"] ?? "";
const OWNER = { name: "Ana Popescu", email: "ana@example.org", password: "nine quiet columns in the sun" };
const NEW_PASSWORD = "ten quiet columns in the shade";
const MEMBER = { name: "Ben Okafor", email: "ben@example.org", password: "another quiet house by the sea" };
const SLOW = 'import time\nfor i in range(200):\n    print("tick", i)\n    time.sleep(0.1)\n';

const task = (page: Page, number: number) => page.getByRole("region", { name: `Task ${String(number)}` });
const row = (page: Page, text: string) => page.getByRole("region", { name: "Tasks" }).getByRole("listitem").filter({ hasText: text });

async function signIn(page: Page, who: { email: string; password: string }) {
  await page.getByLabel("Email").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Replaces the code of the open task by pasting, and waits until the server has it. */
async function write(page: Page, code: string) {
  const editor = page.getByRole("textbox", { name: /^Code of task/ });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.evaluate((text) => navigator.clipboard.writeText(text), code);
  await page.keyboard.press("ControlOrMeta+v");
  await expect(page.getByText("all changes saved")).toBeVisible();
}

test("a person sets up a server, runs a lab and takes the report home; mv_c3 mv_h3 mv_m9 lm_09 lm_15", async ({ page, browser, playwright, baseURL }) => {
  const { said } = await watch(page);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);

  await test.step("becomes the owner with the set-up link", async () => {
    await page.goto(SETUP);
    await expect(page.getByRole("heading", { name: "Make this server yours" })).toBeVisible();
    expect(page.url(), "the claim leaves the address bar at once").not.toContain("claim");
    await inspect(page, "set-up");
    await page.getByLabel("Your name").fill(OWNER.name);
    await page.getByLabel("Email").fill(OWNER.email);
    await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
    await page.getByRole("button", { name: "Become the owner" }).click();
    await expect(page.getByRole("heading", { name: `Hello, ${OWNER.name}` })).toBeVisible();
    await expect(page.getByText("Start with a lab assignment")).toBeVisible();
    await inspect(page, "home, empty");
  });

  await test.step("signs out and in again", async () => {
    await page.getByRole("button", { name: /Account menu/ }).click();
    await inspect(page, "account menu");
    await page.getByRole("button", { name: "Account menu" }).click();
    await page.getByRole("button", { name: "Account menu" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in to Stoa" })).toBeVisible();
    await inspect(page, "sign-in");
    await signIn(page, OWNER);
    await expect(page.getByRole("heading", { name: `Hello, ${OWNER.name}` })).toBeVisible();
  });

  await test.step("uploads a Word document and sees its tasks", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await expect(page.getByText("No labs yet")).toBeVisible();
    await inspect(page, "labs, empty");
    const chooser = page.waitForEvent("filechooser");
    await page.keyboard.press("u");
    await (await chooser).setFiles({ name: "lab 4.docx", mimeType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", buffer: LAB });
    await expect(row(page, "factorials")).toBeVisible();
    await expect(row(page, "division by zero")).toBeVisible();
    await expect(row(page, "counts slowly")).toBeVisible();
    await expect(task(page, 1).getByLabel("Question")).toHaveValue(/factorials of the numbers from 0 to 4/);
    await expect(task(page, 1).getByText("return 1 if n < 2")).toBeVisible();
    await inspect(page, "lab");
  });

  await test.step("edits: question, code, order, what is included; all of it is kept", async () => {
    await task(page, 1).getByLabel("Question").fill("Print the factorials from 0 to 4.");
    await row(page, "counts slowly").getByRole("button", { name: /counts slowly/ }).click();
    await write(page, SLOW);
    await row(page, "counts slowly").getByRole("button", { name: /^Move task 3/ }).press("ArrowUp");
    await row(page, "division by zero").getByRole("checkbox").uncheck();
    await expect(page.getByText("all changes saved")).toBeVisible();
    await page.reload();
    const rows = page.getByRole("region", { name: "Tasks" }).getByRole("listitem");
    await expect(rows).toContainText(["Print the factorials", "counts slowly", "division by zero"]);
    await expect(row(page, "division by zero").getByRole("checkbox")).not.toBeChecked();
    await expect(task(page, 2).getByText("time.sleep(0.1)")).toBeVisible();
  });

  await test.step("watches a task run, and stops it", async () => {
    await page.keyboard.press("r");
    await expect(task(page, 2).getByText("Running in the sandbox.")).toBeVisible();
    await expect(task(page, 2).getByRole("log")).toContainText("tick 3");
    await inspect(page, "lab, running");
    await task(page, 2).getByRole("button", { name: "Cancel" }).click();
    await expect(task(page, 2).getByText("Stopped because you cancelled it.")).toBeVisible();
    await write(page, 'for i in range(3):\n    print("tick", i)\n');
  });

  await test.step("runs all: what is left out stays out, a failure says why", async () => {
    await row(page, "division by zero").getByRole("checkbox").check();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Shift+R");
    await expect(page.getByText("2 of 3 succeeded")).toBeVisible();
    await expect(task(page, 2).getByText("The program ended normally.")).toBeVisible();
    await row(page, "division by zero").getByRole("button", { name: /division by zero/ }).click();
    await expect(task(page, 3).getByText("The program ended with an error; its error output says why.")).toBeVisible();
    await expect(task(page, 3).getByRole("log")).toContainText("ZeroDivisionError");
    await task(page, 3).getByText(/Isolated by \d+ layers/).click();
    await expect(task(page, 3).getByText("No network")).toBeVisible();
    await task(page, 3).getByText("Picture for the report").click();
    await expect(task(page, 3).getByRole("img", { name: "Code and output of this run" })).toBeVisible();
    await inspect(page, "lab, failed run");
  });

  await test.step("builds the report and downloads it", async () => {
    await page.getByRole("link", { name: "Report" }).click();
    await page.getByLabel("Terminal, light").check({ force: true });
    await page.getByLabel("File name").fill("ana-lab-4");
    await page.getByRole("button", { name: /^Move task 3 in the report/ }).press("ArrowUp");
    await page.getByRole("button", { name: "Build the report" }).click();
    await expect(page.getByRole("link", { name: "Download" })).toBeVisible();
    await inspect(page, "report");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe("ana-lab-4.docx");
    expect((await readFile(await file.path())).subarray(0, 2).toString()).toBe("PK");
    const second = page.waitForEvent("download");
    await page.getByRole("link", { name: "Evidence" }).click();
    expect(JSON.parse(await readFile(await (await second).path(), "utf8"))).toBeTruthy();
  });

  await test.step("looks back at the runs", async () => {
    await page.getByRole("link", { name: "Run history" }).click();
    const history = page.getByRole("region", { name: "Run history" });
    await expect(history.getByRole("listitem")).toHaveCount(4);
    await expect(history.getByText("Cancelled")).toBeVisible();
    await history.getByText("Exit code 1").click();
    await expect(history.getByRole("log")).toContainText("ZeroDivisionError");
    await inspect(page, "run history");
  });

  await test.step("finds the way with the palette and the list of shortcuts", async () => {
    await page.keyboard.press("ControlOrMeta+k");
    await inspect(page, "palette");
    await page.getByRole("combobox").fill("labs");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Labs" })).toBeVisible();
    await page.keyboard.press("j");
    await expect(page.getByRole("link", { name: /Lab 4|lab 4/ })).toBeFocused();
    await inspect(page, "labs");
    await page.keyboard.press("Shift+?");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    await inspect(page, "shortcuts");
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await expect(page.getByRole("heading", { name: "Recent labs" })).toBeVisible();
    await inspect(page, "home");
  });

  await test.step("ends another browser's session: it holds at once, and signing in returns to where one was", async () => {
    const context = await browser.newContext({ ...(baseURL === undefined ? {} : { baseURL }) });
    const other = await context.newPage();
    const { said: saidThere } = await watch(other, [/Failed to load resource.*401/]);
    await other.goto("/labs");
    await expect(other).toHaveURL(/\/login\?next=%2Flabs$/);
    await signIn(other, OWNER);
    await expect(other.getByRole("heading", { name: "Labs" })).toBeVisible();

    await page.goto("/settings/sessions");
    await expect(page.getByText("This browser")).toBeVisible();
    await inspect(page, "sessions");
    await page.getByRole("button", { name: /^End/ }).click();
    await expect(page.getByRole("button", { name: /^End/ })).toHaveCount(0);

    await other.getByRole("link", { name: "Home" }).first().click();
    await other.reload();
    await expect(other).toHaveURL(/\/login/);
    expect(saidThere).toEqual([]);
    await context.close();
  });

  await test.step("makes an access token that works, once shown, until revoked", async () => {
    await page.getByRole("link", { name: "Access tokens" }).click();
    await page.getByRole("button", { name: "New token" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Backup script");
    await page.getByLabel("See who you are").check();
    await inspect(page, "new token");
    await page.getByRole("button", { name: "Make token" }).click();
    const token = await page.locator(".secret").innerText();
    expect(token).toMatch(/^stoa_pat_/);
    await inspect(page, "token shown");
    await page.getByRole("button", { name: "Done" }).click();
    const script = await playwright.request.newContext({ ...(baseURL === undefined ? {} : { baseURL }), extraHTTPHeaders: { Authorization: `Bearer ${token}` } });
    expect((await script.get("/api/v1/labs")).status()).toBe(200);
    const upload = { multipart: { file: { name: "lab.md", mimeType: "text/markdown", buffer: Buffer.from("1. Print one.") } } };
    expect((await script.post("/api/v1/labs", upload)).status(), "it may read only").toBe(403);
    await inspect(page, "tokens");
    await page.getByRole("button", { name: "Revoke Backup script" }).click();
    await page.getByRole("button", { name: "Revoke token" }).click();
    await expect(page.getByText("No tokens yet")).toBeVisible();
    expect((await script.get("/api/v1/labs")).status()).toBe(401);
    await script.dispose();
  });

  await test.step("changes the own name and password", async () => {
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Ana P.");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Your name is saved.")).toBeVisible();
    await inspect(page, "profile");
    await page.getByRole("link", { name: "Security" }).click();
    await page.getByLabel("Current password").fill(OWNER.password);
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "Change the password" }).click();
    await expect(page.getByText("Your password is changed.")).toBeVisible();
    await expect(page.getByText("Passkeys belong to a name")).toBeVisible();
    await inspect(page, "security, without a name");
  });

  await test.step("looks after the people and the health of the server", async () => {
    await page.getByRole("link", { name: "People" }).click();
    await page.getByRole("button", { name: "Add a person" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a person" });
    await dialog.getByLabel("Name", { exact: true }).fill(MEMBER.name);
    await dialog.getByLabel("Email").fill(MEMBER.email);
    await dialog.getByLabel("Password", { exact: true }).fill(MEMBER.password);
    await inspect(page, "add a person");
    await dialog.getByRole("button", { name: "Add person" }).click();
    await page.getByLabel(`Role of ${MEMBER.name}`).selectOption("admin");
    await expect(page.getByLabel(`Role of ${MEMBER.name}`)).toHaveValue("admin");
    await page.getByRole("button", { name: `Disable ${MEMBER.name}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
    await expect(page.getByText("Disabled")).toBeVisible();
    await inspect(page, "people");
    await page.getByRole("link", { name: "Activity" }).click();
    await expect(page.getByText("Account disabled")).toBeVisible();
    await inspect(page, "activity");
    await page.getByRole("link", { name: "Health" }).click();
    await expect(page.getByText("Everything works.")).toBeVisible();
    await inspect(page, "health");
  });

  await test.step("a task in plain words, and what to do next", async () => {
    await page.goto("/tasks");
    await expect(page.getByText("Nothing to do")).toBeVisible();
    await inspect(page, "tasks, none");
    await page.keyboard.press("n");
    await page.keyboard.type("call Ana tomorrow 3pm !4 ~15m #phone");
    await expect(page.getByText("Effort: 15 minutes")).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page.getByText("Added: call Ana")).toBeVisible();
    const next = page.getByRole("region", { name: "What to do next" });
    await expect(next.getByRole("heading", { name: "call Ana" })).toBeVisible();
    await expect(next.getByText("High priority", { exact: true })).toBeVisible();
    await inspect(page, "tasks");
    await page.getByRole("checkbox", { name: "Complete call Ana" }).click();
    await expect(page.getByText("Nothing to do")).toBeVisible();
    await page.getByText("Completed", { exact: true }).click();
    await expect(page.getByRole("checkbox", { name: "Reopen call Ana" })).toBeChecked();
  });

  await test.step("a task that comes again, on a board, edited, undone", async () => {
    await page.goto("/tasks");
    await expect(page.getByText("Nothing to do")).toBeVisible();
    await page.keyboard.press("n");
    await page.keyboard.type("water the plants every! 3 days #home");
    await expect(page.getByText("Again: every 3 days after it is done")).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page.getByText("Added: water the plants")).toBeVisible();
    await page.getByText("Board", { exact: true }).click();
    await inspect(page, "board");
    const column = (name: string) => page.getByRole("region", { name, exact: true });
    await column("Today").getByRole("button", { name: /^Move water the plants/ }).press("ArrowRight");
    await column("Tomorrow").getByRole("button", { name: "water the plants", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Task" });
    await dialog.getByLabel("Project").fill("House");
    await dialog.getByLabel("Add a reminder").selectOption("30 minutes before");
    await expect(dialog.getByRole("button", { name: "Do not remind: 30 minutes before" })).toBeVisible();
    await inspect(page, "one task");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toBeHidden();
    await column("Tomorrow").getByRole("button", { name: "water the plants", exact: true }).click();
    await expect(dialog.getByText(/^Scheduled for /)).toBeVisible();
    await inspect(page, "one task, with a reminder that waits");
    await page.keyboard.press("Escape");
    await page.getByLabel("All projects").selectOption({ label: "House (1)" });
    await page.getByRole("checkbox", { name: "Complete water the plants" }).click();
    await expect(page.getByText("It comes again, every 3 days after it is done.")).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(column("Tomorrow").getByRole("checkbox", { name: "Complete water the plants" })).toHaveCount(1);
  });

  await test.step("tasks out of a file, and a calendar that subscribes", async () => {
    await page.getByRole("button", { name: "Import", exact: true }).click();
    const table = "title,due,labels\nPay the rent,2030-01-31 12:00,home\nSweep,cada lunes,\n";
    await page.getByLabel("File").setInputFiles({ name: "tasks.csv", mimeType: "text/csv", buffer: Buffer.from(table) });
    await expect(page.getByText("2 new tasks")).toBeVisible();
    await page.getByText("could not be taken as written").click();
    await inspect(page, "import");
    await page.getByRole("button", { name: "Import 2 tasks" }).click();
    await expect(page.getByText("Imported 2 tasks.")).toBeVisible();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    const strange = "Was;Wann\nSteuer;2030-05-31 12:00\n";
    await page.getByLabel("File").setInputFiles({ name: "liste.csv", mimeType: "text/csv", buffer: Buffer.from(strange) });
    await expect(page.getByText("say which one holds the titles")).toBeVisible();
    await inspect(page, "import, columns");
    await page.getByLabel("Title", { exact: true }).selectOption("Was");
    await page.getByLabel("Due", { exact: true }).selectOption("Wann");
    await expect(page.getByRole("list", { name: "The first of them" }).getByText("Steuer")).toBeVisible();
    await page.getByRole("button", { name: "Import 1 task" }).click();
    await expect(page.getByText("Imported 1 task.")).toBeVisible();
    await page.goto("/settings/tasks");
    await expect(page.getByText("So your tasks would stand")).toBeVisible();
    await inspect(page, "settings of tasks");
    await page.getByLabel("Afternoon from").selectOption("13:00");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Saved.")).toBeVisible();
    await page.getByRole("button", { name: "Rename home" }).click();
    await page.getByLabel("New name").fill("flat");
    await inspect(page, "a new name");
    await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
    await expect(page.getByText("home is now flat")).toBeVisible();
    await page.getByRole("button", { name: "Add a calendar" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Phone");
    await page.getByRole("button", { name: "Make a password" }).click();
    await expect(page.getByText("Enter this in your calendar")).toBeVisible();
    await inspect(page, "a calendar");
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Revoke Phone" }).click();
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await expect(page.getByRole("button", { name: "Revoke Phone" })).toBeHidden();
  });

  await test.step("a second step: an app, a passkey, backup codes; mv_h4 mv_h7", async () => {
    const url = (baseURL ?? "").replace("127.0.0.1", "localhost");
    await secondStep(browser, url, { email: OWNER.email, password: NEW_PASSWORD });
  });

  await test.step("an address that leads nowhere says so", async () => {
    await page.goto("/nowhere");
    await expect(page.getByText("There is nothing at this address")).toBeVisible();
    await inspect(page, "not found");
  });

  await test.step("nothing was kept where scripts can read, nothing was said, no rule was broken", async () => {
    const kept = await page.evaluate(() => ({ cookies: document.cookie, local: Object.keys(localStorage), session: Object.keys(sessionStorage) }));
    expect(kept).toEqual({ cookies: "", local: [], session: [] });
    expect(said).toEqual([]);
  });
});

test("lm_30 assets are kept for ever, pages and answers are not; the first load is light", async ({ page }) => {
  const kept = new Map<string, string>();
  const sizes: Promise<number>[] = [];
  page.on("response", (response) => {
    kept.set(new URL(response.url()).pathname, response.headers()["cache-control"] ?? "");
    // Compressed here, so that the weight is the same whether or not this build of the server compresses.
    sizes.push(response.body().then((body) => gzipSync(body).length));
  });
  await page.goto("/login");
  await expect(page.getByRole("heading", { name: "Sign in to Stoa" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  const assets = [...kept].filter(([path]) => path.startsWith("/assets/"));
  expect(assets.length).toBeGreaterThanOrEqual(2);
  for (const [path, rule] of assets) expect(rule, path).toContain("immutable");
  expect(kept.get("/login")).toMatch(/no-store|no-cache/);
  expect(kept.get("/api/v1/setup")).toContain("no-store");
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(bytes, "bytes, compressed").toBeLessThanOrEqual(200_000);
});
