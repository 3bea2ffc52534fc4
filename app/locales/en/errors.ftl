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
too-many-files-title = Too many files within an hour
too-many-files-body = We read up to { $limit } files an hour for an account, and reading takes a while, so this one was not read. What you have added stays. Please send it again in { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}.
too-many-messages-title = Too many messages within an hour
too-many-messages-body = We take up to { $limit } messages an hour for an account, so this one was not sent. What you wrote is still here: please send it again in an hour, or call { $phone }.
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
back-own = Go to Home
back-staff = Find an account
optional = (optional)

email-form = Type an e-mail address such as name@example.com.
phone-form = Type a telephone number such as 650-555-0123.
amount-form = Type an amount such as 84.50.
amount-small = Choose an amount of at least $1.00.
amount-large = That is more than can be paid here at once. Choose a smaller amount.
amount-left = That is more than can still be given back. Choose a smaller amount.
password-short = Use at least 10 characters. Several words in a row work well.
password-guessable = That password is among the first that are tried by others. Choose another.
sign-in-no-match = That e-mail or account number and password do not belong together.
range-reversed = The last day is before the first. Swap them.
range-outside = There are no readings for these days.
day-outside = Choose a day from the first reading to today.
markers-full = You have as many marks as we keep. Remove one first.
date-form = Type a date such as 2026-05-12.
method-expired = That card has expired, or will have by then. Choose another way to pay.
method-many = You have as many saved cards and accounts as we keep. Remove one first.
method-choose = Choose a card or bank account from the list.
parts-day = Choose days from tomorrow to two months ahead. To pay today, pay now.
parts-large = Together that is more than what is owed and not planned yet. Choose smaller amounts.
parts-form = Give each part a day such as 2026-12-04 and an amount such as 42.25.
limit-form = Type an amount of at least $10.00 such as 250, or leave it empty to take the whole of each bill.
file-missing = Choose a file.
file-large = That file is too large.
file-long = That file holds more readings than we take at once. Download fewer months, or one meter at a time.
file-unpacked = That file is small only because it is packed: unpacked it is larger than the 256 MB we take. Download fewer months, or one meter at a time.
file-unsafe = That file uses something that usage files never need and that can do harm, such as a document type (DTD) or entities, so we did not read it. Download the usage file itself from the other utility and send that.
file-garbled = That file is not as files of its kind are, so we could not read it. Download it again as it is; if that does not help, choose Green Button (XML) at the other utility.
file-garbled-line = That file has a mistake in line { $line }, so we could not read it. Download it again as it is; if that does not help, ask the other utility about line { $line }.
file-no-picture = That is not a photo that we can show. Send a JPEG, PNG, WebP, GIF, HEIC or AVIF picture, or send the form without one.
file-unreadable = That file cannot be read to its end; perhaps the download broke off. Download it again from the other utility and send that.
file-empty = That file is empty. Download it again from the other utility.
file-web-page = That is a web page, not the usage file; perhaps the other utility's sign-in had expired. Download the file itself and send that.
file-kind = That is not a usage file. We read Green Button (XML), CSV, CMEP and NEM12 files, also gzipped.
file-no-readings = There are no readings in that file. Choose more days where you download it.
file-taken = You have this file already.
file-too-many = You have as many files as we keep. Remove one first.
file-prices = The file has a mistake. The reason is given above the form.
channels-none = Choose at least one of the file's meters.
zone-form = Choose a time zone from the list.
choose-one = Choose one of these.
missing = Please fill this in.
too-short = That is too short.
too-long = That is too long.
no-match = That does not match what we have.
taken = That is in use already.
malformed = That does not look right.
guest-no-match = This number and this ZIP code do not belong together. Both are on the bill: please look again.
