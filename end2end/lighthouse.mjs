// Lighthouse on the residents' pages, mobile profile: `make lighthouse`. Prints a table and keeps the reports.
import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import lighthouse from 'lighthouse';

const town = JSON.parse(readFileSync(process.env.TOWN, 'utf8'));
const who = town.residents.find((r) => r.story === 'solar');
const portal = process.env.PORTAL;
const port = 9333;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [`--remote-debugging-port=${port}`, '--no-sandbox', '--disable-background-networking', '--disable-gpu'],
});
const page = await (await browser.newContext()).newPage();
await page.goto(`${portal}/sign-in`);
await page.locator('#login').fill(who.email);
await page.locator('#password').fill(who.password);
await page.locator('main form button[type="submit"]').first().click();
await page.waitForURL(/\/a\//);
const cookies = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
const account = who.accounts[0];
const runs = Number(process.env.RUNS ?? 3);
const folder = `${process.env.TARGET ?? '../target'}/lighthouse`;
mkdirSync(folder, { recursive: true });
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
for (const [name, path] of [['home', ''], ['usage', '/usage'], ['bills', '/bills']]) {
  const seen = [];
  for (let i = 0; i < runs; i += 1) {
    const { lhr } = await lighthouse(`${portal}/a/${account}${path}`, {
      port, output: 'json', logLevel: 'error', extraHeaders: { Cookie: cookies },
      onlyCategories: ['performance', 'accessibility', 'best-practices'],
    });
    seen.push(lhr);
  }
  const score = (category) => Math.round(median(seen.map((l) => l.categories[category].score * 100)));
  const value = (audit) => Math.round(median(seen.map((l) => l.audits[audit].numericValue)) * 1000) / 1000;
  console.log(`${name.padEnd(8)} performance ${score('performance')}  accessibility ${score('accessibility')}  best practices ${score('best-practices')}  ` +
    `LCP ${value('largest-contentful-paint')} ms  CLS ${value('cumulative-layout-shift')}  TBT ${value('total-blocking-time')} ms`);
  writeFileSync(`${folder}/${name}.json`, JSON.stringify(seen.at(-1)));
}
await browser.close();
