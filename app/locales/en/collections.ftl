# What is past due, arrangements, budget billing, deposits.
supply-energy = electricity and gas
supply-water = water

shutoff-title = Your { $supply } may be shut off on { $date } or later
shutoff-stop = To stop it, pay { $stop } before { $date }, or agree to pay over several months.
shutoff-noticed = { $amount } for { $supply } has been past due since { $since }. We sent the final notice on { $notice }.
shutoff-planned = { $amount } for { $supply } has been past due since { $since }. The final notice goes out on { $notice } at the earliest.
shutoff-oldest = A payment goes to your oldest charges first, so stopping this takes what is older too.
shutoff-call = If someone at home is seriously ill, or you think the bill is wrong, call { $phone }: while we look into it, nothing is shut off.
pay = Pay
spread = Pay over several months
broken-title = Your payment arrangement was broken on { $date }
broken-body = An instalment or a newer bill was not paid in time, so { $amount } is past due. You may be able to put the arrangement back.
broken-link = See the arrangement
held-title = { $amount } is past due, and nothing is shut off before { $date }
held-body = We put everything on hold for you. There are no late fees and no shut-off until then. Questions? Call { $phone }.
instalment-title = Your next instalment of { $amount } is due { $date }
instalment-body = Pay it and your newer bills in time, and your arrangement stands.

# The arrangement's page.
title = Pay over several months
back = Bills
owed = You owe
lead = We can spread what you owe over 2 to 18 months. There is no fee and no interest. While you keep to it, nothing is shut off.
months = How many months?
month-choice = { $months } months, about { $amount } a month
show-plan = Show this plan
plan = Your plan over { $months } months
plan-when = Due
plan-amount = Amount
plan-total = In all
rules = If you agree
rule-new-bills = New bills come on top and are to be paid by their own due dates.
rule-broken = If an instalment or a new bill is more than { $days } days late, the arrangement is broken: the rest is due at once, and your service may be shut off. You may put it back once, by paying what was missed.
rule-sooner = You may pay more or sooner at any time.
agree = I agree: { $amount } over { $months } months
agreed-active = You agreed on { $date } to pay { $amount } over several months.
agreed-active-body = Keep to it and nothing is shut off. New bills come on top.
agreed-broken = Your arrangement of { $date } was broken.
put-back-first = Pay { $amount } until { $date } and you can put it back, once.
put-back-now = What was missed is paid. You can put the arrangement back until { $date }.
put-back = Put it back
put-back-late = It cannot be put back any more. Call { $phone } and we look for a way together.
paid = Paid
part = { $amount } to pay
to-pay = To pay
no-nothing = You owe nothing, so there is nothing to spread.
no-little = You owe { $amount }. That is too little to spread over months. If you need a few more days, call { $phone }.
no-ask = Your last arrangement was broken. Call { $phone } and we look for a way together.
no-budget = You are in budget billing, which asks the same amount every month. To pay what you owe over several months, leave it first.
done = Agreed. We sent you the plan by mail.

# Budget billing.
budget-title = Budget billing
budget-lead = The same amount every month: summer and winter bills are levelled out. Once a year we settle the difference. It costs nothing, and you see what you really used on every bill.
budget-offer = You would pay { $amount } a month
budget-basis = That is the mean of your last { $bills } bills, rounded up to a dollar. They ran from { $least } to { $most }.
budget-rule-next = It begins with your next bill. What you owe now is paid as before.
budget-rule-year = After 12 bills we settle the difference and work out a new amount.
budget-rule-leave = You can leave at any time. The difference up to then is due three weeks later, or is credited to you.
budget-join = Pay { $amount } a month
budget-few = We need at least three bills to tell what a month costs. Come back after your third bill.
budget-late = Something is past due. Pay it first, then you can join.
budget-arranged = You are paying over several months. You can join once your arrangement is done.
budget-closed = This account is closed.
budget-active = You pay { $amount } a month
budget-ahead = So far you paid { $amount } more than you used. It stays yours.
budget-behind = So far you used { $amount } more than you paid.
budget-even = So far you paid just what you used.
budget-left = { $n ->
    [one] One more bill, then we settle the difference.
   *[other] { $n } more bills, then we settle the difference.
}
budget-table = What you used and what you paid
budget-period = Bill
budget-actual = You used
budget-asked = You pay
budget-running = Difference so far
budget-first = Your first levelled bill comes with the end of this period.
budget-leave = Leave budget billing
budget-leave-behind = If you leave now, { $amount } is due in three weeks.
budget-leave-ahead = If you leave now, { $amount } is credited to you.
budget-joined = Done. Your next bill asks the levelled amount.

# On Home and Bills.
asked-now = This is what your arrangement asks next. You owe { $owed } in all.
arrangement-link = Pay over several months
budget-link = Budget billing
budget-invite = Budget billing
spread-link = Pay over several months
deferred-owed = Budget billing puts { $amount } off until it is settled.
deferred-ahead = You are { $amount } ahead in budget billing.

# Staff.
staff-title = What is owed
staff-none = Nothing is owed.
staff-service = Service
age-current = Not due
age-month = 1–30 days
age-two = 31–60
age-three = 61–90
age-older = Over 90
staff-total = In all
staff-late = { $amount } is past due.
staff-clock = No shut-off of { $supply } before { $date }. Final notice { $notice }.
staff-clock-sent = sent { $date }, to be mailed on paper too
staff-clock-planned = planned { $date }
staff-hold = On hold until { $date }: { $reason }. { $note }
staff-fee = Late fee { $amount } of { $date } on bill { $bill }
staff-arrangement = Arrangement of { $date }: { $amount } over { $months } months, { $standing }
standing-active = in force
standing-kept = kept
standing-broken = broken
standing-ended = ended
staff-budget = Budget billing: { $amount } a month, { $difference } put off
staff-deposit = Deposit { $amount }, taken { $date }
staff-notices = What was written
notice-reminder = Reminder
notice-energy = Final notice, electricity and gas
notice-water = Final notice, water
reason-medical = Medical certificate
reason-dispute = The bill is disputed
reason-extension = More time was given
reason-assistance = Help with paying is promised
act-title = Act on it
act-what = What
act-waive = Waive the late fee
act-hold = Put on hold
act-lift = End the hold
act-arrange = Arrange instalments
act-credit = Give a credit
act-credit-for = What for
act-deposit = Take a deposit
act-release = Give the deposit back
act-why = Why
act-why-hint = Kept in the record of the account.
act-until = Last day
act-months = Months
act-amount = Amount
act-reason = Reason of the hold

# Mails.
mail-reminder-subject = { $amount } was due { $date }
mail-reminder-body = Hello { $name },

    { $amount } was due { $date } for account { $account }, { $street }, and has not arrived.

    Pay it:
    { $pay_link }

    { $more }

    If you have paid in the last days, thank you: this mail and your payment crossed. Questions? Call { $phone }.

    { $utility }
mail-reminder-spread = If it is hard to pay all of it now, you can pay over several months: { $link }
mail-reminder-arranged = It belongs to your payment arrangement. If it is not paid soon, the arrangement is broken: { $link }
mail-final-subject = Final notice: { $supply } may be shut off on { $date } or later
mail-final-body = Hello { $name },

    This is the final notice for account { $account }, { $street }. { $amount } for { $supply } has been past due since { $since }.

    Your { $supply } may be shut off on { $date } or later. To stop it, pay { $stop } before { $date }, or agree with us to pay over several months. A payment goes to your oldest charges first.

    Pay it:
    { $pay_link }

    Pay over several months, 2 to 18:
    { $plan_link }

    Call { $phone } if someone at home is seriously ill, if you think the bill is wrong, or if you need more time. While we look into it, nothing is shut off. Within 13 days of this notice you may ask for an extension and a manager reviews it.

    { $utility }
mail-broken-subject = Your payment arrangement was broken
mail-broken-body = Hello { $name },

    An instalment or a newer bill of account { $account }, { $street }, was not paid in time, so your payment arrangement is broken. { $owed } is due now.

    For { $days } days you may put it back, once, by paying what was missed:
    { $plan_link }

    Questions? Call { $phone }.

    { $utility }
mail-agreed-subject = Your payment arrangement: { $total } in parts
mail-agreed-body = Hello { $name },

    We agreed that you pay { $total } for account { $account }, { $street }, in parts:

    { $lines }

    New bills come on top and are to be paid by their own due dates.

    See how it stands:
    { $link }

    Questions? Call { $phone }.

    { $utility }
mail-instalment-subject = Your instalment of { $amount } is due { $date }
mail-instalment-body = Hello { $name },

    The next instalment of your payment arrangement for account { $account }, { $street }, is { $amount }, due { $date }.

    Pay it:
    { $pay_link }

    See the arrangement:
    { $plan_link }

    If it is hard to pay in time, call { $phone } before it is due.

    { $utility }
mail-settled-subject = Your year of budget billing
mail-settled-body = Hello { $name },

    A year of budget billing has come to its end for account { $account }, { $street }.

    { $settled }

    { $after }

    See it bill by bill:
    { $link }

    { $utility }
mail-settled-more = You used { $amount } more than you paid. It is due { $date }.
mail-settled-less = You paid { $amount } more than you used. It goes towards your next bills.
mail-settled-even = You paid just what you used.
mail-settled-next = From now on you pay { $amount } a month.
mail-settled-end = Your bills are not levelled any more.
mail-deposit-subject = Your deposit of { $amount } is given back
mail-deposit-body = Hello { $name },

    We gave back your deposit, { $amount } with interest where there is any, to account { $account }, { $street }. It paid what was owed, and the rest is credit for your next bills.

    See your bills:
    { $link }

    { $utility }
