# The account at a glance.
title = Home
balance-title = Your balance
nothing-due = Nothing to pay
nothing-due-plain = You are all paid up.
credit-amount = { $amount } credit
credit-body = It goes towards your next bill.
pay = Pay
pay-ahead = Pay ahead, autopay
see-bill = See the bill
see-bills = See your bills
see-usage = See { $service } use
attention-title = Needs your attention
overdue-title = { $amount } is past due
overdue-body = It has been since { $date }. Pay now, or call us at { $phone }: we can often spread a bill over several months.
pending-title = Your payment of { $amount } is on its way
pending-body = We will say so here and by mail when it is posted. There is no need to pay again.
flow-title = Water may be leaking
flow-body = Since { $since }, at least { $gallons } { $gallons ->
    [one] gallon has
   *[other] gallons have
} run in every hour, nights included. A running toilet or an irrigation valve is the usual cause.
flow-link = See water use by hour
flow-help = Ask us for help
nothing-title = Your { $service } meter may have stopped
nothing-body = It has counted nothing since { $since }. We are looking into it, and if a bill was too low or too high because of it, we put that right. If nobody has been at home, nothing is wrong.
stale-title = No { $service } readings since { $date }
stale-body = Your meter has not reported to us. You need not do anything; we are looking into it, and missing days are shown as gaps, not as zero.
services-title = This billing period so far
period-none = No readings in this billing period yet.
used-so-far = { $days ->
    [one] in 1 day
   *[other] in { $days } days
} since { $date }
more = { $percent } % more than in the same days of the last period
less = { $percent } % less than in the same days of the last period
same = about the same as in the same days of the last period
missing = { $n ->
    [one] One reading is missing.
   *[other] { $n } readings are missing.
}
no-comparison = The last period has no complete readings to compare with.
cost-so-far = About { $amount } so far
last-day = { $day }: { $amount } { $unit }
last-day-estimated = { $day }: { $amount } { $unit }, partly estimated
recent = The last { $days } days
recent-summary = Use on each of the last { $days } days, { $unit }.

# The next bill.
coming-title = Your next bill
coming-range = Probably { $low } to { $high }, most likely { $likely }.
coming-from = For { $range }, from { $known ->
    [one] its first day
   *[other] its first { $known } days
} and what you used lately.
coming-record = Of your last { $tried } bills, { $within } came within the range that we would have given after as many days.
