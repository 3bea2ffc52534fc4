// Saved ways to pay, paying in three taps, parts on other days, autopay: with and without script.
import type { Page } from '@playwright/test';
import { expect, hydrated, signIn, test } from '../fixtures';
import { resident } from '../town';

// The tests of an account take turns, and each project has an account of its own.
test.describe.configure({ mode: 'serial' });
const silent = () => test.info().project.name.endsWith('no-script');
const payer = () => resident(silent() ? 'two-accounts' : 'moved-in');
const at = (page: string) => `/a/${payer().accounts.at(silent() ? 0 : -1)}/${page}`;

async function go(page: Page, path: string) {
  await page.goto(path);
  await hydrated(page);
}

async function save(page: Page, means: string, delivery: string) {
  await go(page, at('methods'));
  await page.locator('form[action="/api/methods/add"] button').click();
  await page.waitForURL(/\/\/pay\.localhost/);
  await page.locator(`input[name="means"][value="${means}"]`).check();
  await page.locator('#delivery').selectOption(delivery);
  await page.locator('button[name="action"][value="pay"]').click();
  await page.waitForURL(/\/methods\?saved=/);
}

test('a card is saved whether or not its message comes, and one may turn back', async ({ page }) => {
  await signIn(page, payer());
  await save(page, 'good', 'never');
  await expect(page.getByRole('status')).toContainText('saved and ready');
  await expect(page.locator('main article')).toContainText('Visa ending 4242');
  await save(page, 'bank', 'twice');
  await expect(page.locator('main article').nth(1)).toContainText('Bank account ending 6789');
  await go(page, at('methods'));
  await page.locator('form[action="/api/methods/add"] button').click();
  await page.waitForURL(/\/\/pay\.localhost/);
  await page.locator('button[name="action"][value="cancel"]').click();
  await page.waitForURL(/\/methods\?saved=/);
  await expect(page.getByRole('status')).toContainText('Nothing was saved');
  await expect(page.locator('main article')).toHaveCount(2);
});

test('paying takes three taps and says what will happen before it does', async ({ page }) => {
  await signIn(page, payer());
  await go(page, at('pay'));
  // What is paid ahead is held as a credit, so this can be done with or without a bill.
  const other = page.locator('input[name="what"][value="other"]');
  if ((await other.getAttribute('type')) === 'radio') await other.check({ force: true });
  await page.locator('#amount').fill('1.10');
  await page.locator('main form button[type="submit"]').first().click();
  await page.waitForURL(/\/confirm\?/);
  await expect(page.locator('main')).toContainText('Visa ending 4242');
  await expect(page.locator('main')).toContainText('Receipt to');
  await page.getByRole('button', { name: 'Pay $1.10 now' }).click();
  await page.waitForURL(/\/pay\/P-/);
  await expect(async () => {
    await page.reload();
    await expect(page.locator('main')).toContainText('Thank you, $1.10 is paid', { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
});

test('an amount that makes no sense comes back with its reason', async ({ page }) => {
  await signIn(page, payer());
  await go(page, at('pay'));
  const other = page.locator('input[name="what"][value="other"]');
  if ((await other.getAttribute('type')) === 'radio') await other.check({ force: true });
  await page.locator('#amount').fill('1000000000000');
  await page.locator('main form button[type="submit"]').first().click();
  await expect(page.locator('#form-problem')).toBeVisible();
});

test('two parts on two days are planned, changed and cancelled', async ({ page }) => {
  // It changes what it finds: each project has a resident of its own.
  const who = resident(silent() ? 'family' : 'car');
  await signIn(page, who);
  const scheduled = `/a/${who.accounts[0]}/scheduled`;
  // What the town came with: two halves, the second after the due date.
  await go(page, scheduled);
  await expect(page.locator('.planned').first().locator('li')).toHaveCount(2);
  await expect(page.locator('.planned').first()).toContainText('after the due date');
  await page.locator('.planned li').nth(1).getByRole('button').click();
  await expect(page.getByRole('status')).toContainText('cancelled');
  await expect(page.locator('.planned').first().locator('li')).toHaveCount(1);
  // A sum that is too large is refused where it stands.
  await page.locator('#amount1').fill('99999');
  await page.locator('form[action="/api/pay/plan"] button[type="submit"]').click();
  await expect(page.locator('#form-problem')).toContainText('more than what is owed');
  await page.locator('#count').selectOption('2');
  await page.locator('form[method="get"] button').click();
  await expect(page.locator('.part')).toHaveCount(2);
  await page.locator('form[action="/api/pay/plan"] button[type="submit"]').click();
  await page.waitForURL(/\/confirm\?/);
  await expect(page.locator('main table tbody tr')).toHaveCount(2);
  await page.getByRole('button', { name: 'Schedule these 2 payments' }).click();
  await expect(page.getByRole('status')).toContainText('scheduled');
  await expect(page.locator('.planned').first().locator('li')).toHaveCount(3);
});

test('autopay is turned on, says what it will do, and is turned off', async ({ page }) => {
  await signIn(page, payer());
  await go(page, at('autopay'));
  await page.locator('#days_before').selectOption('3');
  await page.locator('#limit').fill('much');
  const leave = page.locator('input[name="today"][value="leave"]');
  if (await leave.count()) await leave.check({ force: true });
  await page.getByRole('button', { name: 'Turn autopay on' }).click();
  await expect(page.locator('#form-problem')).toBeVisible();
  await expect(page.locator('#limit')).toHaveValue('much');
  await page.locator('#limit').fill('250');
  const again = page.locator('input[name="today"][value="leave"]');
  if (await again.count()) await again.check({ force: true });
  await page.getByRole('button', { name: 'Turn autopay on' }).click();
  await expect(page.getByRole('status')).toContainText('Autopay is on');
  await expect(page.locator('main')).toContainText('up to $250.00 with Visa ending 4242, 3 days before its due date');
  // A card that is used asks what becomes of what uses it.
  await go(page, at('methods'));
  const card = page.locator('main article').first();
  await expect(card).toContainText('Used by autopay');
  await card.locator('summary').click();
  await card.locator('input[name="instead"]').first().check({ force: true });
  await card.getByRole('button').click();
  await expect(page.getByRole('status')).toContainText('removed');
  await go(page, at('autopay'));
  await expect(page.locator('main')).toContainText('with Bank account ending 6789');
  await page.getByRole('button', { name: 'Turn autopay off' }).click();
  await expect(page.getByRole('status')).toContainText('Autopay is off');
});

test('a bill that is higher than expected waits for an answer', async ({ page }) => {
  const who = resident('high-bill');
  await signIn(page, who);
  await go(page, `/a/${who.accounts[0]}`);
  const asks = page.locator('.notice', { hasText: 'is not taken until you answer' });
  if (silent()) {
    // The other project answers; before or after that, the page of autopay says how it stands.
    await go(page, `/a/${who.accounts[0]}/autopay`);
    await expect(page.locator('main')).toContainText(/higher than expected|Skipped|Next/);
    return;
  }
  await expect(asks).toBeVisible();
  await asks.getByRole('link', { name: 'Answer' }).click();
  await expect(page.locator('.asks')).toContainText('above that');
  await page.getByRole('button', { name: 'Skip it this time' }).click();
  await expect(page.getByRole('status')).toContainText('we have your answer');
  await expect(page.locator('main')).toContainText('Skipped');
});
