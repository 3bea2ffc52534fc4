// What holds of every page, whatever it is about.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures';

// What others change while the pages are walked, or what tells the hour, is not held to the letter.
const CHANGING = /^(settings|activity|help|compare|staff.*|confirm|new-password)$/;

export async function judge(page: import('@playwright/test').Page, name: string) {
  await expect(page.locator('h1')).toHaveCount(1);
  await expect(page).toHaveTitle(/·/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth).catch(() => 0);
  expect(wide, 'the page does not scroll sideways').toBeLessThanOrEqual(0);
  const project = test.info().project.name;
  const folder = process.env.E2E_SCREENSHOTS ?? '../target/e2e/screenshots';
  await page.screenshot({ path: `${folder}/${name}-${project}.png`, fullPage: true });
  if (!project.endsWith('no-script')) {
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
  }
  // What a screen reader is told, page by page: `make browser ARGS=--update-snapshots` writes it anew, to be read as a change.
  if (project === 'desktop-light' && !CHANGING.test(name)) {
    await expect(page.locator('main')).toMatchAriaSnapshot({ name: `${name}.aria.yml` });
  }
}
