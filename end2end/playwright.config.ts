import { defineConfig, devices } from '@playwright/test';

// Every page is seen as a phone and as a desktop, light and dark, and without JavaScript. Journeys run once.
const chromium = {
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu', '--disable-component-update', '--disable-sync'],
  },
};
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 800 } };

export default defineConfig({
  testDir: '.',
  outputDir: process.env.E2E_RESULTS ?? '../target/e2e/results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  reporter: [['list']],
  snapshotPathTemplate: '{testDir}/snapshots/{arg}{ext}',
  use: {
    baseURL: process.env.PORTAL ?? 'http://localhost:8620',
    locale: 'en-US',
    timezoneId: 'UTC',
    trace: 'off',
    ...chromium,
  },
  projects: [
    { name: 'phone-light', testMatch: /pages\.spec\.ts/, use: { ...devices['Desktop Chrome'], ...phone, ...chromium, colorScheme: 'light' } },
    { name: 'phone-dark', testMatch: /pages\.spec\.ts/, use: { ...devices['Desktop Chrome'], ...phone, ...chromium, colorScheme: 'dark' } },
    { name: 'desktop-light', testMatch: /pages\.spec\.ts/, use: { ...devices['Desktop Chrome'], ...desktop, ...chromium, colorScheme: 'light' } },
    { name: 'desktop-dark', testMatch: /pages\.spec\.ts/, use: { ...devices['Desktop Chrome'], ...desktop, ...chromium, colorScheme: 'dark' } },
    { name: 'no-script', testMatch: /pages\.spec\.ts/, use: { ...devices['Desktop Chrome'], ...phone, ...chromium, javaScriptEnabled: false } },
    { name: 'journeys', testMatch: /journeys\/.*\.spec\.ts/, use: { ...devices['Desktop Chrome'], ...desktop, ...chromium } },
    // `.ci/with-stripe` says where its stand-in for Stripe is.
    ...(process.env.STRIPE
      ? [{ name: 'stripe', testMatch: /stripe\.spec\.ts/, use: { ...devices['Desktop Chrome'], ...desktop, ...chromium } }]
      : []),
    {
      name: 'journeys-no-script',
      testMatch: /journeys\/.*\.spec\.ts/,
      testIgnore: /.*\.hydrate\.spec\.ts/,
      use: { ...devices['Desktop Chrome'], ...phone, ...chromium, javaScriptEnabled: false },
    },
  ],
});
