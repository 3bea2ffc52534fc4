// How long the page for paying takes on a slow phone until a person can use it: `make pay-ready`. A cold visit each time, on
// Lighthouse's slow 4G (150 ms a round trip, 1.6 Mbit/s down, 0.75 up) with the processor four times slower.
import { readFileSync } from 'node:fs';
import { chromium } from '@playwright/test';

const town = JSON.parse(readFileSync(process.env.TOWN, 'utf8'));
const portal = process.env.PORTAL;
const runs = Number(process.env.RUNS ?? 9);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'],
});
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function measure(name, who, path) {
  const seen = { html: [], fcp: [], lcp: [], ready: [], bytes: [] };
  for (let i = 0; i < runs; i += 1) {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
    const page = await context.newPage();
    if (who) {
      await page.goto(`${portal}/sign-in`);
      await page.locator('#login').fill(who.email);
      await page.locator('#password').fill(who.password);
      await page.locator('main form button[type="submit"]').first().click();
      await page.waitForURL(/\/a\//);
    }
    await page.goto('about:blank');
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    await cdp.send('Network.clearBrowserCache');
    await cdp.send('Network.emulateNetworkConditions', {
      offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8,
    });
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    let bytes = 0;
    cdp.on('Network.loadingFinished', (e) => { bytes += e.encodedDataLength; });
    await page.addInitScript(() => {
      new PerformanceObserver((list) => { window.lcp = list.getEntries().at(-1).startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
    });
    await page.goto(portal + path, { waitUntil: 'load' });
    // A frame after everything is there: what a finger needs is drawn, styled and answers.
    const ready = await page.evaluate(() => new Promise((done) => {
      const button = document.querySelector('main form button[type="submit"]');
      requestAnimationFrame(() => requestAnimationFrame(() => done(button ? performance.now() : -1)));
    }));
    const times = await page.evaluate(() => {
      const [navigation] = performance.getEntriesByType('navigation');
      return { html: navigation.responseEnd, loaded: navigation.loadEventEnd, fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1, lcp: window.lcp ?? -1 };
    });
    if (ready < 0) throw new Error(`${path} has no form`);
    seen.html.push(times.html); seen.fcp.push(times.fcp); seen.lcp.push(times.lcp); seen.bytes.push(bytes);
    seen.ready.push(Math.max(times.fcp, times.loaded));
    await context.close();
  }
  const ms = (values) => `${Math.round(median(values))} ms`;
  console.log(`${name.padEnd(24)} html ${ms(seen.html)}  first paint ${ms(seen.fcp)}  largest ${ms(seen.lcp)}  ready ${ms(seen.ready)}  (worst ${Math.round(Math.max(...seen.ready))} ms)  ${Math.round(median(seen.bytes) / 1000)} kB`);
}

const who = town.residents.find((r) => r.story === 'new-meter');
await measure('pay, saved card', who, `/a/${who.accounts[0]}/pay`);
const plain = town.residents.find((r) => r.story === 'overdue');
await measure('pay, nothing saved', plain, `/a/${plain.accounts[0]}/pay`);
await measure('guest', null, '/pay');
await measure('autopay', who, `/a/${who.accounts[0]}/autopay`);
await browser.close();
