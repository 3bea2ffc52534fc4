// Would another plan cost less? The sliders answer at once where there is script, and by the server where there is none; to the cent alike.
import { expect, open, signIn, test } from '../fixtures';
import { resident } from '../town';

test('what is tried costs the same in the browser and on the server', async ({ page, javaScriptEnabled }) => {
  const who = resident('family');
  await signIn(page, who);
  const plans = `/a/${who.accounts[0]}/plans`;
  await open(page, `/a/${who.accounts[0]}/bills`);
  await page.locator(`a[href="${plans}"]`).click();
  await expect(page.locator('h1')).toHaveText('Would another plan cost less?');
  const tried = page.locator('[data-tried]');
  const query = '?car=250&moved=3.5&solar=2.5';
  // What the server says, without the script's help.
  const html = await (await page.request.get(plans + query)).text();
  const server = [...html.matchAll(/data-tried[^>]*>([^<]*)</g)].map((m) => m[1]);
  expect(server.length).toBeGreaterThan(1);
  expect(server[0]).toMatch(/^-?\$[\d,]+\.\d\d$/);
  if (javaScriptEnabled === false) {
    await open(page, plans + query);
    await expect(tried.first()).toHaveText(server[0]);
    await page.getByRole('button', { name: 'Work it out' }).click();
    await expect(page).toHaveURL(/car=250/);
    return;
  }
  const given = page.waitForResponse((r) => r.url().includes('/api/plan-hours'));
  await open(page, plans);
  await given;
  for (const [name, value] of [['car', '250'], ['moved', '3.5'], ['solar', '2.5']])
    await page.locator(`input[name=${name}]`).fill(value);
  await expect(tried.first()).not.toBeEmpty();
  expect(await tried.allInnerTexts()).toEqual(server);
  await expect(page).toHaveURL(/car=250&moved=3.5&solar=2.5/);
  await page.locator('input[name=car]').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('output').first()).toHaveText('260 miles a week');
});
