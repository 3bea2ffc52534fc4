// The chart under fingers and keys.
import { readFile } from 'node:fs/promises';

import { expect, open, signIn, test } from '../fixtures';
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
    await expect(page.locator('[role="application"]')).toBeVisible();
  }
});
