// A day is marked because something changed at home: it shows on the charts, with the use before and after.
import { expect, open, signIn, test } from '../fixtures';
import { judge } from '../judge';
import { resident } from '../town';

test('a heat pump is marked, seen on the chart, changed and removed', async ({ page }) => {
  const who = resident('solar');
  const account = who.accounts[0];
  // Both projects mark a day in the same town.
  const name = `${test.info().project.name} heat pump`;
  await signIn(page, who);
  await open(page, `/a/${account}/usage/marks`);
  await page.locator('#label').fill(' ');
  await page.locator('#on').fill('2026-08-01');
  await page.locator('main form button[type="submit"]').last().click();
  await expect(page.locator('[role="alert"]')).toContainText('Please');
  await expect(page.locator('#on')).toHaveValue('2026-08-01');
  await page.locator('#label').fill(name);
  await page.locator('input[name="service"][value="electricity"]').check();
  await page.locator('main form button[type="submit"]').last().click();
  await page.waitForURL(/\/usage\/marks\/\d+$/);
  const own = page.url();
  await expect(page.locator('h1')).toHaveText(name);
  await expect(page.locator('[role="status"]')).toContainText('Marked');
  await expect(page.locator('main .lead').first()).toContainText('on the same days the year before');
  await judge(page, 'mark');

  // On the chart of those days, and in its table.
  await page.getByRole('link', { name: 'See it on the chart' }).click();
  await page.waitForURL(/\/usage\?/);
  await open(page, `/a/${account}/usage?service=electricity&by=day&from=2026-07-20&to=2026-08-12`);
  // Its name stands above the line where there is room; a phone has the line alone.
  await expect(page.locator('.chart:visible .flag').first()).toBeAttached();
  await page.locator('summary', { hasText: 'table' }).click();
  await expect(page.locator('.usage-table tbody tr', { hasText: 'Sat 1 Aug' })).toContainText(`Marked: ${name}`);
  await open(page, `/a/${account}/usage?service=water&by=day&from=2026-07-20&to=2026-08-12`);
  await expect(page.locator('.chart:visible .flag')).toHaveCount(0);

  await open(page, own);
  await page.locator('summary', { hasText: 'Change or remove' }).click();
  await page.locator('#label').fill(`${name} II`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('h1')).toHaveText(`${name} II`);
  await page.locator('summary', { hasText: 'Change or remove' }).click();
  await page.getByRole('button', { name: 'Remove this mark' }).click();
  await expect(page.locator('[role="status"]')).toContainText('removed');
  await expect(page.locator('main')).not.toContainText(name);
});

test('any two periods are compared', async ({ page }) => {
  const who = resident('solar');
  const account = who.accounts[0];
  await signIn(page, who);
  await open(page, `/a/${account}/usage?service=gas&by=day&from=2026-10-01&to=2026-10-31`);
  await page.getByRole('link', { name: 'Compare two periods' }).click();
  await page.waitForURL(/\/usage\/periods/);
  await page.getByRole('link', { name: 'This month and the same one last year' }).click();
  await page.waitForURL(/from2=2025-10-01/);
  await expect(page.locator('main .lead').first()).toContainText('from October 2025');
  await page.locator('summary', { hasText: 'Choose your own dates' }).click();
  await page.locator('#from2').fill('2026-03-01');
  await page.locator('#to2').fill('2026-03-31');
  await page.getByRole('button', { name: 'Compare these days' }).click();
  await page.waitForURL(/from2=2026-03-01/);
  await expect(page.locator('main .lead').first()).toContainText('from March 2026');
  await expect(page.locator('table.figures thead')).toContainText('March 2026');
  expect((await page.goto(`/a/${account}/usage/periods?from2=2026-05-02&to2=2026-05-01`))?.status()).toBe(422);
  await expect(page.locator('[role="alert"]')).toContainText('before the first');
  await judge(page, 'periods-wrong');
});
