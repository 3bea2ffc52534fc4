// The chart under fingers and keys.
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
