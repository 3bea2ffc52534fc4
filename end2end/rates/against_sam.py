"""Holds `meterside rate` against the rate engine of NREL's System Advisor Model (PySAM), bill by bill.

`make rates` runs it. Each case is a tariff in both forms and a year of hours, with and without solar; each of the twelve bills
may differ by what rounding each printed line to the cent makes, and by no more.
"""
import datetime
import json
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import PySAM.Utilityrate5 as utilityrate

MANY = 1e38
START = datetime.datetime(2018, 1, 1)  # A Monday, as the model's years begin.
WHEN = [START + datetime.timedelta(hours=h) for h in range(8760)]
PEAK = [[1] * 16 + [2] * 5 + [1] * 3] * 12
ALL = [[1] * 24] * 12

random.seed(3)
LOAD = [
    round(0.4 + 1.2 * abs(math.sin(t.hour / 24 * math.pi)) * random.random() + (1.5 * random.random() if 16 <= t.hour < 21 else 0), 3)
    for t in WHEN
]
SUN = [
    round(max(0.0, math.sin((t.hour - 6) / 12 * math.pi)) * 3.2 * (0.6 + 0.4 * math.sin((h / 8760 - 0.2) * 2 * math.pi)), 3)
    for h, t in enumerate(WHEN)
]
DARK = [0.0] * 8760


def model(energy, solar=DARK, metering=2, hours=False, fixed=0, minimum=0, flat=None, by_hour=None, surplus=0.0):
    """Twelve bills of the model. `metering` 0 is net metering, 2 net billing."""
    m = utilityrate.new()
    m.Lifetime.analysis_period, m.Lifetime.system_use_lifetime_output, m.Lifetime.inflation_rate = 1, 0, 0
    m.SystemOutput.gen, m.SystemOutput.degradation = solar, [0]
    m.Load.load, m.Load.load_escalation = LOAD, [0]
    rates = m.ElectricityRates
    weekday = PEAK if hours else ALL
    for name, value in {
        "en_electricity_rates": 1, "rate_escalation": [0], "ur_metering_option": metering, "ur_monthly_fixed_charge": fixed,
        "ur_monthly_min_charge": minimum, "ur_annual_min_charge": 0, "ur_ec_sched_weekday": weekday, "ur_ec_sched_weekend": ALL,
        "ur_ec_tou_mat": energy, "ur_nm_yearend_sell_rate": surplus, "ur_nm_credit_month": 11, "ur_nm_credit_rollover": 0,
        "ur_sell_eq_buy": 0, "ur_en_ts_buy_rate": 0, "ur_en_ts_sell_rate": 0, "TOU_demand_single_peak": 0,
        "ur_enable_billing_demand": 0, "ur_dc_enable": int(bool(flat or by_hour)),
    }.items():
        setattr(rates, name, value)
    if flat or by_hour:
        rates.ur_dc_sched_weekday, rates.ur_dc_sched_weekend = (PEAK if by_hour else ALL), ALL
        rates.ur_dc_tou_mat = by_hour or [[1, 1, MANY, 0]]
        rates.ur_dc_flat_mat = flat or [[month, 1, MANY, 0] for month in range(12)]
    m.execute(0)
    return list(m.Outputs.year1_monthly_utility_bill_w_sys)


def usage(path, solar):
    with open(path, "w", encoding="utf-8") as out:
        out.write("meter,commodity,direction,unit,start,seconds,value,quality\n")
        for t, load, sun in zip(WHEN, LOAD, solar):
            net = round(load - sun, 3)
            for direction, value in (("delivered", max(net, 0)), ("received", max(-net, 0))):
                out.write(f"M,electricity,{direction},kWh,{t.isoformat()}+00:00,3600,{value:.3f},raw\n")


def charge(label, basis, **keys):
    text = {True: "true", False: "false"}
    lines = [f"{key} = {text.get(value, value) if isinstance(value, bool) else value}" for key, value in keys.items()]
    return "\n".join(["", "[[schedule.version.charge]]", f'label = "{label}"', f'basis = "{basis}"', *lines, ""])


def energy(**keys):
    return charge("energy", "delivered", **keys)


def credit(**keys):
    return charge("export_credit", "received", **keys)


def demand(**keys):
    return charge("demand", "demand", minutes=60, **keys)


SURPLUS = charge("surplus", "surplus", months=[12], price='"0.05"')
AT_PEAK = {"period": '"peak"', "times": '[{ days = "weekdays", hours = "16:00-21:00" }]'}
ELSE = {
    "period": '"off-peak"',
    "times": '[{ days = "weekdays", hours = "21:00-16:00" }, { days = "weekends", hours = "00:00-24:00" }]',
}


def hourly(**keys):
    """Tiers within hours: 300 kWh, then more, dearer at peak."""
    return energy(**ELSE, **keys, tiers='[{ up_to = "300", price = "0.15" }, { price = "0.25" }]') + energy(
        **AT_PEAK, **keys, tiers='[{ up_to = "300", price = "0.40" }, { price = "0.65" }]'
    )


FLAT = [[1, 1, MANY, 0, 0.2, 0]]
HOURS = [[1, 1, MANY, 0, 0.15, 0.05], [2, 1, MANY, 0, 0.4, 0.1]]
TIERED = [[1, 1, 300, 0, 0.15, 0], [1, 2, MANY, 0, 0.25, 0], [2, 1, 300, 0, 0.4, 0], [2, 2, MANY, 0, 0.65, 0]]
ONE = energy(price='"0.2"')
BY_HOUR = energy(**ELSE, price='"0.15"') + energy(**AT_PEAK, price='"0.4"')
CASES = [
    ("one price", ONE, DARK, {"energy": FLAT}),
    ("fixed charge", ONE + charge("service_charge", "month", price='"10"'), DARK, {"energy": FLAT, "fixed": 10}),
    ("minimum", ONE + charge("minimum", "minimum", price='"135"'), DARK, {"energy": FLAT, "minimum": 135}),
    (
        "tiers by the day",
        energy(tiers='[{ up_to_per_day = "10", price = "0.1" }, { up_to_per_day = "20", price = "0.2" }, { price = "0.3" }]'),
        DARK,
        {"energy": [[1, 1, 10, 2, 0.1, 0], [1, 2, 20, 2, 0.2, 0], [1, 3, MANY, 2, 0.3, 0]]},
    ),
    (
        "tiers by the month",
        energy(tiers='[{ up_to = "300", price = "0.1" }, { up_to = "600", price = "0.2" }, { price = "0.3" }]'),
        DARK,
        {"energy": [[1, 1, 300, 0, 0.1, 0], [1, 2, 600, 0, 0.2, 0], [1, 3, MANY, 0, 0.3, 0]]},
    ),
    ("time of use", BY_HOUR, DARK, {"energy": HOURS, "hours": True}),
    ("tiers in time of use, shared", hourly(fill='"shared"'), DARK, {"energy": TIERED, "hours": True, "metering": 0}),
    ("tiers in time of use, in time", hourly(fill='"in_time"'), DARK, {"energy": TIERED, "hours": True}),
    ("demand", ONE + demand(price='"12.5"'), DARK, {"energy": FLAT, "flat": [[m, 1, MANY, 12.5] for m in range(12)]}),
    (
        "demand in tiers",
        ONE + demand(tiers='[{ up_to = "1.5", price = "10" }, { price = "20" }]'),
        DARK,
        {"energy": FLAT, "flat": [row for m in range(12) for row in ([m, 1, 1.5, 10], [m, 2, MANY, 20])]},
    ),
    (
        "demand by the hour",
        ONE + demand(**ELSE, price='"3"') + demand(**AT_PEAK, price='"15"'),
        DARK,
        {"energy": FLAT, "by_hour": [[1, 1, MANY, 3], [2, 1, MANY, 15]]},
    ),
    ("net billing", ONE + credit(price='"0.08"'), SUN, {"energy": [[1, 1, MANY, 0, 0.2, 0.08]]}),
    (
        "net billing by the hour",
        BY_HOUR + credit(**ELSE, price='"0.05"') + credit(**AT_PEAK, price='"0.1"'),
        SUN,
        {"energy": HOURS, "hours": True},
    ),
    ("net billing, tiers in time of use", hourly(fill='"in_time"'), SUN, {"energy": TIERED, "hours": True}),
    ("net metering", energy(net=True, price='"0.2"') + SURPLUS, SUN, {"energy": FLAT, "metering": 0, "surplus": 0.05}),
    (
        "net metering in tiers",
        energy(net=True, tiers='[{ up_to_per_day = "10", price = "0.1" }, { price = "0.3" }]') + SURPLUS,
        SUN,
        {"energy": [[1, 1, 10, 2, 0.1, 0], [1, 2, MANY, 2, 0.3, 0]], "metering": 0, "surplus": 0.05},
    ),
    (
        "net metering by the hour",
        energy(net=True, **ELSE, price='"0.15"') + energy(net=True, **AT_PEAK, price='"0.4"') + SURPLUS,
        SUN,
        {"energy": HOURS, "hours": True, "metering": 0, "surplus": 0.05},
    ),
    (
        "net metering, tiers in time of use",
        hourly(net=True, fill='"shared"') + SURPLUS,
        SUN,
        {"energy": TIERED, "hours": True, "metering": 0, "surplus": 0.05},
    ),
]


def ours(meterside, folder, charges, solar):
    tariff = folder / "tariff.toml"
    tariff.write_text(
        '[[schedule]]\ncode = "T"\nservice = "electricity"\n\n[[schedule.version]]\nfrom = "2017-01-01"\nsource = "a comparison"\n' + charges
    )
    answer = subprocess.run(
        [meterside, "rate", "--tariff", tariff, "--usage", folder / ("solar.csv" if solar is SUN else "dark.csv"),
         "--from", "2018-01-01", "--to", "2018-12-31", "--zone", "UTC", "--json"],
        capture_output=True, text=True, check=True,
    )
    return json.loads(answer.stdout)["bills"]


def main(meterside):
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        usage(folder / "dark.csv", DARK)
        usage(folder / "solar.csv", SUN)
        for name, charges, solar, keys in CASES:
            theirs = model(solar=solar, **keys)
            bills = ours(meterside, folder, charges, solar)
            off = [abs(float(b["total"]) - t) for b, t in zip(bills, theirs)]
            allowed = [0.005 * len(b["lines"]) + 1e-6 for b in bills]
            fits = len(bills) == 12 and all(o <= a for o, a in zip(off, allowed))
            bad += not fits
            year = sum(float(b["total"]) for b in bills)
            print(f"{name:36} {year:10.2f} against {sum(theirs):10.2f}, worst bill {max(off):.4f}  {'ok' if fits else 'DIFFERS'}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main(sys.argv[1])
