// The sliders of the plans page: what the server would answer, at once. Amounts are millionths of a kilowatt-hour and cents; the
// steps and roundings are those of `Sheet::total` and `trial::apply`.
const section = document.querySelector('.try');
const form = section?.querySelector('form');
let hours;

function tried(given, period, day, from, trial) {
  const count = day[1];
  const hour = (i) => period.hours[from + i];
  const within = (i, [start, end]) => hour(i) >= start && hour(i) < end;
  const number = (range) => { let n = 0; for (let i = 0; i < count; i++) n += within(i, range); return n; };
  const car = Math.floor(trial.car * 1000 / (given.night[1] - given.night[0]));
  const noon = number(given.midday);
  const each = noon ? Math.floor(trial.moved * 1000 / Math.max(number(given.evening), 1)) : 0;
  const use = (i) => period.delivered[from + i] * given.unit;
  let moved = 0;
  for (let i = 0; i < count; i++) if (within(i, given.evening)) moved += Math.min(use(i), each);
  moved = Math.floor(moved / Math.max(noon, 1));
  const out = [];
  for (let i = 0; i < count; i++) {
    let taken = use(i);
    let sent = (period.received[from + i] ?? 0) * given.unit;
    if (within(i, given.evening)) taken -= Math.min(taken, each);
    if (within(i, given.night)) taken += car;
    if (within(i, given.midday)) {
      const own = Math.min(sent, moved);
      sent -= own;
      taken += moved - own;
    }
    const made = trial.solar * given.sun[day[0] - 1][hour(i)];
    const own = Math.min(taken, made);
    out.push([taken - own, sent + made - own]);
  }
  return out;
}

const half = (dividend, divisor) => (2n * dividend + divisor) / (2n * divisor);
const cents = (price, quantity) => half(BigInt(price) * BigInt(quantity), 1000000000000n);
const percent = (base, rate) => half(base * BigInt(rate), 100000000n);

function total(sheet, quantities) {
  let gross = BigInt(sheet.fixed);
  let credit = 0n;
  sheet.rules.forEach((rule, r) => {
    let from = 0;
    for (const [end, price] of rule.tiers) {
      const amount = cents(price, Math.max(Math.min(end ?? quantities[r], quantities[r]) - from, 0));
      if (rule.sent) credit += amount; else gross += amount;
      from = end ?? quantities[r];
    }
  });
  let taxed = sheet.tax_after_credit ? gross - credit : gross;
  if (taxed < 0n) taxed = 0n;
  return Number(gross - credit + percent(taxed, sheet.tax) - percent(gross, sheet.assistance));
}

function costs(given, trial) {
  const sums = [];
  for (const period of given.periods) {
    const quantities = period.sheets.map((sheet) => sheet.rules.map(() => 0));
    let at = 0;
    for (const day of period.days) {
      for (const [taken, sent] of tried(given, period, day, at, trial)) {
        period.sets[period.set[at]].forEach((rules, plan) => {
          for (const r of rules) quantities[plan][r] += period.sheets[plan].rules[r].sent ? sent : taken;
        });
        at++;
      }
    }
    period.sheets.forEach((sheet, plan) => { sums[plan] = (sums[plan] ?? 0) + total(sheet, quantities[plan]); });
  }
  return sums;
}

const money = (amount) => (amount / 100).toLocaleString('en-US', { style: 'currency', currency: 'USD' });

function show() {
  const value = (name) => Number(form.elements[name].value);
  for (const output of form.querySelectorAll('output'))
    output.textContent = `${document.getElementById(output.htmlFor.value).value} ${output.dataset.unit}`;
  if (!hours?.periods.length) return;
  const trial = {
    car: Math.floor(value('car') * hours.mile / 7),
    moved: Math.round(value('moved') * 1000),
    solar: Math.round(value('solar') * 1000),
  };
  const nothing = !(trial.car || trial.moved || trial.solar);
  const sums = nothing ? [] : costs(hours, trial);
  const words = section.dataset;
  let best;
  section.querySelectorAll('tr[data-plan]').forEach((row, plan) => {
    const sum = sums[plan];
    const off = sum - Number(row.dataset.before);
    row.querySelector('[data-tried]').textContent = nothing ? '' : money(sum);
    row.querySelector('[data-change]').textContent = nothing ? ''
      : off ? (off > 0 ? words.more : words.less).replace('{}', money(Math.abs(off))) : words.same;
    if (!nothing && (!best || sum < best.sum)) best = { sum, plan: row.dataset.plan };
  });
  section.querySelector('[data-said]').textContent = best
    ? words.lead.replace('{plan}', best.plan).replace('{amount}', money(best.sum)) : words.none;
  const query = nothing ? '' : `?${new URLSearchParams(new FormData(form))}`;
  history.replaceState(history.state, '', location.pathname + query + location.hash);
}

if (form) {
  form.querySelector('button[type=submit]').hidden = true;
  form.addEventListener('input', show);
  form.addEventListener('submit', (event) => { if (hours) { event.preventDefault(); show(); } });
  fetch(section.dataset.hours).then((answer) => answer.ok ? answer.json() : undefined).then((given) => {
    hours = given;
    // A plan that the browser cannot work out is left to the server.
    if (hours?.periods.length) show();
    else form.querySelector('button[type=submit]').hidden = false;
  });
}
