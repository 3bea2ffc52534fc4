# Words used on every page.
days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
skip-to-content = Skip to content
nav-home = Home
nav-usage = Usage
nav-bills = Bills
nav-help = Help
nav-account = Your account
sign-out = Sign out
service-electricity = Electricity
service-gas = Gas
service-water = Water
service-wastewater = Wastewater
service-refuse = Refuse
service-storm = Storm drain
