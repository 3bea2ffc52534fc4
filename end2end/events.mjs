// What the chart costs the browser while a person moves over it and marks a stretch: `make events`. A trace of the main thread on a
// year by day; prints for each pointer event our work (script, style, layout, painting, layers) and the whole task around it, which
// also waits for the compositor's thread, and the time of going to another period with a fetch.
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
/** The chart once it is alive, which it is at the first sign of a reader. */
async function alive() {
  await page.mouse.move(1, 1);
  await page.mouse.move(2, 2);
  await chart.waitFor();
}
await alive();
const box = await chart.boundingBox();
const y = box.y + box.height / 2;
const share = (values, p) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? 0;

const OURS = ['EventDispatch', 'UpdateLayoutTree', 'Layout', 'PrePaint', 'Paint', 'Layerize'];

/** The main thread's tasks that an event was dispatched in: our work and the whole, in milliseconds. */
async function traced(types, act) {
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'] });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const events = traceEvents.filter((e) => e.name === 'EventDispatch' && types.includes(e.args?.data?.type));
  const tasks = traceEvents.filter((e) => /RunTask$/.test(e.name) && e.dur);
  const around = (e) => tasks.find((t) => t.tid === e.tid && t.pid === e.pid && t.ts <= e.ts && e.ts + e.dur <= t.ts + t.dur);
  const seen = new Map(events.map(around).filter(Boolean).map((t) => [t.ts, t]));
  // A layout that script asks for lies inside the script's own time and is not counted twice.
  const ours = (t) => {
    const parts = traceEvents.filter((e) => OURS.includes(e.name) && e.dur && e.tid === t.tid && e.pid === t.pid && e.ts >= t.ts && e.ts + e.dur <= t.ts + t.dur);
    const outer = parts.filter((e) => !parts.some((o) => o !== e && o.ts <= e.ts && e.ts + e.dur <= o.ts + o.dur));
    return outer.reduce((sum, e) => sum + e.dur / 1000, 0);
  };
  return [...seen.values()].map((t) => ({ ours: ours(t), whole: t.dur / 1000 }));
}

function tell(what, times) {
  console.log(`${what.padEnd(30)} ${String(times.length).padStart(4)} events  p50 ${share(times, 0.5).toFixed(2)} ms  p95 ${share(times, 0.95).toFixed(2)} ms`);
}

function tellBoth(what, tasks) {
  tell(`${what}, our work`, tasks.map((t) => t.ours));
  tell(`${what}, whole task`, tasks.map((t) => t.whole));
}

tellBoth('pointing', await traced(['pointermove', 'mousemove'], async () => {
  for (let i = 0; i < 400; i += 1) await page.mouse.move(box.x + 60 + ((box.width - 80) * i) / 400, y);
}));
tellBoth('marking a stretch', await traced(['pointermove', 'mousemove'], async () => {
  await page.mouse.move(box.x + box.width * 0.2, y);
  await page.mouse.down();
  for (let i = 0; i < 400; i += 1) await page.mouse.move(box.x + box.width * (0.2 + (0.7 * i) / 400), y);
}));
await page.mouse.move(box.x - 20, y);
await page.mouse.up();
const moves = [];
await page.goto(year.replace('from=2025-11-20&to=2026-11-19', 'from=2026-10-01&to=2026-10-31'));
await alive();
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
