# Mails about saved ways to pay, scheduled payments and autopay. Links stand alone on their lines.
on-subject = Autopay is on for { $street }
on-body = Hello { $name },

    Autopay is on for account { $account }, { $street }. It takes { $what } with { $method }, { $when }.

    { $today }

    { $asks }

    Whenever a bill is ready, our mail says how much will be taken and on which day; three days before we tell you once more. You can change it or turn it off at any time before a payment is taken:
    { $link }

    { $utility }
what-whole = the whole of what each bill asks
what-limit = what each bill asks, up to { $limit }
when-due = on its due date
when-before = { $days ->
    [one] 1 day
   *[other] { $days } days
} before its due date
today-taken = What is to be paid now is taken too: { $amount } on { $date }.
today-left = What is to be paid now is not taken: { $amount }, due { $due }, is still yours to pay.
today-none = Nothing is to be paid now. It begins with your next bill.
asks-brake = If a bill is more than { $percent } % above what we expected, nothing is taken until you say so.
asks-limit = If a bill asks for more than { $limit }, nothing is taken, in whole or in part, until you say so.
asks-both = If a bill is more than { $percent } % above what we expected, or asks for more than { $limit }, nothing is taken until you say so.
asks-never = It does not ask before it takes a high bill. You can set a limit, or a share above what was expected at which it asks.

off-subject = Autopay is off for { $street }
off-body = Hello { $name },

    Autopay for account { $account }, { $street }, is off: { $why } Nothing more is taken.

    { $open }

    { $link }

    { $utility }
off-gone-body = Hello { $name },

    The autopay that you had set up for account { $account }, { $street }, is off: you have no access to that account any more. Nothing more is taken with what is yours.

    { $utility }
off-left = it was turned off on your account page.
off-closed = the account is closed. Your closing bill is not taken by itself.
off-method = the card or bank account it used was removed.
off-role = who had set it up has no access to the account any more.
off-owed = To pay: { $amount }, due { $due }. It is yours to pay now:
off-nothing = Nothing is to be paid. Your bills and payments:

soon-subject = Autopay takes { $amount } on { $date }
soon-body = Hello { $name },

    On { $date } we take { $amount } with { $method } for account { $account }, { $street }, as you agreed. It is due { $due }. You need not do anything.

    To pay another way, use another card or turn autopay off, do it by the evening before:
    { $link }

    { $utility }

ask-brake-subject = Your bill is higher than expected: shall autopay take { $amount }?
ask-limit-subject = Your bill is above your limit: shall autopay take { $amount }?
ask-expired-subject = Your card has expired: { $amount } cannot be taken
ask-brake = Your bill of { $bill } is { $percent } % above the { $expected } that we expected, and you want to be asked before autopay takes one like that.
ask-brake-plain = Your bill came to { $bill }, and we had nothing to compare it with. You want to be asked before autopay takes a bill that may be higher than expected.
ask-limit = { $amount } is to be paid, and that is above the limit that you set for autopay. We do not take a part of it either.
ask-expired = { $method } has expired, so { $amount } was not taken. Nothing was charged.
ask-body = Hello { $name },

    { $why }

    Account: { $account }, { $street }
    To pay: { $amount }
    Due: { $due }

    Nothing is taken until you answer. Go on, skip it this time, or pay another way:
    { $link }

    { $more }

    If you do not answer, nothing is taken, and the amount is past due after { $due }. Is something wrong with the bill? Call { $phone }, Monday to Friday, 8 am to 5 pm.

    { $utility }
ask-more-bill = Why the bill is different, line by line:
    { $link }
ask-more-pay = Pay it another way:
    { $link }
still-subject = { $amount } is due { $due }, and autopay waits for your answer
still-body = Hello { $name },

    We asked you whether autopay shall take { $amount } with { $method } for account { $account }, { $street }, and have no answer yet. Nothing is taken until you answer. It is due { $due }.

    Go on, skip it this time, or pay another way:
    { $link }

    { $utility }

declined-subject = { $amount } could not be taken
declined-body = Hello { $name },

    We tried to take { $amount } with { $method } for account { $account }, { $street }. { $why } Nothing was charged.

    { $next }

    { $link }

    Is it hard to pay just now? Call { $phone }: we can often spread a bill over several months.

    { $utility }
declined-funds = There was not enough money behind it.
declined-bank = The bank declined it without a reason.
declined-expired = The card has expired.
declined-account = The bank account could not be debited.
declined-person = Your bank wants you to confirm it yourself, which cannot be done while you are away.
declined-gone = It is no longer saved with our payment company.
declined-retry = We try once more on { $date }, and not again after that. If you pay another way before then, nothing is taken. To pay now, or to stop it:
declined-final = We do not try again by ourselves. Please pay another way by { $due }:
declined-final-plain = We do not try again by ourselves. Please pay another way:

covered-subject = Nothing was taken on { $date }
covered-body = Hello { $name },

    We were to take { $amount } with { $method } for account { $account }, { $street }, today. Nothing is owed any more, so nothing was taken.

    { $link }

    { $utility }

stopped-subject = Your payment of { $amount } on { $date } was cancelled
stopped-body = Hello { $name },

    The payment of { $amount } that you had scheduled for { $date } with { $method } for account { $account }, { $street }, was cancelled: { $why } Nothing is taken.

    To pay, or to schedule it anew:
    { $link }

    { $utility }
stopped-gone-body = Hello { $name },

    The payment of { $amount } that you had scheduled for { $date } with { $method } for account { $account }, { $street }, was cancelled: you have no access to that account any more. Nothing is taken.

    { $utility }
stopped-method = the card or bank account was removed.

scheduled-subject = Scheduled: { $amount } with { $method }
scheduled-body = Hello { $name },

    You have scheduled for account { $account }, { $street }:

    { $lines }

    We take it with { $method }, each part on its morning, and never more than is owed then. You can change or cancel it until it is taken:
    { $link }

    { $utility }

ends-subject = { $method } ends on { $date }
ends-body = Hello { $name },

    { $method } is good through { $date }, and payments for account { $account }, { $street }, are taken with it. After that day nothing can be taken with it, and you would be asked each time.

    Save the new card now, and remove the old one; what uses the old one can be moved over in the same step:
    { $link }

    { $utility }

# What a mail about a bill says will happen by itself.
ahead-autopay = Autopay takes { $amount } with { $method } on { $date }. You need not do anything. To change that:
    { $link }
ahead-asks = Autopay waits for your answer before it takes { $amount }. Go on, skip it this time, or pay another way:
    { $link }
ahead-scheduled = You have scheduled { $amount } with { $method } for { $date }. To see or change what is scheduled:
    { $link }
ahead-taking = A payment of { $amount } with { $method } is on its way. You need not do anything:
    { $link }
pay-it = Pay it:
    { $link }
