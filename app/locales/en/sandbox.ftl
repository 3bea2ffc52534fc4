# The sandbox processor's hosted page: another company's, in another look.
company = Alder Pay
test-mode = Test mode. No real money moves, and no real card can be typed here.
title = Pay { $amount }
to = To { $description }
amount = Amount
choose = Pay with
good = Visa ending 4242: is accepted
challenge = Visa ending 3184: the bank asks you to confirm, every time
refused = Visa ending 0002: the bank declines
empty = Visa ending 9995: not enough money
outdated = Visa ending 0069: has expired
expiring = Visa ending 0127: is good to the end of this month
refused-later = Visa ending 0341: can be saved, but the bank declines it later
slow = Visa ending 3220: accepted after 10 seconds
no-refund = Visa ending 5126: is accepted, but its bank takes no refund
bank = Bank account ending 6789: settles after two days
bad-bank = Bank account ending 1116: cannot be debited, which shows after two days
returning-bank = Bank account ending 4954: settles after two days, and is sent back two days later
clock-hint = Nobody has to wait for a bank here:
clock-link = let days pass
clock-title = Let days pass
clock-body = Bank debits settle and come back, and cards expire, as they would in that time. Only this test company's clock is moved.
clock-ahead = { $days ->
    [0] Its clock shows the real time.
    [one] Its clock is one day ahead.
   *[other] Its clock is { $days } days ahead.
}
clock-pass = { $days ->
    [one] Let a day pass
   *[other] Let { $days } days pass
}
tell = The confirmation reaches the utility
tell-after = a moment after you are back
tell-before = before you are back
tell-twice = twice
tell-late = half a minute late
tell-never = never
pay = Pay { $amount }
turn-back = Cancel and go back
declined = That did not work
declined-by-bank = The bank declined the card. Nothing was charged. Choose another way to pay, or go back.
declined-funds = There is not enough money behind this card. Nothing was charged. Choose another way to pay, or go back.
declined-expired-card = The card has expired. Nothing was charged. Choose another way to pay, or go back.
declined-bank-account = The bank account cannot be debited. Nothing was charged. Choose another way to pay, or go back.
over-title = This payment is over
over-succeeded = It is paid. It will not be charged again.
over-pending = It is being worked on. It will not be charged again.
over-cancelled = It was cancelled. Nothing was charged.
over-expired = It was not paid in time. Nothing was charged.
back = Go back
unknown-title = There is no such payment
unknown-body = The address may be mistyped.
down-title = We are not available right now
down-body = Nothing was charged. Please try again in a few minutes.
save-title = Save a card or bank account
save-for = For { $description }
save = Save
challenge-title = Your bank asks you to confirm
challenge-pay = { $amount } to { $description }
challenge-save = To be saved for { $description }
challenge-body = { $method }: is it you who is doing this?
challenge-yes = Yes, confirm
challenge-no = No, this is not me
over-setup-title = This page is over
over-saved = It is saved.
over-not-saved = Nothing was saved.
over-not-saved-in-time = Nothing was saved in time.
