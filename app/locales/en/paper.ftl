# The bill on paper and as PDF.
title = Bill { $number }, account { $account }, { $period }
duplicate = Duplicate
replaced = A corrected bill stands in place of this one. Please do not pay by it.
facts = Account and bill
account = Account
for-service-at = For service at
bill = Bill
period = Period
sent = Sent
due = To be paid by
pay-in-all = To pay in all
earlier = { $amount } of it is from earlier bills, which are due before that.
nothing-to-pay = Nothing to pay. You have a credit of { $amount }.
all-paid = Nothing to pay.
quantity = Quantity
price = Price
blank = none
days-of = { $days } of { $of } days
days = { $days ->
    [one] 1 day
   *[other] { $days } days
}
times = { $n } units
percent = { $n } %
how-title = How to pay
how-online = Online at any time: { $address }
how-mail = By mail: send the slip below with a check made out to { $utility }. Write { $account } on the check.
how-call = Questions, or hard to pay all of it now? Call { $phone }, Monday to Friday, 8 am to 5 pm. We can spread it over several months.
slip-title = Payment slip
slip-cut = Cut here and send this part with your check
slip-to = Pay to
slip-from = From
slip-earlier = { $date }; { $amount } of it, from earlier bills, before that
slip-amount = Amount due
page = { $utility }, account { $account }, bill { $bill }, page { $page } of { $pages }
download = Download as PDF
history-title = { $service } a day by bill, in { $unit }
history-caption = { $title }. The dark bar is this bill: { $amount }.
history-caption-page = { $title }. The last bar is this bill: { $amount }.
history-caption-table = Use a day, bill by bill
history-bill = Bill
history-used = Used
history-daily = A day
history-value = { $month } { $year } { $amount }
history-alt = { $title }: { $values }.
batch-title = Bills to print: { $bills }
