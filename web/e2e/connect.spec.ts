// A person is invited, protects the account, and lets a program act for them; then no more. On a server that goes by
// the name `localhost`: passkeys belong to a name.
import { expect, test, type Page } from "@playwright/test";
import { Client, type Way } from "./client";
import { codeOf, device, signOut } from "./factors";
import { inspect, watch } from "./watch";

const SETUP = process.env["STOA_SETUP"] ?? "";
const OWNER = { name: "Ana Popescu", email: "ana@example.org", password: "nine quiet columns in the sun" };
const BEN = { name: "Ben Okafor", email: "ben@example.org", password: "another quiet house by the sea" };
const TASK = "water the tomatoes";

async function signIn(page: Page, who: { email: string; password: string }) {
  await page.getByLabel("Email").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** What stands beside a word in the facts of a request. */
const fact = (page: Page, word: string) => page.locator("dl.terms dt", { hasText: new RegExp(`^${word}$`) }).locator("xpath=following-sibling::dd[1]");

/** What came back to the program, once the browser is there. */
async function returned(page: Page, way: Way): Promise<URLSearchParams> {
  const back = await way.back;
  await expect(page.getByRole("heading", { name: "Back at the program" })).toBeVisible();
  return back;
}

test("a person lets a program act for them, and no more; mf_1 mf_5 mv_h6", async ({ page, browser, baseURL }) => {
  const issuer = baseURL ?? "";
  const context = await browser.newContext({ baseURL: issuer });
  const there = await context.newPage();
  // Whoever comes from a program is not signed in yet.
  const { said } = await watch(there, [/Failed to load resource.*401.*\/api\/v1\/(me|me\/connections)\b/]);
  const { said: saidToOwner } = await watch(page);
  const client = await Client.register(issuer, "Garden helper");
  let invitation = "";
  let secret = "";

  await test.step("the owner invites somebody with a link", async () => {
    await page.goto(SETUP);
    await page.getByLabel("Your name").fill(OWNER.name);
    await page.getByLabel("Email").fill(OWNER.email);
    await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
    await page.getByRole("button", { name: "Become the owner" }).click();
    await expect(page.getByRole("heading", { name: `Hello, ${OWNER.name}` })).toBeVisible();
    await page.goto("/admin/users");
    await page.getByRole("button", { name: "Invite a person" }).click();
    await inspect(page, "invite a person");
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    await expect(page.getByRole("dialog", { name: "Copy the link now" })).toBeVisible();
    invitation = await page.locator(".secret").innerText();
    await inspect(page, "invitation");
    await page.getByRole("button", { name: "Done" }).click();
  });

  await test.step("who is invited makes an account, and shows that the address is theirs", async () => {
    await there.goto(invitation);
    await expect(there.getByRole("heading", { name: "Make your account" })).toBeVisible();
    expect(there.url(), "the invitation leaves the address bar at once").not.toContain("invite=");
    await inspect(there, "sign-up, invited");
    await there.getByLabel("Your name").fill(BEN.name);
    await there.getByLabel("Email").fill(BEN.email);
    await there.getByLabel("Password", { exact: true }).fill(BEN.password);
    await there.getByRole("button", { name: "Make my account" }).click();
    await expect(there.getByRole("heading", { name: "Look into your mail" })).toBeVisible();
    await inspect(there, "sign-up, asked");

    // There is no mail server: the owner hands the link over.
    await page.goto("/admin/mail");
    const take = page.getByRole("button", { name: `Take the link for ${BEN.email}` });
    await expect(async () => {
      await page.reload();
      await expect(take).toBeVisible({ timeout: 2_000 });
    }).toPass();
    await inspect(page, "mail");
    await take.click();
    const link = await page.locator(".secret").innerText();
    await inspect(page, "a link, taken");
    await there.goto(link);
    await inspect(there, "confirm the address");
    await there.getByRole("button", { name: "Confirm my address" }).click();
    await expect(there.getByRole("heading", { name: "Your account is ready" })).toBeVisible();
    await inspect(there, "account, ready");
    await there.getByRole("link", { name: "Sign in" }).click();
    await signIn(there, BEN);
    await expect(there.getByRole("heading", { name: `Hello, ${BEN.name}` })).toBeVisible();
  });

  await test.step("adds a task, an app for codes, and a passkey", async () => {
    await there.goto("/tasks");
    await expect(there.getByText("Nothing to do")).toBeVisible();
    await there.keyboard.press("n");
    await there.keyboard.type(TASK);
    await there.keyboard.press("Enter");
    await expect(there.getByText(`Added: ${TASK}`)).toBeVisible();
    await there.goto("/settings/security");
    await there.getByRole("button", { name: "Set up" }).click();
    const setup = there.getByRole("dialog", { name: "Set up an authenticator app" });
    secret = await setup.locator(".typed").innerText();
    await setup.getByLabel("Code that the app shows").fill(codeOf(secret));
    await setup.getByRole("button", { name: "Turn on" }).click();
    await there.getByRole("button", { name: "I have kept them" }).click();
    await expect(there.getByText("10 of 10 left")).toBeVisible();
  });
  const passkeys = await device(there);
  await there.getByRole("button", { name: "Add a passkey" }).click();
  await expect(there.getByText("Your passkey is added.")).toBeVisible();
  await passkeys.answers(false);
  await signOut(there);
  await expect(there.getByRole("heading", { name: "Sign in to Stoa" })).toBeVisible();

  const tokens = await test.step("a program sends the browser; both steps of the sign-in lead to what it asks for", async () => {
    const way = client.asks("tasks:read offline_access");
    await there.goto(way.url);
    await expect(there.getByRole("heading", { name: "Sign in to Stoa" })).toBeVisible();
    await expect(there.getByText("Then you come back to where you were.")).toBeVisible();
    await signIn(there, BEN);
    await there.getByLabel("Code from your app").fill(codeOf(secret, 1));
    await there.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(there.getByRole("heading", { name: "Connect Garden helper?" })).toBeVisible();
    await expect(there.locator(".powers li"), "in plain words, and no more than that").toHaveText([/^See tasks/, /^Stay connected/]);
    await expect(there.getByText("runs on your own computer, and any program there could claim to be it")).toBeVisible();
    await expect(fact(there, "As")).toHaveText(BEN.email);
    await expect(fact(there, "Application")).toHaveText("registered itself: its name is only a claim");
    await expect(fact(there, "Goes back to")).toHaveText(/^127\.0\.0\.1/);
    await expect(fact(there, "Works at")).toHaveText(`${issuer}/mcp`);
    await expect(fact(there, "Lasts")).toHaveText(/^until you disconnect it, or \d+ days unused$/);
    await expect(fact(there, "First seen")).toHaveText(/\d{4}/);
    await inspect(there, "consent");
    await there.getByRole("button", { name: "Allow" }).click();
    const back = await returned(there, way);
    const redeemed = await client.redeem(back.get("code") ?? "");
    expect(redeemed.status).toBe(200);
    expect(redeemed.body.scope.split(" ").sort()).toEqual(["offline_access", "tasks:read"]);
    const next = await client.whatNext(redeemed.body.access_token);
    expect(next.status).toBe(200);
    expect(next.body).toContain(TASK);
    return redeemed.body;
  });

  await test.step("disconnected, the program is refused at once, whatever it holds", async () => {
    await there.goto("/settings/connections");
    await expect(there.getByRole("listitem").filter({ hasText: "Garden helper" })).toContainText("See tasks, Stay connected");
    await inspect(there, "connected apps");
    await there.getByRole("button", { name: "Disconnect Garden helper" }).click();
    await inspect(there, "disconnect");
    await there.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    await expect(there.getByText("Nothing is connected")).toBeVisible();
    expect((await client.whatNext(tokens.access_token)).status).toBe(401);
    const again = await client.refresh(tokens.refresh_token);
    expect([again.status, again.body.error]).toEqual([400, "invalid_grant"]);
    await inspect(there, "connected apps, none");
  });

  await test.step("who looks after people sees what somebody has open, and ends it", async () => {
    await page.goto("/admin/users");
    await page.getByRole("link", { name: BEN.name }).click();
    await expect(page.getByRole("heading", { name: BEN.name })).toBeVisible();
    const sessions = page.getByRole("region", { name: "Sessions" });
    await expect(sessions.getByRole("listitem")).toHaveCount(1);
    await expect(page.getByText("Disconnected an application")).toBeVisible();
    await inspect(page, "a person");
    await sessions.getByRole("button", { name: /^End/ }).click();
    await expect(page.getByText("Not signed in anywhere.")).toBeVisible();
    await inspect(page, "a person, signed in nowhere");
    // Their browser finds out, and signs in again with the key that it holds.
    await there.reload();
    await expect(there.getByRole("heading", { name: "Sign in to Stoa" })).toBeVisible();
    await passkeys.answers(true);
    await there.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(there.getByText("Nothing is connected")).toBeVisible();
  });

  await test.step("who looks after the server sets up a service, which acts by itself until it is removed", async () => {
    await page.getByRole("link", { name: "Applications" }).click();
    await expect(page.getByText("No applications yet")).toBeVisible();
    await inspect(page, "applications, none");
    await page.getByRole("button", { name: "Add an application" }).click();
    const dialog = page.getByRole("dialog", { name: "Add an application" });
    await inspect(page, "add an application");
    await dialog.getByLabel("Name", { exact: true }).fill("Nightly report");
    await dialog.getByRole("radio", { name: /^A service/ }).check();
    await dialog.getByLabel("Account", { exact: true }).selectOption({ label: `${BEN.name} · ${BEN.email}` });
    await dialog.getByLabel("See labs").uncheck();
    await dialog.getByLabel("See tasks").check();
    await inspect(page, "add a service");
    await dialog.getByRole("button", { name: "Add application" }).click();
    await expect(page.getByRole("dialog", { name: "Copy the secret now" })).toBeVisible();
    const [id, secretText] = await page.locator(".secret").allInnerTexts();
    await inspect(page, "an application, added");
    await page.getByRole("button", { name: "Done" }).click();
    const service = () =>
      fetch(`${issuer}/oauth/token`, {
        method: "POST",
        headers: { authorization: `Basic ${Buffer.from(`${id ?? ""}:${secretText ?? ""}`).toString("base64")}` },
        body: new URLSearchParams({ grant_type: "client_credentials", scope: "tasks:read", resource: `${issuer}/mcp` }),
      });
    const granted = await service();
    expect(granted.status).toBe(200);
    const token = ((await granted.json()) as { access_token: string }).access_token;
    expect((await client.whatNext(token)).body).toContain(TASK);
    await inspect(page, "applications");
    await page.getByRole("button", { name: "Remove Nightly report" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await expect(page.getByText("No applications yet")).toBeVisible();
    expect((await client.whatNext(token)).status).toBe(401);
    expect((await service()).status).toBe(401);
  });

  await test.step("a request that is denied gives nothing", async () => {
    const way = client.asks("tasks:read tasks:write");
    await there.goto(way.url);
    await expect(there.locator(".powers li")).toHaveText([/^See tasks/, /^Work with tasks/]);
    await there.getByRole("button", { name: "Cancel" }).click();
    const back = await returned(there, way);
    expect([back.get("error"), back.get("code")]).toEqual(["access_denied", null]);
    await there.goto("/settings/connections");
    await expect(there.getByText("Nothing is connected")).toBeVisible();
  });

  await test.step("a program that asks for a new sign-in gets one, in the page", async () => {
    const way = client.asks("tasks:read", { prompt: "login" });
    await there.goto(way.url);
    await expect(there.getByRole("heading", { name: "Connect Garden helper?" })).toBeVisible();
    await there.getByRole("button", { name: "Allow" }).click();
    const ask = there.getByRole("dialog", { name: "Confirm it is you" });
    await expect(ask).toBeVisible();
    await inspect(there, "consent, confirm it is you");
    await ask.getByRole("button", { name: "Close" }).click();
    await expect(ask).toBeHidden();
    await expect(there.getByRole("button", { name: "Allow" }), "nothing was decided").toBeEnabled();
    await there.getByRole("button", { name: "Allow" }).click();
    await passkeys.answers(true);
    await ask.getByRole("button", { name: "Use a passkey" }).click();
    const back = await returned(there, way);
    const redeemed = await client.redeem(back.get("code") ?? "");
    expect(redeemed.status).toBe(200);
    expect((await client.whatNext(redeemed.body.access_token)).status).toBe(200);
  });

  await test.step("a device shows a code; typed in the browser, it is connected", async () => {
    const { status, body: started } = await client.startDevice("tasks:read");
    expect(status).toBe(200);
    await there.goto(started.verification_uri);
    await inspect(there, "device");
    await there.getByLabel("Code").fill(started.user_code.toLowerCase());
    await there.getByRole("button", { name: "Continue" }).click();
    await expect(there.getByRole("heading", { name: "Connect Garden helper?" })).toBeVisible();
    await expect(fact(there, "Asks from")).toHaveText(/^(127\.0\.0\.1|::1)$/);
    await inspect(there, "device, what it asks for");
    await there.getByRole("button", { name: "Allow" }).click();
    await expect(there.getByRole("heading", { name: "The device is connected" })).toBeVisible();
    await inspect(there, "device, connected");
    const polled = await client.pollDevice(started.device_code);
    expect(polled.status).toBe(200);
    expect((await client.whatNext(polled.body.access_token)).status).toBe(200);
  });

  await test.step("a request is decided once, and one that never was says so", async () => {
    const way = client.asks("tasks:read");
    await there.goto(way.url);
    await expect(there.getByRole("heading", { name: "Connect Garden helper?" })).toBeVisible();
    const here = there.url();
    await there.getByRole("button", { name: "Allow" }).click();
    await returned(there, way);
    const late = await context.newPage();
    await late.goto(here);
    await expect(late.getByRole("heading", { name: "This request is over" })).toBeVisible();
    await inspect(late, "a request that is over");
    await late.close();
  });

  await test.step("nothing was kept where scripts can read, nothing was said, no rule was broken", async () => {
    await there.goto("/");
    const kept = await there.evaluate(() => ({ cookies: document.cookie, local: Object.keys(localStorage), session: Object.keys(sessionStorage) }));
    expect(kept).toEqual({ cookies: "", local: [], session: [] });
    expect(said).toEqual([]);
    expect(saidToOwner).toEqual([]);
  });
  client.closes();
  await context.close();
});
