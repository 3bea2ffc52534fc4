// An employee works on a reading that failed a check, and takes it back.
import { expect, signInStaff, test } from '../fixtures';
import { judge } from '../judge';
import { town } from '../town';

test('an exception is judged and taken back', async ({ page }) => {
  await signInStaff(page, town.staff[0]);
  await page.goto('/staff/readings');
  await page.locator('#rule').selectOption('gap');
  await page.locator('main form button').click();
  const found = page.locator('main td a[data-row]');
  await expect(found.first()).toBeVisible();
  // Both projects run this at once: each takes an exception of its own.
  await (test.info().project.name === 'journeys' ? found.first() : found.last()).click();
  await expect(page.locator('main svg').first()).toBeAttached();
  await expect(page.locator('main .lead')).toContainText('intervals have a value');

  await judge(page, 'staff-reading');

  // What was typed stays where it is refused.
  await page.locator('main details summary').last().click();
  await page.locator('#amount').fill('many');
  await page.locator('button[type="submit"]', { hasText: 'Save values' }).click();
  await expect(page.locator('#form-problem')).toBeVisible();
  await expect(page.locator('#amount')).toHaveValue('many');

  await page.locator('#message').fill('Gate code is 12.');
  await page.locator('button[value="visit"]').click();
  await expect(page.locator('.timeline')).toContainText('Field visit ordered');
  await expect(page.locator('.timeline')).toContainText('Gate code is 12.');
  await page.locator('button[value="undo"]').click();
  await expect(page.locator('.timeline')).toContainText('taken back');
  await expect(page.locator('button[value="undo"]')).toHaveCount(0);
});
