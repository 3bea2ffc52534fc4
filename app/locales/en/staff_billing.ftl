# Corrections, holds and the release of prices, for staff.
correct = See what it would come to now
correct-title = Bill { $bill } as it would be now
correct-lead = The bill computed again from the readings, agreements and prices that we have now, beside what was sent.
of-account = Account { $number }, { $name }
period = For { $period }
replaced = This bill was replaced by a corrected one. Only the one that stands can be corrected.
same = Nothing would change: the bill comes to the same, line by line.
difference = It would come to { $after } instead of { $before }: { $change }.
problem = It cannot be computed now: { $why }
later = { $n ->
    [one] One later bill would be corrected too, because units are carried on to it.
   *[other] { $n } later bills would be corrected too, because units are carried on to them.
}
as-sent = As sent
as-now = As it would be
all-same = Lines that stay the same are not listed.
why = Why
note = What the resident reads
note-hint = In plain words: what was wrong, and what you did about it.
do-correct = Send the corrected bill
holds = On hold
no-holds = Bills of this account are made as usual.
hold-by = Since { $date } by { $name }, next step by { $next }
hold-by-run = Since { $date } by the bill run, which tries again every night
lift = Lift the hold
put = Hold the next bill
put-lead = No bill is made until you lift it. The resident reads the reason, your note and the day by which something happens.
next = Next step by
next-hint = A day, such as 2026-12-01
do-put = Put on hold
changed = Changed bills
changed-title = Bills whose readings changed
changed-lead = Bills of the last { $days } days whose meters say something else now than when the bill was made, because readings came late or were corrected.
changed-none = None: every bill is what the readings say.
bill = Bill
period-head = Period
total-head = Charges
differs = Use now, beside the bill
changed-use = { $service }: { $amount }
changed-sent = { $service } sent back: { $amount }
changed-hours = { $service }: used at other hours
changed-days = { $n ->
    [one] (readings of one more day)
   *[other] (readings of { $n } more days)
}
prices = Prices
prices-title = Release of prices
prices-lead = One person proposes a file of prices, another releases it. Nobody releases their own. Bills made from then on use it; bills that were sent stay as they are.
none = Nothing was proposed.
name = File
name-hint = Its name, such as e-1. It takes the place of the released file of that name.
proposed = Proposed { $date } by { $name }
released = Released { $date } by { $name }
refused = Refused { $date } by { $name }
waits = Waits for release
look = Look at it
propose = Propose prices
propose-note = What changes, and why
propose-note-hint = The person who releases it reads this.
text = The file
text-hint = TOML, in the form that docs/tariffs.md describes. A file with a gap, an overlap or swapped tiers is refused.
do-propose = Propose
proposal-title = Proposed prices: { $name }
effect = What it does to every account's last bill
effect-lead = { $changed } of { $bills } bills would come to something else: { $after } in all instead of { $before }.
effect-failed = Cannot be computed
largest = The largest differences
account = Account
before = Now
after = Then
release = Release
refuse = Refuse
own = You proposed this. Somebody else has to release it.
refused-file = The file was refused: { $why }
