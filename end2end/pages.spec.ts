// Every page, in every dress: answers, fits, is accessible, says nothing on the console.
import { expect, open, signIn, signInStaff, test } from './fixtures';
import { judge } from './judge';
import { resident, town } from './town';

const maria = resident('solar');
const account = maria.accounts[0];

const open_pages: [string, string][] = [
  ['sign-in', '/sign-in'],
  ['claim', '/claim'],
  ['recover', '/recover'],
  ['guest-pay', '/pay'],
];
const own_pages: [string, string][] = [
  ['home', `/a/${account}`],
  ['usage', `/a/${account}/usage`],
  ['usage-hours', `/a/${account}/usage?service=water&by=hour`],
  ['usage-bills', `/a/${account}/usage?service=electricity&by=bill`],
  ['usage-months', `/a/${account}/usage?service=gas&by=month`],
  ['usage-dollars', `/a/${account}/usage?service=electricity&by=day&show=dollars`],
  ['usage-beside', `/a/${account}/usage?service=gas&by=day&from=2026-10-01&to=2026-10-31&with=both`],
  ['patterns', `/a/${account}/usage/patterns`],
  ['patterns-year', `/a/${account}/usage/patterns?service=water&from=2025-11-20&to=2026-11-18`],
  ['periods', `/a/${account}/usage/periods?service=gas`],
  ['periods-year', `/a/${account}/usage/periods?from=2025-11-20&to=2026-11-18&from2=2024-11-20&to2=2025-11-18`],
  ['meters', `/a/${account}/usage/meters`],
  ['meters-year', `/a/${account}/usage/meters?from=2025-12-01&to=2026-11-19`],
  ['marks', `/a/${account}/usage/marks`],
  ['plans', `/a/${account}/plans?car=100`],
  ['compare', `/a/${account}/usage/compare`],
  ['bills', `/a/${account}/bills`],
  ['arrangement', `/a/${account}/arrangement`],
  ['budget', `/a/${account}/budget`],
  ['pay', `/a/${account}/pay`],
  ['methods', `/a/${account}/methods`],
  ['scheduled', `/a/${account}/scheduled?parts=2`],
  ['autopay', `/a/${account}/autopay`],
  ['help', `/a/${account}/help`],
  ['settings', `/a/${account}/settings`],
  ['activity', `/a/${account}/activity`],
];
const staff_pages: [string, string][] = [
  ['staff', '/staff'],
  ['staff-account', `/staff/accounts/${account}`],
  ['staff-bills', '/staff/bills'],
  ['staff-bill-run', '/staff/bills/run'],
  ['staff-readings', '/staff/readings'],
  ['staff-requests', '/staff/requests'],
];

for (const [name, path] of open_pages) {
  test(`${name}`, async ({ page }) => {
    expect(await open(page, path)).toBe(200);
    await judge(page, name);
  });
}

test('an address that is not there', async ({ page }) => {
  expect(await open(page, '/nowhere')).toBe(404);
  await judge(page, 'not-found');
});

test.describe('signed in', () => {
  test('every page of an account', async ({ page }) => {
    // Some thirty pages, each measured; a busy machine takes its time.
    test.setTimeout(600_000);
    await signIn(page, maria);
    for (const [name, path] of own_pages) {
      await test.step(name, async () => {
        expect(await open(page, path)).toBe(200);
        await judge(page, name);
      });
    }
    await test.step('bill', async () => {
      await open(page, `/a/${account}/bills`);
      const href = await page.locator(`main a[href^="/a/${account}/bills/"]`).first().getAttribute('href');
      expect(await open(page, href ?? '')).toBe(200);
      await judge(page, 'bill');
      for (const more of ['why', 'readings']) {
        expect(await open(page, `${href}/${more}`)).toBe(200);
        await judge(page, `bill-${more}`);
      }
    });
  });

  test('someone else’s account is as unknown as one that does not exist', async ({ page }) => {
    await signIn(page, maria);
    const other = town.residents.flatMap((r) => r.accounts).find((a) => !maria.accounts.includes(a)) ?? '';
    expect(await open(page, `/a/${other}`)).toBe(404);
    const theirs = await page.locator('main').innerText();
    expect(await open(page, '/a/000000000')).toBe(404);
    expect(await page.locator('main').innerText()).toBe(theirs);
  });
});

test('paying with something saved, and what is planned', async ({ page }) => {
  test.setTimeout(180_000);
  for (const [story, pages] of [
    ['new-meter', ['', '/pay', '/methods', '/autopay']],
    ['car', ['', '/pay', '/scheduled', '/autopay']],
    ['high-bill', ['', '/autopay', '/scheduled?parts=2']],
  ] as [string, string[]][]) {
    const who = resident(story);
    await page.context().clearCookies();
    await signIn(page, who);
    for (const path of pages) {
      await test.step(`${story}${path}`, async () => {
        expect(await open(page, `/a/${who.accounts[0]}${path}`)).toBe(200);
        await judge(page, `${story}${path.split('?')[0].replace('/', '-')}`);
      });
    }
    if (story === 'new-meter') {
      await test.step('confirm', async () => {
        await open(page, `/a/${who.accounts[0]}/pay`);
        // Autopay would take it: who wants to pay it sooner has to say so.
        await page.getByRole('radio', { name: /All that is due/ }).check();
        await page.locator('main form button[type="submit"]').first().click();
        await page.waitForURL(/confirm/);
        await judge(page, 'confirm');
      });
    }
    if (story === 'high-bill') {
      await test.step('confirm parts', async () => {
        await page.locator('form[action="/api/pay/plan"] button[type="submit"]').click();
        await page.waitForURL(/confirm/);
        await judge(page, 'confirm-parts');
      });
    }
  }
});

test('staff pages', async ({ page }) => {
  test.setTimeout(180_000);
  await signInStaff(page, town.staff[0]);
  for (const [name, path] of staff_pages) {
    await test.step(name, async () => {
      expect((await page.goto(path))?.status()).toBe(200);
      await judge(page, name);
    });
  }
});
