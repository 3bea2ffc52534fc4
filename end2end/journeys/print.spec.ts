// On paper: what only a screen needs is gone, and the numbers behind a chart are there.
import { expect, open, signIn, test } from '../fixtures';
import { resident } from '../town';

// The width between the margins of a Letter sheet.
const SHEET = { width: 695, height: 930 };

async function onPaper(page: import('@playwright/test').Page, name: string) {
  await page.setViewportSize(SHEET);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('nav.sections')).toBeHidden();
  for (const button of await page.locator('main button, main .button').all()) await expect(button).toBeHidden();
  const folder = process.env.E2E_SCREENSHOTS ?? '../target/e2e/screenshots';
  await page.screenshot({ path: `${folder}/print-${name}-${test.info().project.name}.png`, fullPage: true });
}

test('usage prints with its sentence, its picture and its table', async ({ page }) => {
  const who = resident('solar');
  await signIn(page, who);
  await open(page, `/a/${who.accounts[0]}/usage?service=water&by=day`);
  await onPaper(page, 'usage');
  await expect(page.locator('main')).toContainText(/You used/);
  await expect(page.locator('main .chart:visible')).toHaveCount(1);
  await expect(page.locator('main .usage-table table')).toBeVisible();
  await expect(page.locator('main .usage-table td').last()).toBeVisible();
});

test('a bill prints whole', async ({ page }) => {
  const who = resident('solar');
  const account = who.accounts[0];
  await signIn(page, who);
  await open(page, `/a/${account}/bills`);
  const href = await page.locator(`main a[href^="/a/${account}/bills/"]`).first().getAttribute('href');
  await open(page, href ?? '');
  await onPaper(page, 'bill');
  await expect(page.locator('main')).toContainText(/Total of this bill/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth).catch(() => 0);
  expect(wide, 'nothing runs off the sheet').toBeLessThanOrEqual(0);
});
