# Paying without signing in.
title = Pay a bill
lead = You need two things from the bill. You will see what is due and by when, nothing else.
postcode = ZIP code
postcode-hint = Where the service is, or where the bill is sent.
find = See what is due
rather-sign-in = Sign in instead
amount-title = Pay for account { $account }
nothing-due = Nothing is due on this account. You can still pay ahead; it goes towards the next bill.
other-account = Another account
posted = It counts on the account from now on. Keep the payment number below, or print this page.
