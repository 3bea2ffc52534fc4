# The list of bills, and one bill by line.
title = Bills
balance = Your balance
nothing-due = Nothing to pay
all-paid = You are all paid up.
credit-amount = { $amount } credit
credit = It goes towards your next bill.
due-on = Due { $date }
due-today = Due today
due-tomorrow = Due tomorrow, { $date }
late-all = Past due since { $date }
late-part = { $amount } of it is past due since { $date }
amount-due-on = { $amount } is due { $date }
amount-due-today = { $amount } is due today
pay = Pay
on-its-way = A payment of { $amount } is on its way. There is no need to pay that again.
list-title = All bills
payments-title = Payments
payment-posted = Paid
payment-pending = On its way
payment-returned = Came back
next-bill = Your next bill comes around { $date }.
empty-title = No bills yet
empty-body = After each billing period you find the bill here, with what you used, what it cost and why. We write to you when one is ready.
issued = Sent { $date }
standing-paid = Paid
standing-due = Due { $date }
standing-overdue = Past due
standing-replaced = Replaced
standing-arranged = Paid over several months
part-open = { $amount } of it is still to pay

bill-title = Bill for { $period }
back = All bills
number = Bill { $number }
charges = Charges of this bill
issued-due = Sent { $issued }, to be paid by { $due }.
issued-late = Corrected { $issued }. The day to pay by is still that of the first version, { $due }.
paid = This bill is paid.
open = { $amount } of this bill is still to pay.
replaced = A corrected bill stands in place of this one.
than-before-more = { $amount } more than the bill before
than-before-less = { $amount } less than the bill before
than-before-same = the same as the bill before
than-year-more = { $amount } more than a year ago
than-year-less = { $amount } less than a year ago
than-year-same = the same as a year ago
compared = { $before }, { $year }.
compared-one = { $one }.
demo-prices = These are demonstration prices, not the City's. They are set so that a typical home pays about the published typical bill.
summary = At a glance
summary-service = Service
summary-amount = Amount
carried-owed = Not yet paid of earlier bills
carried-credit = Credit from before
since-title = Since the bill before
since-before = To pay in all on the bill before
since-paid = What you paid
since-returned = Payments that came back
since-late = Late fees
since-deposit = Your deposit, given back
since-billed = Later bills
since-corrected = Corrections of earlier bills
since-left = Left over
credit-climate = Climate credit
credit-pledge = Help from ProjectPLEDGE
credit-back-bill = Billed too much before
credit-leak = Credit for a repaired leak
credit-goodwill = Goodwill credit
total-charges = Total of this bill
amount-due = To pay in all when this bill was sent
balance-now = Your balance now
pay-balance = Pay { $amount }
previous = The bill before
next = The bill after
help = A question about this bill? Ask us

lines = Charges for { $service }
what = What
amount = Amount
subtotal = { $service }, in all
days = { $n ->
    [one] 1 day of service
   *[other] { $n } days of service
}
used = You used { $amount } { $unit } in { $n ->
    [one] 1 day
   *[other] { $n } days
}, { $daily } { $unit } a day.
ccf = 1 CCF is 748 gallons. Bills count in CCF, charts in gallons.
sent = Your panels sent { $amount } { $unit } to the grid.
netted = So { $charged } { $unit } are charged on this bill.
netted-before = { $before } { $unit } of solar power were left over from earlier bills. So { $charged } { $unit } are charged on this bill.
netted-after = { $after } { $unit } are left over for later bills.
year-more = That is { $percent } % more a day than a year ago.
year-less = That is { $percent } % less a day than a year ago.
year-same = That is about as much a day as a year ago.
reads = Meter { $meter }
reads-sent = Meter { $meter }, sent to the grid
read-from = { $value } on { $when }
read-both = read { $before } on { $from } and { $after } on { $to }, in { $unit }
read-one = read { $value } on { $when }, in { $unit }
read-none = read every hour or quarter-hour
estimated = part of it estimated
actual = actual readings

tier-first = First { $to } { $unit } at { $price }
tier-middle = { $from } to { $to } { $unit } at { $price }
tier-last = Above { $from } { $unit } at { $price }
tier-all = { $amount } { $unit } at { $price }
sent-line = { $amount } { $unit } sent to the grid at { $price }
monthly = { $price } a month
daily = { $price } a day
calculation = { $amount } { $unit } × { $price }
calculation-fixed = { $price } × { $days } of { $of } days
calculation-units = { $units } units × { $price }
calculation-units-days = { $units } units × { $price } × { $days } of { $of } days
some-days = for { $days } of { $of } days
tax = Utility users tax, { $percent } % of { $base }
assistance = Rate assistance, { $percent } % of { $base }
made-of = Made up of:

label-service-charge = Service charge
label-meter-charge = Meter charge, { $size }-inch meter
label-energy = Electricity
label-energy-in = Electricity, { $hours }
label-hydro-adjuster = Hydro adjustment
label-gas-delivery = Gas delivery
label-gas-supply = Gas supply
label-water-use = Water
label-wastewater = Wastewater
label-storm-drain = Storm drain
label-refuse = Collection, { $size }-gallon cart
label-export-credit = Solar credit
label-demand = Highest load
label-demand-in = Highest load, { $hours }
label-minimum = Up to the least amount of a bill
label-surplus = What was left of your solar power
explain-service-charge = The cost of having the connection and reading the meter, whatever you use.
explain-meter-charge = The cost of having the connection, by the size of the meter: a larger pipe can draw more water at once.
explain-energy = What you used, by the step it falls into. Every day of service adds to the cheaper first step.
explain-hydro-adjuster = Added in dry years and taken off in wet ones, because our power comes largely from rivers.
explain-gas-delivery = Bringing the gas through the city's pipes. The first step is larger in winter.
explain-gas-supply = The gas itself at what we pay for it, which changes every month, with its transport, emission allowances and carbon offsets. We add nothing to it.
explain-water-use = What you used, by the step it falls into.
explain-wastewater = Cleaning what goes down the drain. A flat amount for a home.
explain-storm-drain = Keeping storm drains clear and building new ones, by the hard surface of the lot. One unit is a typical home.
explain-refuse = Weekly collection. The price goes by the garbage cart; recycling and compost carts are included.
explain-export-credit = What your panels sent to the grid is credited on every bill.
explain-demand = The most that you drew at once: wires and transformers are built for it.
explain-minimum = Having the connection costs something even where nothing is used.
explain-surplus = What you sent to the grid and did not use up within the year.
explain-tax = The city's tax on electricity, gas and water, taken on the charges before any discount.
explain-assistance = Your discount, taken on the charges before tax. It never changes the tax.
part-whole = price
part-commodity = supply
part-distribution = distribution
part-public-benefits = public benefits
part-transportation = transport to the city
part-cap-and-trade = emission allowances
part-carbon-offset = carbon offsets
part-base = operation
part-projects = projects

# Is the chart the same as the bill?
proof-link = Is this the same as my chart?
proof-title = Your chart and your bill, { $period }
proof-back = The bill
proof-lead = Each meter has a dial that counts up, and it sends a reading for every quarter-hour or hour. Here is what both say beside what you were billed.
proof-table = { $service }: dial, chart and bill
proof-what = What
proof-amount = Amount
proof-dial = The dial moved
proof-dial-none = The dial
proof-dial-unread = not read at both ends
proof-chart = The chart adds up to
proof-then = When you were billed, it added up to
proof-chart-of = { $n } readings
proof-chart-estimated = { $n } readings, { $estimated } of them estimated
proof-bill = You were billed
proof-netted = Charged, after what your panels sent and what was left over
proof-same = Your chart and your bill are the same.
proof-by-dial = { $missing ->
    [one] One reading never arrived, so the chart lacks it.
   *[other] { $missing } readings never arrived, so the chart lacks them.
} The dial counted all the same, and the bill goes by the dial.
proof-by-estimate = { $missing ->
    [one] One reading never arrived, so the chart lacks it.
   *[other] { $missing } readings never arrived, so the chart lacks them.
} The dial was not read at both ends, so the bill fills them in from your other days.
proof-changed = { $days ->
    [one] Readings of one day came or were corrected after this bill was made.
   *[other] Readings of { $days } days came or were corrected after this bill was made.
} The chart shows what we know now, the bill what we knew then.
proof-dial-only = This meter sends us no readings, so there is no chart. A person reads its dial, and the bill goes by it. What a bill took it to show at the end is where the next one begins.
proof-beside-dial = One of your meters sends us no readings: a person reads its dial. The bill is what the chart adds up to and what that dial moved, { $amount } { $unit }.
proof-unexplained = We cannot say by ourselves why these differ. Please ask us, and a person will look.
proof-dial-off = The dial and the readings differ by { $amount } { $unit }: the dial is read at a slightly different moment, or shows fewer digits.
proof-dial-off-estimated = The dial and the readings differ by { $amount } { $unit }. Of the readings { $estimated } are estimated. What is missing for up to two hours is filled in from the readings around it, and not scaled to what the dial moved.
proof-units = The meter counts gallons. The bill is in CCF: 1 CCF is 748 gallons.
proof-see = See these days in the chart
proof-none = Nothing on this bill is metered.

# Why is my bill different?
why-link = Why?
why-title = Why your bill for { $period } is different
why-lead-more = It is { $amount } more than the bill for { $period }: { $total } instead of { $before }.
why-lead-less = It is { $amount } less than the bill for { $period }: { $total } instead of { $before }.
why-lead-same = It is the same as the bill for { $period }: { $total }.
why-none = This is your first bill here, so there is no other to compare it with.
why-with = Compared with
why-previous = The bill before
why-year = A year ago
why-other = Another bill
why-show = Show
why-chart = From one bill to the other
why-table = The difference by cause
why-cause = Because of
why-change = Change
why-services = By service
why-services-table = { $service }: the difference by cause
why-most = Most of it: { $cause }, { $amount }.
why-used = { $after } { $unit } in { $days-after } days instead of { $before } { $unit } in { $days-before } days.
why-warmer = It was { $degrees } °F warmer on average: { $after } °F instead of { $before } °F.
why-colder = It was { $degrees } °F colder on average: { $after } °F instead of { $before } °F.
why-note = First the days are changed, with as much used a day as before; then what was used; then the prices. So the parts add up to the cent.
why-weather-note = What is put down to the weather is estimated: it is what your home would have used more or less, by how it has followed the temperature over the last year.
why-estimates-note = On one of the bills a reading was estimated, or was corrected later. What we know by now of those days is told apart from what you used.
why-version = { $period }, version { $n }
why-unchanged = The same on both bills: { $services }.
cause-days = More or fewer days
cause-use = What you used a day
cause-weather = Weather
cause-estimates = Estimates put right
cause-steps = More or less at the higher price
cause-hours = When you used it
cause-demand = Your highest load
cause-prices = Prices or plan
cause-fixed = Standing charges
cause-export = What you sent to the grid
cause-netted = What was left to charge after your solar power
cause-tax = Tax
cause-assistance = Rate assistance
cause-started = Services that began
cause-ended = Services that ended
cause-other = Other changes

# A bill that was corrected, beside what it was.
corrected = This bill was corrected.
corrected-link = See what changed
versions-title = What was corrected in your bill for { $period }
versions-more = We corrected this bill on { $date }. It is { $amount } more than before: { $total } instead of { $before }.
versions-less = We corrected this bill on { $date }. It is { $amount } less than before: { $total } instead of { $before }.
versions-same = We corrected this bill on { $date }. It still comes to { $total }.
versions-note = We wrote: “{ $note }”
versions-paid = What you have paid counts in full. Whatever was too much is a credit on your account.
versions-why = Why the amounts differ
versions-table = Both bills, line by line
versions-before = As sent { $date }
versions-after = Corrected { $date }
versions-used = { $after } { $unit } instead of { $before } { $unit }
versions-days = { $after } days instead of { $before } days
versions-not-there = none
versions-all = All versions of this bill
correction-reads = A reading was wrong or came late.
correction-prices = A price was wrong.
correction-facts = Something we had on file was wrong, such as a plan, a cart or a discount.
correction-carried = An earlier bill that solar power was carried on from was corrected.
correction-other = Something on it was wrong.

# No bill is made now.
hold-title = Your next bill is on hold since { $date }
hold-next = You hear from us, or get your bill, by { $date }. Until then there is nothing more to pay for this period.
hold-meter-test = We are testing your meter.
hold-question = We are looking into a question you asked about your bill.
hold-reading-check = We are checking a reading before we bill it.
hold-prices-check = We are checking which prices apply to you.
hold-agreement = Your service agreement is being changed.
hold-other = We are checking something before we bill it.
hold-no-readings = We have no readings for this period yet.
hold-waiting = The last readings of this period have not come in. We try again every night.
hold-overlap = We have two agreements on file for the same days, and must not bill you twice.
hold-not-priced = A price or a fact that your bill needs is missing on our side.
