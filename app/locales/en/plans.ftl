# Would another plan cost less?
title = Would another plan cost less?
back = Bills
link = Would another plan cost less?
no-electricity = This account has no electricity from us, so there is no plan to choose.
no-choice = Your electricity is billed by { $plan }. There is no other plan for it to choose from.
too-early = There is no whole billing period of readings yet. Once there is one, you see here what each plan would have cost.
lead-less = With { $plan } you would have paid { $less } less for electricity on your last { $n ->
    [one] bill
   *[other] { $n } bills
  }: { $there } instead of { $here }.
lead-own = Your plan, { $own }, costs least for the way you use electricity. { $plan } would have cost { $more } more on your last { $n ->
    [one] bill
   *[other] { $n } bills
  }.
lead-same = { $plan } would have cost the same as your plan, { $own }: { $here } on your last { $n ->
    [one] bill
   *[other] { $n } bills
  }.
name-own = { $name } (your plan)
by-hour = Price by the hour
by-step = Same price at all hours, higher above a daily amount
by-flat = Same price at all hours
chart-title = Electricity by bill: { $here } and { $there }
table-caption = What electricity would have cost on each bill
table-plan = Plan
table-cost = { $n ->
    [one] On your last bill
   *[other] On your last { $n } bills
}
table-month = Each month, about
table-difference = Against your plan
table-tried = With what you try
more = { $amount } more
less = { $amount } less
same = The same
basis = At the prices of { $date }, with tax, from { $expected } readings of your own meter, { $from } to { $to }.
missing = { $n ->
    [one] One reading is missing and counts as nothing in every plan.
   *[other] { $n } readings are missing and count as nothing in every plan.
}
estimated = { $n ->
    [one] One reading is estimated.
   *[other] { $n } readings are estimated.
}
demo-prices = Some of these are demonstration prices, not the City's.
prices-title = What each plan charges
prices-caption = Prices of { $plan }
price-when = When
price-each = For each kWh
price-all = At any time
price-first = The first { $amount } kWh a day
price-rest = All above
price-sent = For what you send back
try-title = Try a change
try-note = These are rules of thumb, worked out on your own hours of the last { $n ->
    [one] bill
   *[other] { $n } bills
  }. What a car or panels cost to buy is not in them.
try-car = Electric car, charged at home from midnight to 6 am
try-car-unit = miles a week
try-move = Dishwasher, washer and dryer moved from the evening (4 to 9 pm) to midday (9 am to 3 pm)
try-move-unit = kWh a day
try-move-note = A load of dishes is about 1.2 kWh, a load in the dryer about 3 kWh.
try-solar = Solar panels on a roof that faces south
try-solar-unit = kW
try-solar-note = About 1,600 kWh a year for each kW. What you do not use at once is sent back at the plan's credit.
try-go = Work it out
try-none = Move a slider to see what would change.
try-lead = With this, { $plan } would cost least: { $amount } on { $n ->
    [one] that bill
   *[other] those { $n } bills
  }.
try-reset = Start again
change = To change your plan, ask us. It starts with your next bill.
change-link = Ask to change plan
