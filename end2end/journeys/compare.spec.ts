// An old home's usage file: brought along, looked at, kept, compared, removed.
import { expect, open, signIn, test } from '../fixtures';
import { judge } from '../judge';
import { resident } from '../town';

const HOUR = 3600;

/// A Green Button feed of the first days of June 2025, Eastern time, by the hour.
function feed(watts: number, days: number): string {
  const first = Date.parse('2025-06-01T04:00:00Z') / 1000;
  const readings = Array.from({ length: days * 24 }, (_, i) => {
    const start = first + i * HOUR;
    return `<IntervalReading><timePeriod><duration>${HOUR}</duration><start>${start}</start></timePeriod><value>${watts}</value></IntervalReading>`;
  });
  const espi = 'xmlns="http://naesb.org/espi"';
  const link = (rel: string, href: string) => `<link rel="${rel}" href="${href}"/>`;
  const entry = (links: string, content: string) => `<entry>${links}<content>${content}</content></entry>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">',
    entry(
      link('self', '/UsagePoint/1') + link('related', '/UsagePoint/1/MeterReading') + link('related', '/LocalTimeParameters/1'),
      `<UsagePoint ${espi}><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>`,
    ),
    entry(link('self', '/LocalTimeParameters/1'), `<LocalTimeParameters ${espi}><tzOffset>-18000</tzOffset></LocalTimeParameters>`),
    entry(
      link('self', '/UsagePoint/1/MeterReading/1') + link('up', '/UsagePoint/1/MeterReading') + link('related', '/ReadingType/1')
        + link('related', '/UsagePoint/1/MeterReading/1/IntervalBlock'),
      `<MeterReading ${espi}/>`,
    ),
    entry(
      link('self', '/ReadingType/1'),
      `<ReadingType ${espi}><flowDirection>1</flowDirection><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>72</uom></ReadingType>`,
    ),
    entry(
      link('self', '/UsagePoint/1/MeterReading/1/IntervalBlock/1') + link('up', '/UsagePoint/1/MeterReading/1/IntervalBlock'),
      `<IntervalBlock ${espi}>${readings.join('')}</IntervalBlock>`,
    ),
    '</feed>',
  ].join('');
}

test('a file of an old home stands beside this one', async ({ page }) => {
  const who = resident('solar');
  const account = who.accounts[0];
  // Each project brings a file of its own, since the same one twice is refused.
  const watts = test.info().project.name.length * 40;
  const file = { name: 'old-home.xml', mimeType: 'text/xml', buffer: Buffer.from(feed(watts, 10)) };
  const name = `Oak Street ${test.info().project.name}`;
  await signIn(page, who);
  await open(page, `/a/${account}/usage`);
  await page.locator(`a[href="/a/${account}/usage/compare"]`).click();
  await page.locator('#file').setInputFiles(file);
  await page.locator('#label').fill(name);
  await page.locator('main form button[type="submit"]').last().click();
  await page.waitForURL(/\/compare\/file\//);
  await expect(page.locator('main')).toContainText('Sun 1 Jun 2025, from 12:00 am to 1:00 am');
  await judge(page, 'compare-preview');

  await page.locator('details summary', { hasText: 'The time is not right' }).click();
  await page.locator('#zone').selectOption('America/Los_Angeles');
  await page.getByRole('button', { name: 'Show it like this' }).click();
  await expect(page.locator('main')).toContainText('Sat 31 May 2025, from 9:00 pm to 10:00 pm');
  await page.goBack();

  await page.getByRole('button', { name: 'Yes, keep it' }).click();
  await page.waitForURL(/\/compare\/[0-9A-Z]+-1$/);
  await expect(page.locator('h1')).toHaveText(name);
  await expect(page.locator('main svg.compare').first()).toBeAttached();
  await judge(page, 'compare-data-set');

  await page.locator('details summary', { hasText: 'Rename or remove' }).click();
  await page.getByRole('button', { name: 'Remove this file' }).click();
  await expect(page.getByRole('status')).toContainText('The file was removed.');
  await expect(page.locator('main')).not.toContainText(name);
});

test('what is no usage file is named, and the name comes back', async ({ page }) => {
  const who = resident('leak');
  await signIn(page, who);
  await open(page, `/a/${who.accounts[0]}/usage/compare`);
  await page.locator('#file').setInputFiles({ name: 'page.xml', mimeType: 'text/xml', buffer: Buffer.from('<!doctype html><title>Sign in</title>') });
  await page.locator('#label').fill('Elm Street');
  await page.locator('main form button[type="submit"]').last().click();
  await expect(page.getByRole('alert')).toContainText('That is a web page, not the usage file');
  await expect(page.locator('#label')).toHaveValue('Elm Street');
});
