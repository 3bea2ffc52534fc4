// Signing in, out, and back in without the password.
import { expect, open, signIn, test } from '../fixtures';
import { resident } from '../town';

test('the account number signs in as well as the address', async ({ page }) => {
  const who = resident('solar');
  await page.goto('/sign-in');
  await page.locator('#login').fill(who.accounts[0]);
  await page.locator('#password').fill(who.password);
  await page.locator('main form button[type="submit"]').first().click();
  await page.waitForURL(`**/a/${who.accounts[0]}**`);
});

test('a wrong password says nothing about who exists', async ({ page }) => {
  const tell = async (login: string) => {
    await page.goto('/sign-in');
    await page.locator('#login').fill(login);
    await page.locator('#password').fill('not the password at all');
    await page.locator('main form button[type="submit"]').first().click();
    await expect(page.locator('[role="alert"]').first()).toBeVisible();
    await expect(page.locator('#login')).toHaveValue(login);
    return page.locator('[role="alert"]').first().innerText();
  };
  const unknown = await tell(`nobody-${test.info().project.name}@example.com`);
  expect(await tell(resident('business').email)).toBe(unknown);
});

test('two accounts, one person', async ({ page }) => {
  const who = resident('two-accounts');
  expect(who.accounts.length).toBeGreaterThan(1);
  await signIn(page, who);
  await open(page, `/a/${who.accounts[0]}`);
  await page.locator('.switcher summary').click();
  await page.locator(`.switcher a[href="/a/${who.accounts[1]}"]`).click();
  await page.waitForURL(`**/a/${who.accounts[1]}`);
  await expect(page.locator('.switcher .number')).toContainText(who.accounts[1]);
});

test('signing out ends it', async ({ page }) => {
  const who = resident('two-accounts');
  await signIn(page, who);
  await open(page, `/a/${who.accounts[0]}`);
  await page.locator('.switcher summary').click();
  await page.locator('form[action="/api/sign-out"] button').click();
  await page.goto(`/a/${who.accounts[0]}`);
  await page.waitForURL(/sign-in/);
});
