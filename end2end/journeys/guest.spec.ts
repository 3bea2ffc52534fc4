// Paying a bill without signing in.
import { expect, open, test } from '../fixtures';
import { judge } from '../judge';
import { town } from '../town';

test('an account number and a postcode lead to the payment company and back', async ({ page }) => {
  // A home that nobody is online for; each project has one of its own.
  const { account, postcode } = town.unclaimed[test.info().project.name.endsWith('no-script') ? 1 : 0];
  await open(page, '/pay');
  await page.locator('#account_number').fill(account);
  await page.locator('#postcode').fill('00000');
  await page.locator('main form button[type="submit"]').click();
  await expect(page.locator('[role="alert"]')).toContainText('do not belong together');
  await expect(page.locator('#account_number')).toHaveValue(account);
  await judge(page, 'guest-refused');

  await page.locator('#postcode').fill(postcode);
  await page.locator('main form button[type="submit"]').click();
  await page.waitForURL(/\/pay\/.+/);
  await expect(page.locator('h1')).toContainText(account.slice(-4));
  await expect(page.locator('main')).not.toContainText(account);
  await judge(page, 'guest-amount');
  const own = page.locator('input[name="what"][value="other"]');
  if ((await own.getAttribute('type')) === 'radio') await own.check({ force: true });
  await page.locator('#amount').fill('3.21');
  await page.locator('main form button[type="submit"]').first().click();
  await page.waitForURL(/\/\/pay\.localhost/);

  await page.locator('input[name="means"][value="good"]').check();
  await page.locator('#delivery').selectOption('after');
  await page.locator('button[name="action"][value="pay"]').click();
  await page.waitForURL(/\/pay\/.+\/P-/);
  await expect(async () => {
    await page.reload();
    await expect(page.locator('h1')).toContainText('$3.21 is paid', { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await judge(page, 'guest-paid');
});
