// Getting in for the first time, and getting in again.
import type { Page } from '@playwright/test';
import { expect, signIn, test } from '../fixtures';
import { judge } from '../judge';
import { resident, town } from '../town';

const PASSWORD = 'seven quiet harbours';

/** The link in the newest mail to someone, as the demo's outbox shows it. */
async function linkTo(page: Page, email: string): Promise<string> {
  let href: string | null = null;
  await expect(async () => {
    await page.goto('/outbox');
    const mail = page.locator('article.mail', { hasText: email }).first();
    href = await mail.locator('a[href^="http"]').first().getAttribute('href', { timeout: 1_000 });
    expect(href).toBeTruthy();
  }).toPass({ timeout: 20_000 });
  return href ?? '';
}

test('two things on the bill and a mail set up online access', async ({ page }) => {
  const project = test.info().project.name;
  const home = town.unclaimed[project.endsWith('no-script') ? 1 : 0];
  const email = `new-${project}@example.com`;
  await page.goto('/sign-in');
  await page.getByRole('link', { name: /First time here/ }).click();
  await page.locator('#account_number').fill(home.account);
  await page.locator('#bill_amount').fill('1.23');
  await page.locator('#email').fill(email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  // Whether the two belong together is said by the mail alone.
  const answer = page.getByText('If the number and the amount belong together');
  await expect(answer).toBeVisible();

  await page.goto('/claim');
  await page.locator('#account_number').fill(home.account);
  await page.locator('#bill_amount').fill(home.bill);
  await page.locator('#email').fill(email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await expect(answer).toBeVisible();

  await page.goto(await linkTo(page, email));
  await judge(page, 'confirm');
  await page.locator('#new_password').fill(PASSWORD);
  await page.locator('main form button[type="submit"]').first().click();
  await page.waitForURL(`**/a/${home.account}**`);
  await expect(page.locator('h1')).toHaveText('Home');
});

test('a forgotten password is replaced by mail, once', async ({ page }) => {
  const who = resident(test.info().project.name.endsWith('no-script') ? 'business' : 'stopped-meter');
  await page.goto('/recover');
  await page.locator('#login').fill(who.email);
  await page.locator('main form button[type="submit"]').first().click();
  await expect(page.getByText('a link is on its way')).toBeVisible();
  const link = await linkTo(page, who.email);
  await page.goto(link);
  await judge(page, 'new-password');
  await page.locator('#new_password').fill(PASSWORD);
  await page.locator('main form button[type="submit"]').first().click();
  await page.waitForURL(`**/a/${who.accounts[0]}**`);
  await page.context().clearCookies();
  const again = await page.goto(link);
  expect(again?.status()).toBe(410);
  await signIn(page, { ...who, password: PASSWORD });
});
