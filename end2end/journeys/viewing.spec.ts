// View-as: the resident's own pages in a frame, read-only, and the resident sees it.
import { expect, hydrated, open, signIn, signInStaff, test } from '../fixtures';
import { resident, town } from '../town';

test('an employee looks, changes nothing, and the resident sees who looked', async ({ page, context, browser }) => {
  const who = resident('solar');
  const account = who.accounts[0];
  await signInStaff(page, town.staff[0]);
  await page.goto(`/staff?q=${account}`);
  await expect(page.locator('main')).toContainText(account);
  await page.goto(`/staff/accounts/${account}`);
  await page.locator('input[name="reason"]').first().check();
  const opening = context.waitForEvent('page');
  await page.locator('form[action="/staff/view-as"] button').click();
  const seen = await opening;
  await seen.waitForLoadState();
  const button = seen.locator('form[action$="/view-as/enter"] button');
  if (test.info().project.name.includes('no-script')) await button.click();
  await seen.waitForURL(/\/\/assist\.localhost.*\/a\//);
  await hydrated(seen);
  await expect(seen.locator('.viewing-banner')).toContainText(town.staff[0].name);
  await seen.goto(`${town.assist}/a/${account}/bills`);
  await expect(seen.locator('.viewing-banner')).toBeVisible();

  const refused = await seen.request.post(`${town.assist}/api/auth/paperless`, {
    headers: { Origin: town.assist, 'Sec-Fetch-Site': 'same-origin' },
    form: { account, paperless: 'true' },
    maxRedirects: 0,
  });
  expect([303, 403]).toContain(refused.status());

  await seen.locator('.viewing-banner button').click();
  await expect(seen.locator('.viewing-banner')).toHaveCount(0);
  expect((await seen.goto(`${town.assist}/a/${account}`))?.url()).not.toContain(`/a/${account}/`);
  await expect(seen.locator('.viewing-banner')).toHaveCount(0);

  const home = await browser.newPage();
  await signIn(home, who);
  await open(home, `/a/${account}/activity`);
  await expect(home.locator('main li, main tr')).not.toHaveCount(0);
  await home.close();
});
