// Paying: out to the processor's own origin and back, whatever happens there.
import type { Page } from '@playwright/test';
import { expect, hydrated, signIn, signInStaff, test } from '../fixtures';
import { judge } from '../judge';
import { resident, town } from '../town';

// A payment that is begun takes the place of one that is not finished, so the tests of an account take turns and each project
// has an account of its own.
test.describe.configure({ mode: 'serial' });
const payer = () => resident(test.info().project.name.endsWith('no-script') ? 'leak' : 'overdue');

/** Where nothing is due there is nothing but an own amount to choose. */
async function ownAmount(page: Page) {
  const own = page.locator('input[name="what"][value="other"]');
  if ((await own.getAttribute('type')) === 'radio') await own.check({ force: true });
}

async function toProcessor(page: Page, amount: string) {
  await page.goto(`/a/${payer().accounts[0]}/pay`);
  await hydrated(page);
  await ownAmount(page);
  await page.locator('#amount').fill(amount);
  await page.locator('main form button[type="submit"]').first().click();
  await page.waitForURL(/\/\/pay\.localhost/);
}

async function choose(page: Page, means: string, delivery: string, action = 'pay') {
  await page.locator(`input[name="means"][value="${means}"]`).check();
  await page.locator('#delivery').selectOption(delivery);
  await page.locator(`button[name="action"][value="${action}"]`).click();
}

/** Reloads until the page says so: the webhook comes a moment later, with or without script. */
async function until(page: Page, text: RegExp) {
  await expect(async () => {
    await page.reload();
    await expect(page.locator('main')).toContainText(text, { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
}

test('what is due is one tap away from pages that have no way to pay of their own', async ({ page }) => {
  await signIn(page, payer());
  const account = `/a/${payer().accounts[0]}`;
  await page.goto(account);
  const due = await page.locator('section[aria-labelledby="balance"] .figure').innerText();
  const link = page.getByRole('banner').getByRole('link', { name: /^Pay \$/ });
  await expect(link).toHaveCount(0);
  for (const at of ['usage', 'help', 'settings', 'usage/meters']) {
    await page.goto(`${account}/${at}`);
    await hydrated(page);
    // Where nothing is due, there is nothing to tap.
    await expect(link).toHaveCount(due.startsWith('$') ? 1 : 0);
  }
  if (due.startsWith('$')) {
    await link.click();
    await page.waitForURL(/\/pay$/);
  }
});

for (const delivery of ['after', 'before', 'twice', 'never']) {
  test(`a payment whose message comes ${delivery} is posted once`, async ({ page }) => {
    await signIn(page, payer());
    await toProcessor(page, '1.25');
    await choose(page, 'good', delivery);
    await page.waitForURL(/\/a\/.*\/pay\/./);
    await until(page, /receipt|posted|received/i);
    await expect(page.locator('main')).toContainText('$1.25');
  });
}

test('a declined card charges nothing and another may be tried', async ({ page }) => {
  await signIn(page, payer());
  await toProcessor(page, '2.00');
  await choose(page, 'refused', 'after');
  await expect(page.getByRole('alert')).toBeVisible();
  await choose(page, 'good', 'after');
  await page.waitForURL(/\/a\/.*\/pay\/./);
  await until(page, /receipt|posted|received/i);
});

test('turning back at the processor charges nothing', async ({ page }) => {
  await signIn(page, payer());
  await toProcessor(page, '2.50');
  await choose(page, 'good', 'after', 'cancel');
  await page.waitForURL(/\/a\/.*\/pay/);
  await expect(page.locator('main')).toContainText(/nothing was charged|not charged|no money/i);
});

test('an amount that cannot be paid is refused before anyone is asked for it', async ({ page }) => {
  await signIn(page, payer());
  await page.goto(`/a/${payer().accounts[0]}/pay`);
  await hydrated(page);
  await ownAmount(page);
  await page.locator('#amount').fill('1000000000000');
  await page.locator('main form button[type="submit"]').first().click();
  await expect(page.locator('#form-problem')).toBeVisible();
  await expect(page.locator('#amount')).toHaveAttribute('aria-invalid', 'true');
});

test('the bank asks to confirm, and a refund comes back to the page of the payment', async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, payer());
  await toProcessor(page, '3.75');
  await choose(page, 'challenge', 'before');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('confirm');
  await judge(page, 'processor-confirm');
  await page.locator('button[value="refuse"]').click();
  await expect(page.getByRole('alert')).toContainText('Nothing was charged');
  await choose(page, 'challenge', 'before');
  await page.locator('button[value="confirm"]').click();
  await page.waitForURL(/\/a\/.*\/pay\/./);
  await until(page, /is paid/);
  const payment = new URL(page.url()).pathname.split('/').pop() ?? '';

  await signInStaff(page, town.staff[0]);
  await page.goto(`/staff/accounts/${payer().accounts[0]}`);
  await page.getByRole('link', { name: payment }).click();
  await judge(page, 'staff-payment');
  await page.locator('[name="amount"]').fill('3.76');
  await page.locator('[name="reason"][value="mistake"]').check();
  await page.locator('main form button[type="submit"]').last().click();
  await expect(page.locator('[name="amount"]')).toHaveAttribute('aria-invalid', 'true');
  await page.locator('[name="amount"]').fill('1.25');
  await page.locator('[name="reason"][value="mistake"]').check();
  await page.locator('main form button[type="submit"]').last().click();
  await expect(page.locator('main')).toContainText('$2.50');
  await judge(page, 'staff-payment-refunded');

  await page.goto(`/a/${payer().accounts[0]}/pay/${payment}`);
  await until(page, /\$1\.25/);
  await judge(page, 'payment-refunded');
});

test('a bank debit settles when days have passed at the bank', async ({ page }) => {
  await signIn(page, payer());
  await toProcessor(page, '4.50');
  await choose(page, 'bank', 'after');
  await page.waitForURL(/\/a\/.*\/pay\/./);
  await until(page, /on its way/);
  const here = page.url();
  await page.goto(`${town.pay}/clock`);
  await judge(page, 'processor-clock');
  await page.locator('button[value="2"]').click();
  await page.goto(here);
  await until(page, /is paid/);
});
