// Asking for service, and being answered.
import { expect, hydrated, open, signIn, signInStaff, test } from '../fixtures';
import { resident, town } from '../town';

test('a question is answered and replied to', async ({ page, browser }) => {
  const who = resident('leak');
  const account = who.accounts[0];
  const words = `The hall tap drips, ${test.info().project.name}.`;
  await signIn(page, who);
  await open(page, `/a/${account}/help`);
  await page.locator('input[name="kind"]').first().check();
  await page.locator('#message').fill(words);
  // The smallest PNG there is: one pixel.
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
  await page.locator('input[type="file"]').setInputFiles({ name: 'tap.png', mimeType: 'image/png', buffer: Buffer.from(pixel, 'base64') });
  await page.locator('main form button[type="submit"]').last().click();
  await page.waitForURL(/\/help\/SR-/);
  await hydrated(page);
  const number = page.url().split('/').at(-1)?.split('?')[0] ?? '';
  await expect(page.locator('main')).toContainText(words);
  const photo = page.locator('main img[src*="/photo/"]');
  await expect(photo).toHaveJSProperty('naturalWidth', 1);

  const desk = await browser.newPage();
  await signInStaff(desk, town.staff[0]);
  await desk.goto(`/staff/requests/${number}`);
  await desk.locator('textarea').first().fill('We come on Tuesday at 9 am.');
  await desk.locator('button[name="action"][value="answer"]').click();
  await expect(desk.locator('main')).toContainText('We come on Tuesday');
  await desk.close();

  await open(page, `/a/${account}/help/${number}`);
  await expect(page.locator('main')).toContainText('We come on Tuesday at 9 am.');
  await page.locator('#message').fill('Thank you, that suits me.');
  await page.locator('main form button[type="submit"]').last().click();
  await expect(page.locator('main')).toContainText('Thank you, that suits me.');
});
