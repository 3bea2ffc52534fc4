// A page that fails its test on any console message, page error or failed request of our own.
import { test as base, expect, type Page } from '@playwright/test';
import type { Employee, Resident } from './town';

export const test = base.extend<{ quiet: void }>({
  quiet: [
    async ({ context }, use) => {
      const said: string[] = [];
      context.on('console', (message) => said.push(`${message.type()}: ${message.text()} (${message.location().url})`));
      context.on('weberror', (error) => said.push(`uncaught: ${error.error().message}`));
      await use();
      // A page that is asked for on purpose although it does not exist or may not be seen is reported by the browser itself.
      const expected = /the server responded with a status of (401|403|404|409|410|413|422|429|503)/;
      expect(said.filter((line) => !expected.test(line))).toEqual([]);
    },
    { auto: true },
  ],
});
export { expect };

/** Goes to a page and, where scripts run, waits until it has been taken over. */
export async function open(page: Page, path: string): Promise<number> {
  const response = await page.goto(path);
  await hydrated(page);
  return response?.status() ?? 0;
}

export async function hydrated(page: Page): Promise<void> {
  if (!(await scripted(page))) return;
  // The page waits for a sign of its reader. Twice: a pointer that is there already does not move.
  await page.mouse.move(1, 1);
  await page.mouse.move(2, 2);
  await page.waitForSelector('html[data-hydrated]', { state: 'attached' });
}

async function scripted(page: Page): Promise<boolean> {
  if (!(await page.locator('script[type="module"]').count())) return false;
  return (await page.locator('noscript').count()) >= 0 && !test.info().project.name.includes('no-script');
}

export async function signIn(page: Page, who: Resident): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('#login').fill(who.email);
  await page.locator('#password').fill(who.password);
  await page.locator('main form button[type="submit"]').first().click();
  await page.waitForURL(/\/a\//);
  await hydrated(page);
}

export async function signInStaff(page: Page, who: Employee): Promise<void> {
  await page.goto('/staff/sign-in');
  await page.locator('[name="login"]').fill(who.email);
  await page.locator('[name="password"]').fill(who.password);
  await page.locator('form button[type="submit"]').first().click();
  await page.waitForURL((url) => url.pathname.startsWith('/staff') && !url.pathname.includes('sign-in'));
}
