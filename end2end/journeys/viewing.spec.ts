// View-as: the resident's own pages in a frame, read-only, and the resident sees it.
import { request } from 'node:http';
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
  // The resident has a way to pay at the head of a page like this one; who looks has none.
  await seen.goto(`${town.assist}/a/${account}/help`);
  await expect(seen.locator('.viewing-banner')).toBeVisible();
  await expect(seen.getByRole('banner').getByRole('link', { name: /^Pay / })).toHaveCount(0);

  // Names under .localhost are for browsers only; the address and a Host do the same.
  const cookies = (await context.cookies(town.assist)).map((c) => `${c.name}=${c.value}`).join('; ');
  const status = await post(new URL(town.assist), '/api/auth/paperless', `account=${account}&paperless=true`, cookies);
  // The door does not exist on this host, or it is shut: both will do, anything else will not.
  expect([403, 404]).toContain(status);

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

function post(origin: URL, path: string, body: string, cookie: string): Promise<number> {
  return new Promise((done, failed) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: origin.port,
        path,
        method: 'POST',
        headers: {
          Host: origin.host,
          Origin: origin.origin,
          'Sec-Fetch-Site': 'same-origin',
          'Content-Type': 'application/x-www-form-urlencoded',
          Cookie: cookie,
        },
      },
      (answer) => {
        answer.resume();
        done(answer.statusCode ?? 0);
      },
    );
    sent.on('error', failed);
    sent.end(body);
  });
}
