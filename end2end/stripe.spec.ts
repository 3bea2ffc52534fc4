// The processor's own fields on our page, filled in by a real browser. `localstripe` stands in for Stripe, with its own script in the
// page and its own messages. What it cannot do: its script does not send the card of a payment (only that of one that is saved), so
// the test hands it over as Stripe's script would; and it makes no messages of what was saved, which is asked on return.
import { test as base, expect, type Page } from '@playwright/test';

const stripe = process.env.STRIPE ?? '';
const account = '700100';
const at = (path: string) => `/a/${account}/${path}`;

const test = base.extend<{ allowed: void }>({
  allowed: [
    async ({ context }, use) => {
      // localstripe's script logs what it does; a refusal by the content security policy would be an error.
      const wrong: string[] = [];
      context.on('console', (message) => {
        const refused = /the server responded with a status of 402/.test(message.text());
        if (message.type() === 'error' && !refused) wrong.push(message.text());
      });
      context.on('weberror', (error) => wrong.push(`uncaught: ${error.error().message}`));
      await use();
      expect(wrong).toEqual([]);
    },
    { auto: true },
  ],
});
test.describe.configure({ mode: 'serial' });

test.beforeEach(async ({ page }) => {
  await page.goto('/sign-in');
  await page.locator('#login').fill('nora.field@example.com');
  await page.locator('#password').fill('copper-lantern-417');
  await page.locator('main form button[type="submit"]').first().click();
  await page.waitForURL(/\/a\//);
});

async function type(page: Page, number: string) {
  const field = (name: string) => page.locator('#fields').getByPlaceholder(name, { exact: true });
  await field('number').fill(number);
  await field('exp_month').fill('12');
  await field('exp_year').fill('35');
  await field('cvc').fill('123');
  await field('postal_code').fill('94300');
}

const send = (page: Page) => page.locator('#fields-form button[type="submit"]').click();

/** Begins to save a card and waits for the fields. */
async function toFields(page: Page) {
  await page.goto(at('methods'));
  await page.locator('form[action="/api/methods/add"] button').click();
  await page.waitForURL(/\/card$/);
  await expect(page.locator('#fields input')).toHaveCount(5);
}

async function save(page: Page, number: string) {
  await toFields(page);
  await type(page, number);
  await send(page);
  await page.waitForURL(/\/methods\?saved=/);
  await expect(page.getByRole('status')).toContainText(/saved/i);
}

/** Pays an own amount, with a saved card where its last digits are given, up to the page that follows. */
async function pay(page: Page, amount: string, saved?: string) {
  await page.goto(at('pay'));
  const own = page.locator('input[name="what"][value="other"]');
  if ((await own.getAttribute('type')) === 'radio') await own.check({ force: true });
  await page.locator('#amount').fill(amount);
  const ways = page.locator('main label', { has: page.locator('input[name="with"]') });
  if (saved) await ways.filter({ hasText: saved }).locator('input').check({ force: true });
  else if (await ways.count()) await page.locator('input[name="with"][value="new"]').check({ force: true });
  await page.locator('main form button[type="submit"]').first().click();
}

/** What Stripe's script does with the card that is typed: this one belongs to a bank that wants every payment confirmed. */
async function handOver(page: Page): Promise<string> {
  const secret = (await page.locator('#fields-form').getAttribute('data-secret')) ?? '';
  const intent = secret.split('_secret_')[0];
  const headers = { authorization: 'Bearer sk_test_12345' };
  const post = async (path: string, data: object) => {
    const answer = await page.request.post(`${stripe}/v1/${path}`, { headers, data });
    expect(answer.ok(), await answer.text()).toBe(true);
    return answer.json();
  };
  const card = { number: '4000002760003184', exp_month: 12, exp_year: 2035, cvc: '123' };
  const method = await post('payment_methods', { type: 'card', card });
  await post(`payment_intents/${intent}`, { payment_method: method.id });
  const confirmed = await post(`payment_intents/${intent}/confirm`, {});
  expect(confirmed.status).toBe('requires_action');
  return secret;
}

/** Reloads until the page says so. */
async function until(page: Page, text: RegExp) {
  await expect(async () => {
    await page.reload();
    await expect(page.locator('main')).toContainText(text, { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
}

test('a declined card is not saved, and another one is', async ({ page }) => {
  await toFields(page);
  await type(page, '4000000000000002');
  await send(page);
  const problem = page.locator('#fields-problem');
  await expect(problem).toContainText('Your card was declined.');
  await expect(problem).toContainText(/nothing/i);
  await expect(problem).toBeFocused();
  await type(page, '4242424242424242');
  await send(page);
  await page.waitForURL(/\/methods\?saved=/);
  await expect(page.getByRole('status')).toContainText(/saved/i);
  await expect(page.getByRole('article')).toHaveCount(1);
  await expect(page.getByRole('article')).toContainText('4242');
});

test('a card whose bank asks is saved once the person has confirmed', async ({ page }) => {
  await toFields(page);
  await type(page, '4000002500003155');
  await send(page);
  await page.getByRole('button', { name: 'Complete authentication' }).click();
  await page.waitForURL(/\/methods\?saved=/);
  await expect(page.getByRole('article').filter({ hasText: '3155' })).toHaveCount(1);
});

test('a saved card pays, and the payment is posted', async ({ page }) => {
  await pay(page, '1.25', '4242');
  await page.locator('form[action="/api/pay/now"] button[type="submit"]').click();
  await page.waitForURL(/\/pay\/[^/?]+$/);
  await until(page, /is paid/);
  await expect(page.locator('main')).toContainText('$1.25');
  await page.goto(`/a/${account}`);
  await expect(page.locator('main')).toContainText(/\$1\.25.*credit|credit.*\$1\.25/i);
});

test('a saved card that its bank declines charges nothing', async ({ page }) => {
  await save(page, '4000000000000341');
  await pay(page, '2.00', '0341');
  await page.locator('form[action="/api/pay/now"] button[type="submit"]').click();
  await page.waitForURL(/\/pay\/[^/?]+$/);
  await until(page, /nothing was charged/i);
});

test('a card is typed for one payment, and confirmed with its bank', async ({ page }) => {
  await pay(page, '3.75');
  await page.waitForURL(/\/pay\/[^/]+\/card$/);
  await type(page, '4000002760003184');
  await handOver(page);
  await send(page);
  await page.getByRole('button', { name: 'Complete authentication' }).click();
  await page.waitForURL(/\/pay\/[^/?]+$/);
  await until(page, /is paid/);
  await expect(page.locator('main')).toContainText('$3.75');
});

test('what the bank does not confirm charges nothing', async ({ page }) => {
  await pay(page, '4.00');
  await page.waitForURL(/\/pay\/[^/]+\/card$/);
  await type(page, '4000002760003184');
  await handOver(page);
  await send(page);
  await page.getByRole('button', { name: 'Fail authentication' }).click();
  await page.waitForURL(/\/pay\/[^/?]+$/);
  await expect(page.locator('main')).not.toContainText(/is paid/);
});

test('the message alone posts a payment whose page was closed', async ({ page }) => {
  await pay(page, '5.25');
  await page.waitForURL(/\/pay\/[^/]+\/card$/);
  await type(page, '4000002760003184');
  const secret = await handOver(page);
  // The page is gone before the bank answers: nobody comes back to ask.
  await page.goto(`/a/${account}`);
  const intent = secret.split('_secret_')[0];
  const answer = await page.request.post(`${stripe}/v1/payment_intents/${intent}/_authenticate`, {
    headers: { authorization: 'Bearer sk_test_12345' },
    data: { client_secret: secret, success: true },
  });
  expect(answer.ok()).toBe(true);
  // What was paid in these tests, and nothing that was declined or not confirmed.
  await until(page, /\$10\.25/);
});
