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
along = If the prices from { $date } had been in force
along-lead = The same bills as if these prices had counted on all their days. They begin later than the last bills did, so that above they do little or nothing.
by-line = Line by line, over all bills
line = Line
line-of = { $service }: { $what }
line-tier = { $service }: { $what }, step { $tier }
line-tax = Utility users tax
line-assistance = Rate assistance
change = Change
on-bills = Bills
changes = What changes in the file { $file }
changes-lead = Lines with + are new, lines with - are in the file in force and would be gone. Three lines around them are shown.
changes-none = No line differs from the file in force.
largest = The largest differences
account = Account
before = Now
after = Then
release = Release
refuse = Refuse
own = You proposed this. Somebody else has to release it.
refused-file = The file was refused: { $why }

# A bill run that waits for a person.
run-waits = { $n ->
    [one] A bill run waits to be released: one bill, { $sum } in all.
   *[other] A bill run waits to be released: { $n } bills, { $sum } in all.
}
run-issuing = { $n ->
    [one] A bill run is being issued: one bill, { $sum } in all.
   *[other] A bill run is being issued: { $n } bills, { $sum } in all.
}
run-look = Look at the bill run
run-title = Bill run that waits
run-none = No bill run waits.
run-by-hand = Every bill run is released by a person here: nothing was issued.
run-far = Nothing was issued, because the sum is far from that of the bills before: { $bills } bills that follow others come to { $after }, and the bills before them came to { $before }. A wrong price, a wrong unit or a file that came twice look like this; so does a month of unusual weather.
run-changed = It was released, but by then the bills came to something else, so nothing was issued. This is how they come out now.
run-made = Computed { $when }
run-through = For bills that are to be issued by { $date }
run-days = Billing periods within { $days }
run-bills = Bills
run-sum = Sum
run-before = The bills before them
run-first = { $n ->
    [one] One is the first bill of its account.
   *[other] { $n } are the first bills of their accounts.
}
run-held = Not billed now
run-held-line = { $n ->
    [one] One account: { $why }
   *[other] { $n } accounts: { $why }
}
run-held-employee = Held by an employee.
run-released = Released by { $name }, { $when }. The bills are being issued; this takes up to some minutes.
run-anew = It is being computed anew.
run-look-again = See how it stands
run-release-lead = The bills are computed once more first. If any of them comes to something else by then, nothing is issued, and you see them here anew.
run-release = { $n ->
    [one] Issue one bill
   *[other] Issue { $n } bills
}
run-again = Compute anew
run-may-not = Releasing it needs the right to release bill runs, which you do not have.
run-largest-before = The bill before
run-largest-after = This bill
run-all-lines = Lines that come to the same as before are not listed.
worked-out = Worked out { $when }.
working-out = It is being worked out. At the scale of a city that takes a minute.
work-out = Work it out
work-out-anew = Work it out anew
stale-effect = Bills were made or prices released since then. Work it out anew before you release these prices.
