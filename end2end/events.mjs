// What the chart costs the browser while a person moves over it and marks a stretch: `make events`. A trace of the main thread on a
// year by day; prints the time of whole tasks around each pointer event, and of going to another period with a fetch.
import { readFileSync } from 'node:fs';
import { chromium } from '@playwright/test';

const town = JSON.parse(readFileSync(process.env.TOWN, 'utf8'));
const who = town.residents.find((r) => r.story === 'solar');
const portal = process.env.PORTAL;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'],
});
const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
await page.goto(`${portal}/sign-in`);
await page.locator('#login').fill(who.email);
await page.locator('#password').fill(who.password);
await page.locator('main form button[type="submit"]').first().click();
await page.waitForURL(/\/a\//);
const year = `${portal}/a/${who.accounts[0]}/usage?service=electricity&by=day&from=2025-11-20&to=2026-11-19`;
await page.goto(year);
const chart = page.locator('[role="application"]');
await chart.waitFor();
const box = await chart.boundingBox();
const y = box.y + box.height / 2;
const share = (values, p) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? 0;

/** The main thread's tasks that an event was dispatched in, in milliseconds. */
async function traced(types, act) {
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'] });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const events = traceEvents.filter((e) => e.name === 'EventDispatch' && types.includes(e.args?.data?.type));
  const tasks = traceEvents.filter((e) => /RunTask$/.test(e.name) && e.dur);
  const around = (e) => tasks.find((t) => t.tid === e.tid && t.pid === e.pid && t.ts <= e.ts && e.ts + e.dur <= t.ts + t.dur);
  const seen = new Map();
  for (const e of events) { const t = around(e); if (t) seen.set(t.ts, t.dur / 1000); }
  return [...seen.values()];
}

function tell(what, times) {
  console.log(`${what.padEnd(28)} ${String(times.length).padStart(4)} events  p50 ${share(times, 0.5).toFixed(2)} ms  p95 ${share(times, 0.95).toFixed(2)} ms`);
}

tell('pointing', await traced(['pointermove', 'mousemove'], async () => {
  for (let i = 0; i < 400; i += 1) await page.mouse.move(box.x + 60 + ((box.width - 80) * i) / 400, y);
}));
tell('marking a stretch', await traced(['pointermove', 'mousemove'], async () => {
  await page.mouse.move(box.x + box.width * 0.2, y);
  await page.mouse.down();
  for (let i = 0; i < 400; i += 1) await page.mouse.move(box.x + box.width * (0.2 + (0.7 * i) / 400), y);
}));
await page.mouse.move(box.x - 20, y);
await page.mouse.up();
const moves = [];
await page.goto(year.replace('from=2025-11-20&to=2026-11-19', 'from=2026-10-01&to=2026-10-31'));
await chart.waitFor();
for (let i = 0; i < 20; i += 1) {
  const heading = await page.locator('h1').innerText();
  const link = page.getByRole('link', { name: i % 2 ? 'Later' : 'Earlier', exact: true });
  moves.push(await link.evaluate((a, before) => new Promise((done) => {
    const begun = performance.now();
    const look = () => (document.querySelector('h1')?.textContent === before ? requestAnimationFrame(look) : done(performance.now() - begun));
    a.click();
    look();
  }), heading));
}
tell('another period, with a fetch', moves);
await browser.close();
