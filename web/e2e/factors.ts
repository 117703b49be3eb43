// The second step, as a person sets it up and uses it: an app for codes, a passkey, backup codes.
import { expect, type Browser, type Page } from "@playwright/test";
import { createHmac } from "node:crypto";
import { inspect, watch } from "./watch";

/** The code of an app at this moment (RFC 6238), or so many steps from it. */
export function codeOf(secret: string, steps = 0): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/\s/g, "")].map((one) => alphabet.indexOf(one).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac("sha1", key).update(step).digest();
  const at = (mac[19] ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

export interface Device {
  /** Whether its user is there, and answers at once. */
  answers: (at: boolean) => Promise<void>;
  leaves: () => Promise<void>;
}

/** A device that holds passkeys and recognises its user. */
export async function device(page: Page): Promise<Device> {
  const devices = await page.context().newCDPSession(page);
  await devices.send("WebAuthn.enable");
  const { authenticatorId } = await devices.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return {
    answers: (enabled) => devices.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }).then(() => undefined),
    leaves: () => devices.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }).then(() => undefined),
  };
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /Account menu/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
}

async function password(page: Page, who: { email: string; password: string }): Promise<void> {
  await page.getByLabel("Email").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** `url` is the house by the name of this machine: passkeys belong to a name. */
export async function secondStep(browser: Browser, url: string, who: { email: string; password: string }): Promise<void> {
  const context = await browser.newContext({ baseURL: url });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  // A passkey that is offered waits in the browser; leaving the page ends that.
  const { said } = await watch(page, [/Failed to load resource.*401.*\/auth\/mfa/]);
  await page.goto("/login?next=/settings/security");
  await password(page, who);
  await expect(page.getByText("Your password alone opens your account.")).toBeVisible();
  await inspect(page, "security, password alone");

  // As after five minutes: first a proof.
  await page.route("**/api/v1/me/factors", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), fresh_seconds: 0 } });
  });
  await page.getByRole("button", { name: "Set up" }).click();
  const ask = page.getByRole("dialog", { name: "Confirm it is you" });
  await expect(ask).toBeVisible();
  await page.unroute("**/api/v1/me/factors");
  await inspect(page, "confirm it is you");
  await ask.getByLabel("Password").fill(who.password);
  await ask.getByRole("button", { name: "Confirm" }).click();

  const setup = page.getByRole("dialog", { name: "Set up an authenticator app" });
  await expect(setup.getByRole("img", { name: "QR code for your app" })).toBeVisible();
  await inspect(page, "app, to be set up");
  const secret = await setup.locator(".typed").innerText();
  await setup.getByLabel("Code that the app shows").fill(codeOf(secret));
  await setup.getByRole("button", { name: "Turn on" }).click();
  const backup = page.getByRole("dialog", { name: "Keep your backup codes" });
  await expect(backup.getByRole("listitem")).toHaveCount(10);
  await inspect(page, "backup codes");
  const one = await backup.getByRole("listitem").first().innerText();
  const download = page.waitForEvent("download");
  await backup.getByRole("link", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toBe("stoa-backup-codes.txt");
  await backup.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByText("10 of 10 left")).toBeVisible();

  // The password is half the way now.
  await signOut(page);
  await expect(page.getByRole("heading", { name: "Sign in to Stoa" })).toBeVisible();
  await password(page, who);
  await expect(page.getByRole("heading", { name: "One more step" })).toBeVisible();
  await inspect(page, "second step");
  await page.getByLabel("Code from your app").fill(codeOf(secret, 1));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: /^Hello/ })).toBeVisible();

  // A passkey, and in with it alone.
  const passkeys = await device(page);
  await page.goto("/settings/security");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByText("Your passkey is added.")).toBeVisible();
  await inspect(page, "security, with everything");
  await page.getByRole("button", { name: /^Rename/ }).click();
  await page.getByRole("dialog", { name: "Rename the passkey" }).getByLabel("Name").fill("This laptop");
  await page.getByRole("dialog", { name: "Rename the passkey" }).getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("button", { name: "Remove This laptop" })).toBeVisible();
  const hello = page.getByRole("heading", { name: /^Hello/ });
  await passkeys.answers(false);
  await signOut(page);
  await expect(page.getByRole("button", { name: "Sign in with a passkey" })).toBeVisible();
  await inspect(page, "sign-in, with passkeys");
  await passkeys.answers(true);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(hello).toBeVisible();
  // It is also offered where one would type the address; this device takes the offer at once.
  await signOut(page);
  await expect(page).toHaveURL(/\/login$/);
  await expect(page).toHaveURL(/\/$/);
  await expect(hello).toBeVisible();

  // And a backup code, once.
  await passkeys.leaves();
  await signOut(page);
  await password(page, who);
  await page.getByRole("button", { name: "Use a backup code" }).click();
  await page.getByLabel("Backup code").fill(one.toUpperCase());
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(hello).toBeVisible();
  await page.goto("/settings/security");
  await expect(page.getByText("9 of 10 left")).toBeVisible();
  const kept = await page.evaluate(() => ({ cookies: document.cookie, local: Object.keys(localStorage), session: Object.keys(sessionStorage) }));
  expect(kept).toEqual({ cookies: "", local: [], session: [] });
  expect(said).toEqual([]);
  await context.close();
}
