# Mails about bills, payments and requests. Links stand alone on their lines.
checkout-description = { $utility }, account { $account }
bill-ready-subject = Your bill is ready: { $amount } due { $due }
bill-ready-body = Hello { $name },

    Your { $utility } bill for { $period } is ready.

    Account: { $account }, { $street }
    This bill: { $total }
    To pay in all: { $amount }
    Due: { $due }

    See the bill, line by line:
    { $bill_link }

    The same as a PDF, to keep or to print:
    { $pdf_link }

    { $how }

    Questions? Call { $phone }, Monday to Friday, 8 am to 5 pm.

    { $utility }
bill-settled-subject = Your bill is ready: nothing to pay
bill-settled-body = Hello { $name },

    Your { $utility } bill for { $period } is ready. There is nothing to pay.

    Account: { $account }, { $street }
    This bill: { $total }

    See the bill, line by line:
    { $bill_link }

    The same as a PDF, to keep or to print:
    { $pdf_link }

    Questions? Call { $phone }, Monday to Friday, 8 am to 5 pm.

    { $utility }
bill-corrected-subject = Your corrected bill: { $difference }
bill-corrected-more = { $amount } more than before
bill-corrected-less = { $amount } less than before
bill-corrected-same = the same amount as before
bill-corrected-owed = { $amount }, due { $due }
bill-corrected-nothing = nothing
bill-corrected-body = Hello { $name },

    We have corrected your { $utility } bill for { $period }. It comes to { $difference }.

    Account: { $account }, { $street }
    Before: { $before }
    Now: { $after }
    To pay in all: { $owed }

    Why: { $why }

    The corrected bill, line by line, with the one before beside it:
    { $bill_link }

    Questions? Call { $phone }, Monday to Friday, 8 am to 5 pm.

    { $utility }
due-soon-subject = { $amount } due { $due }
due-soon-body = Hello { $name },

    A reminder, in case it slipped your mind: { $amount } is due { $due } for account { $account }, { $street }.

    { $how }

    If you have paid in the last days, thank you: this mail and your payment crossed. If it is hard to pay all of it now, call { $phone } before it is due. We can spread it over several months.

    { $utility }
returned-subject = Your bank returned your payment of { $amount }
returned-body = Hello { $name },

    Your bank has sent back the payment of { $amount } that you made on { $on } with { $method }. The amount is owed again for account { $account }, { $street }. We have charged nothing for this.

    Please pay another way:
    { $pay }

    If you do not know why your bank returned it, ask your bank first. Is it hard to pay just now? Call us at { $phone }: we can often spread a bill over several months.

    { $utility }
receipt-subject = Receipt: { $amount } paid on { $on }
receipt-body = Hello { $name },

    Thank you. We received your payment.

    Amount: { $amount }
    Date: { $on }, { $time }
    Paid with: { $method }
    Payment number: { $number }
    Account: { $account }, { $street }

    { $balance }

    Receipt:
    { $link }

    { $utility }
receipt-owed = Still to pay: { $amount }.
receipt-gone = You have no access to this account any more.
receipt-nothing = There is nothing left to pay.
receipt-credit = We hold { $amount } for your next bill.
method-unknown = your chosen way to pay
refunded-subject = { $amount } is on its way back to you
refunded-body = Hello { $name },

    We are giving { $amount } back to you, from your payment of { $paid } on { $on }. It goes to { $method }; banks take up to ten days to show it.

    Account: { $account }, { $street }
    Refund number: { $number }
    { $left }

    See the payment:
    { $link }

    Questions? Call { $phone }, Monday to Friday, 8 am to 5 pm.

    { $utility }
refund-failed-subject = Your refund of { $amount } did not arrive
refund-failed-body = Hello { $name },

    We sent { $amount } to { $method }, and the bank did not take it. The money is back with us and safe: it counts for account { $account }, { $street }.

    { $left }

    Please call { $phone }, Monday to Friday, 8 am to 5 pm, so that we find another way to give it to you. Refund number: { $number }

    { $utility }
request-made-subject = We have your request { $number }
request-made-body = Hello { $name },

    We have your request about account { $account } and will answer within two working days. You will get a mail when we do.

    Follow it, or add to it:
    { $link }

    If something is dangerous (a smell of gas, a wire down, water in the street), do not wait: leave the place, call 911 first, and then us at { $phone }.

    { $utility }
request-answered-subject = An answer to your request { $number }
request-answered-body = Hello { $name },

    { $staff } answered your request { $number }.

    Read it and reply here:
    { $link }

    { $utility }
request-closed-subject = Your request { $number } is closed
request-closed-body = Hello { $name },

    { $staff } closed your request { $number }. If it is not settled for you, reply there and it opens again:
    { $link }

    { $utility }
