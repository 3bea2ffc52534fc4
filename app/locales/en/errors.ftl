# What happened, what is safe, what to do.
sign-in-title = Please sign in
sign-in-body = Sign in to see this page. What you had typed comes back after that.
not-found-title = We could not find that page
not-found-body = The address may be mistyped, or the page belongs to an account you are not signed in to. If you need a hand, call { $phone }.
forbidden-title = You cannot open this page
forbidden-body = Your sign-in does not include it. If you think it should, call { $phone }.
read-only-title = Nothing was changed
read-only-body = You are looking through a resident's eyes, and that is read-only. Ask the resident to do it on their own device.
invalid-title = Please check what you typed
invalid-body = Nothing was changed or sent yet.
too-many-title = Too many tries
too-many-body = To keep accounts safe we pause after several tries. Please try again in { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}.
link-title = This link has expired
link-body = Links in our mails work once and for a limited time. Please ask for a new one.
changed-title = Someone changed this in the meantime
changed-body = Nothing of yours was saved over it. Open the page again to see how it is now.
processor-title = Payments are not available right now
processor-body = The company that takes payments for us does not answer. Nothing was charged. Please try again in a few minutes, or call { $phone }.
too-large-title = That file is too large
too-large-body = We take files of up to { $megabytes } MB. Nothing was stored.
internal-title = Something went wrong on our side
internal-body = Nothing was charged or half-saved. Please try again; if it happens again, call { $phone } and mention number { $id }.
network-title = We could not reach the portal
network-body = Check your connection and try again. If it stays like this, call { $phone }.
back-home = Go to the start page
optional = (optional)

email-form = Type an e-mail address such as name@example.com.
phone-form = Type a telephone number such as 650-555-0123.
amount-form = Type an amount such as 84.50.
amount-small = Choose an amount of at least $1.00.
amount-large = That is more than can be paid here at once. Choose a smaller amount.
password-short = Use at least 10 characters. Several words in a row work well.
password-guessable = That password is among the first that are tried by others. Choose another.
sign-in-no-match = That e-mail or account number and password do not belong together.
range-reversed = The last day is before the first. Swap them.
range-outside = There are no readings for these days.
date-form = Type a date such as 2026-05-12.
file-missing = Choose a file.
file-large = That file is too large.
file-unreadable = We could not read that file.
zone-form = Choose a time zone from the list.
choose-one = Choose one of these.
missing = Please fill this in.
too-short = That is too short.
too-long = That is too long.
no-match = That does not match what we have.
taken = That is in use already.
malformed = That does not look right.
