# Saved ways to pay, scheduled payments, autopay.
back-to-pay = Pay
expires = expires { $month }
expires-soon = expires soon, { $month }
expired = expired { $month }

# The saved ways to pay.
methods-title = Saved cards and accounts
methods-lead = Saved with our payment company, never with us: we know only the name you see here. Nobody else on the account can use them.
methods-none-title = Nothing saved yet
methods-none-body = Save a card or a bank account, and paying takes three taps. You need one to pay on another day, in parts, or by autopay.
methods-add = Save a card or bank account
methods-add-hint = You type its number on the page of our payment company. Nothing is charged.
methods-saved = Your card or bank account is saved and ready to use.
methods-cancelled = You turned back. Nothing was saved.
methods-expired = The time to save it ran out. Nothing was saved.
methods-open = The payment company has not told us yet whether it was saved. Look again in a moment.
methods-check = Look again
methods-down = The payment company does not answer right now. If you saved something there, it appears here by itself.
methods-removed = That card or bank account is removed, here and at the payment company.
methods-uses-autopay = Used by autopay of account { $accounts }
methods-uses-scheduled = { $count ->
    [one] Used by 1 scheduled payment
   *[other] Used by { $count } scheduled payments
}
methods-unused = Not used by autopay or a scheduled payment
methods-remove = Remove { $label }
methods-instead = What should happen to autopay and payments that use it?
methods-move = Use { $label } from now on
methods-end = End autopay and cancel the scheduled payments that use it
methods-many = You have as many as we keep. Remove one first.

# What is about to happen.
confirm-title = Check and pay
confirm-title-later = Check and schedule
confirm-now = Now
confirm-amount = Amount
confirm-with = Paid with
confirm-when = When
confirm-after = After that
confirm-account = Account
confirm-left = Still to pay: { $amount }
confirm-none = Nothing is left to pay
confirm-credit = { $amount } is held for your next bills
confirm-receipt = Receipt to
confirm-card = Your card is charged as soon as you tap the button. A receipt follows at once.
confirm-bank = Your bank account is debited; that takes a few days. It counts as paid today unless your bank sends it back.
confirm-autopay = Autopay was to take { $amount } on { $date }. It then takes only what is still owed, or nothing.
confirm-pay = Pay { $amount } now
confirm-schedule = { $count ->
    [one] Schedule this payment
   *[other] Schedule these { $count } payments
}
confirm-change = Change something
confirm-part = Part
confirm-on = On
confirm-means = What that means
confirm-in-time = In time: it is due { $date }
confirm-no-due = Nothing is due before that
confirm-late = { $days ->
    [one] 1 day after the due date of { $date }: until then it counts as late
   *[other] { $days } days after the due date of { $date }: until then it counts as late
}
confirm-late-fee = What is paid after the due date counts as late. Reminders go out, and a late fee may be charged. If you need more time, an arrangement has neither.
confirm-late-plain = What is paid after the due date counts as late, and reminders go out. If you need more time, an arrangement stops them.
confirm-later-next = Each part is taken on the morning of its day, and never more than is owed then. If you have paid by then, nothing is taken. You can change or cancel it until it is taken. If it is declined, we tell you at once and try once more three days later.
confirm-total = In all

# Scheduled payments.
scheduled-title = Pay on another day
scheduled-lead = Choose one or more days. On each, we take that part with a saved card or bank account.
scheduled-open = To plan
scheduled-nothing = There is nothing to plan: nothing is owed, or all of it is planned or on its way.
scheduled-need = To pay on another day you need a saved card or bank account.
scheduled-how-many = In how many parts?
scheduled-parts = { $count ->
    [one] All at once
   *[other] { $count } parts
}
scheduled-show = Show
scheduled-form = When and how much
scheduled-form-hint = Up to { $open } in all, from { $first } to { $last }.
scheduled-day = Day of part { $n }
scheduled-amount = Amount of part { $n }
scheduled-one-day = Day
scheduled-one-amount = Amount
scheduled-continue = Continue
scheduled-continue-hint = You see what each day means before anything is scheduled.
scheduled-planned = What is planned
scheduled-none = Nothing is planned.
scheduled-ended = What was planned
scheduled-added = Your payment is scheduled. We have mailed you what is taken and when.
scheduled-changed = Your payment is changed.
scheduled-cancelled = That payment is cancelled and will not be taken. Others stay as planned.
scheduled-change = Change
scheduled-cancel = Cancel it
scheduled-change-title = Change the payment of { $amount } on { $date }
scheduled-save = Save the change
scheduled-autopay = Autopay is on. What you schedule here is left out of what it takes.
with = Pay with
with-new = Another card or bank account

# How one stands.
line-autopay = Autopay
line-scheduled = Scheduled
line-up-to = up to { $amount }
state-waiting = On { $date }
state-asking = Waits for your answer
state-taking = On its way
state-retrying = Declined once, tried again on { $date }
state-taken = Taken
state-covered = Not needed: nothing was owed
state-failed = Declined
state-cancelled = Cancelled
state-skipped = Skipped
state-stopped = Ended
line-late = { $days ->
    [one] 1 day after the due date
   *[other] { $days } days after the due date
}
line-payment = See this payment
line-less = { $amount } was planned; the rest is paid, or planned earlier.
line-nothing = Nothing is taken: by then it is all paid, by what you paid or planned.

# Autopay.
autopay-title = Autopay
autopay-lead = Each bill is paid by itself, on the day you choose. A mail says how much and when as soon as the bill is ready, and once more three days before.
autopay-is-on = Autopay is on
autopay-takes = It takes { $what } with { $method }, { $when }.
autopay-by = { $name } set it up on { $date }.
autopay-mine = You set it up on { $date }.
autopay-first = Nothing is to be taken right now. It takes your next bill.
autopay-next = Next
autopay-next-line = { $amount } on { $date } with { $method }
autopay-next-due = for what is due { $date }
autopay-brake-title = Your bill is higher than expected
autopay-brake-body = This bill came to { $bill }. We had expected about { $expected }, so it is { $percent } % above that. You asked to be asked: nothing is taken until you answer.
autopay-brake-plain = This bill came to { $bill }, and there was nothing to compare it with. You asked to be asked: nothing is taken until you answer.
autopay-limit-title = Your bill is above your limit
autopay-limit-body = { $amount } is to be paid, more than the limit you set for autopay. Nothing is taken, in whole or in part, until you answer.
autopay-expired-title = { $method } has expired
autopay-expired-body = So { $amount } was not taken. Nothing was charged. Choose another card or bank account, or pay another way.
autopay-removed-body = What it was to be taken with is gone. Choose another card or bank account, or pay another way.
autopay-go = Go on: take { $amount } on { $date }
autopay-go-now = Go on: take { $amount } now
autopay-go-with = Take it with
autopay-go-theirs = Only the person whose card or bank account it is can go on. You can skip it or pay another way.
autopay-skip = Skip it this time
autopay-skip-hint = If you skip it, { $amount } is yours to pay by { $due }. What is still open then goes with your next bill.
autopay-other = Pay another way
autopay-why = Why the bill is different
autopay-turn-on = Turn autopay on
autopay-save = Save these choices
autopay-change = Change it
autopay-off = Turn autopay off
autopay-off-hint = Nothing more is taken from then on. A payment that is on its way cannot be stopped.
autopay-was-on = Autopay is on. We have mailed you what it does.
autopay-changed = Your choices are saved.
autopay-was-off = Autopay is off. Nothing more is taken.
autopay-answered = Thank you, we have your answer.
autopay-day = On which day?
autopay-day-due = On the due date
autopay-day-before = { $days ->
    [one] 1 day before the due date
   *[other] { $days } days before the due date
}
autopay-limit = The most it takes for one bill
autopay-limit-hint = Leave it empty to take the whole of each bill. If a bill asks for more, nothing is taken, in whole or in part: we ask you.
autopay-limit-bill = Your last bill asked { $last }.
autopay-limit-usual = Your limit of { $limit } is below what your bills usually come to, about { $usual }. So autopay will take nothing most months and ask you instead.
autopay-limit-last = Your last bill asked { $last }, more than your limit of { $limit }. For a bill like that, autopay takes nothing and asks you.
autopay-brake = When shall it ask you first?
autopay-brake-hint = A few days into each billing period we work out what its bill will probably be. If the bill is higher than that by more than this, nothing is taken until you answer.
autopay-brake-some = Over { $percent } % above expected
autopay-brake-never = Never
autopay-coming = Your next bill will probably be about { $amount }.
autopay-today = What is to be paid today
autopay-today-take = Take the { $amount } that is due { $due } too, on the day chosen above, or tomorrow if that day has passed
autopay-today-leave = I pay the { $amount } that is due { $due } myself; begin with the next bill
autopay-today-none = Nothing is to be paid today. It begins with your next bill.
autopay-rules = What happens
autopay-rule-once = It never takes more than is owed on the day. If you pay first, it takes less, or nothing.
autopay-rule-decline = If your bank declines, we tell you at once. Where it may help, we try once more three days later, and not again.
autopay-rule-card = A month before your card ends we tell you, and nothing is lost if it does: we ask you before the due date.
autopay-rule-close = When the account closes, it ends; your closing bill is yours to pay.
autopay-rule-leave = You can turn it off at any time.
autopay-arranged = You are paying over several months. Autopay takes the instalments on their dates too.
autopay-need = Save a card or bank account first. Nothing is charged by that.
autopay-closed = This account is closed. Nothing is taken by itself any more.
autopay-holders = Only the account's holders can turn autopay on, change it or turn it off. You can pay at any time.
autopay-others = { $name } pays with a card or account of their own. You can turn it off; to pay with yours, turn it on again after that.
autopay-carry-title = Carry autopay on from { $street }?
autopay-carry-body = There it took { $what } with { $method }, { $when }. { $asks } The same can go on here, from your next bill on. It does not do so by itself.
autopay-carry = Carry it on here
autopay-history = What it did
history-when = Day
history-amount = Amount
history-how = What happened

# Links from other pages.
link-methods = Saved cards and accounts
link-scheduled = Pay on another day
link-autopay-on = Autopay: on
link-autopay-off = Autopay: off
link-arrangement = Pay over several months
ways-title = Other ways
planned-autopay = Autopay takes { $amount } with { $method } on { $date }.
planned-scheduled = { $amount } is scheduled for { $date } with { $method }.
planned-autopay-upto = Autopay takes up to { $amount } with { $method } on { $date }.
planned-many = { $sum } is planned in { $count } payments, the first on { $first } and the last on { $last }.
planned-all = All of it is planned.
planned-rest = { $rest } of what is due is not planned yet.
planned-less = If you pay now, it takes only what is still owed then, or nothing.
planned-less-many = If you pay now, they take only what is still owed then, or nothing.
planned-link = See or change it

# What Home says.
attention-brake-title = { $amount } is not taken until you answer
attention-answer = Answer
attention-pay = Pay another way
attention-why = Why the bill is different
attention-failed-title = { $amount } could not be taken
attention-failed-body = { $why } Nothing was charged, and we do not try again by ourselves.
attention-ends-title = { $label } ends on { $date }
attention-ends-body = Payments of this account are taken with it. Save the new card now and remove the old one; what uses it moves over in the same step.
attention-ended-title = { $label } has expired
attention-ended-body = Payments of this account were to be taken with it. Nothing is taken with it any more; save another card or bank account.
attention-carry-title = Autopay did not move with you by itself
attention-carry-body = At { $street } your bills were paid by autopay. It can be carried on here with one tap.
attention-carry-link = See autopay

# The page of a payment.
charge-title = Your payment is being taken
charge-body = The payment company has not answered yet whether it was taken. You need not do anything: we keep asking, and nothing is charged twice.
