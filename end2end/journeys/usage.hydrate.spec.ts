// The chart under fingers and keys.
import { readFile } from 'node:fs/promises';

import { expect, hydrated, open, signIn, test } from '../fixtures';
import { resident } from '../town';

test('arrow keys walk the bars and say what they are', async ({ page }) => {
  const who = resident('solar');
  await signIn(page, who);
  await open(page, `/a/${who.accounts[0]}/usage?service=electricity&by=day`);
  const chart = page.locator('[role="application"]');
  await chart.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const live = page.locator('p.visually-hidden[aria-live="polite"]');
  await expect(live).not.toBeEmpty();
  const first = await live.innerText();
  await page.keyboard.press('ArrowRight');
  await expect(live).not.toHaveText(first);
  await page.keyboard.press('Enter');
  await page.waitForURL(/by=hour/);
  // One day, not a run of days: the new chart is there.
  await expect(page.locator('h1')).not.toContainText('–');
  await expect(chart).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(live).toContainText('12:00 am');
});

test('the download holds what is shown', async ({ page }) => {
  const who = resident('solar');
  await signIn(page, who);
  await open(page, `/a/${who.accounts[0]}/usage?service=water&by=day`);
  const href = (await page.locator('a[href*="usage.csv"]').first().getAttribute('href')) ?? '';
  const answer = await page.request.get(href);
  expect(answer.status()).toBe(200);
  const lines = (await answer.text()).trim().split('\n');
  expect(lines.length).toBeGreaterThan(20);
  expect(lines[0]).toContain('start');
});

test('everything comes as one Green Button file', async ({ page }) => {
  const who = resident('solar');
  await signIn(page, who);
  await open(page, `/a/${who.accounts[0]}/usage`);
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download everything, all services (Green Button)' }).click();
  const file = await waiting;
  expect(file.suggestedFilename()).toMatch(/^usage-.*\.xml$/);
  const text = await readFile(await file.path(), 'utf8');
  expect(text.trimEnd().endsWith('</feed>')).toBe(true);
  for (const part of ['<flowDirection>1<', '<flowDirection>19<', '<kind>1</kind>', '<kind>2</kind>', '<UsageSummary'])
    expect(text).toContain(part);
});

test('links lead off the live page and back to it', async ({ page }) => {
  const who = resident('solar');
  const usage = `/a/${who.accounts[0]}/usage`;
  await signIn(page, who);
  await open(page, usage);
  await page.getByRole('link', { name: 'Month', exact: true }).click();
  await page.waitForURL(/from=/);
  const month = page.url();
  for (const [part, heading] of [['bills', 'Bills'], ['usage/compare', 'Compare with another home'], ['help', 'Help']]) {
    await page.locator(`a[href="/a/${who.accounts[0]}/${part}"]:visible`).first().click();
    await expect(page.locator('h1')).toHaveText(heading);
    expect(new URL(page.url()).pathname).toBe(`/a/${who.accounts[0]}/${part}`);
    await page.goBack();
    await expect(page).toHaveURL(month);
    await hydrated(page);
    await expect(page.locator('[role="application"]')).toBeVisible();
  }
});

test('a drag looks closer, keys go in and out, and the address holds it', async ({ page }) => {
  const who = resident('solar');
  await signIn(page, who);
  await open(page, `/a/${who.accounts[0]}/usage?service=gas&by=day&from=2026-08-01&to=2026-10-31`);
  const chart = page.locator('[role="application"]');
  const box = await chart.boundingBox();
  if (!box) throw new Error('the chart has no place');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.4, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, y, { steps: 4 });
  await page.mouse.move(box.x + box.width * 0.6, y, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL((url) => (url.searchParams.get('from') ?? '') > '2026-08-20');
  const days = () => {
    const at = new URL(page.url()).searchParams;
    return (Date.parse(at.get('to') ?? '') - Date.parse(at.get('from') ?? '')) / 86_400_000 + 1;
  };
  expect(days()).toBeGreaterThan(10);
  expect(days()).toBeLessThan(30);
  await expect(page.locator('input[name="from"]')).not.toHaveValue('2026-08-01');
  await page.goBack();
  await expect(page).toHaveURL(/from=2026-08-01/);
  await expect(page.locator('input[name="from"]')).toHaveValue('2026-08-01');
  await chart.focus();
  await page.keyboard.press('+');
  await page.waitForURL((url) => url.searchParams.get('from') !== '2026-08-01');
  const closer = days();
  expect(closer).toBeLessThan(60);
  await expect(page.locator('input[name="from"]')).not.toHaveValue('2026-08-01');
  await expect(chart).toBeFocused();
  await page.keyboard.press('-');
  await expect.poll(days).toBeGreaterThan(closer);
  // Keys that come faster than pictures disturb nothing.
  for (const key of ['+', 'ArrowRight', '-', '+', 'End', '-', '-', 'ArrowLeft', '+']) await page.keyboard.press(key);
  await expect(chart).toBeVisible();
});

test('last year and the weather come beside the use, and go again', async ({ page }) => {
  const who = resident('solar');
  await signIn(page, who);
  await open(page, `/a/${who.accounts[0]}/usage?service=gas&by=day&from=2026-10-01&to=2026-10-31`);
  await page.getByRole('link', { name: 'Last year', exact: true }).click();
  await page.waitForURL(/with=last-year/);
  await page.getByRole('link', { name: 'Temperature', exact: true }).click();
  await page.waitForURL(/with=both/);
  await expect(page.locator('.chart:visible .line.year')).toHaveCount(1);
  await expect(page.locator('.chart:visible .line.warm')).toHaveCount(1);
  await page.locator('summary', { hasText: 'table' }).click();
  await expect(page.locator('.usage-table thead')).toContainText('A year before');
  await page.getByRole('link', { name: 'Last year', exact: true }).click();
  await page.waitForURL(/with=weather/);
  await expect(page.locator('.chart:visible .line.year')).toHaveCount(0);
});
