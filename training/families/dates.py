"""Tools that reckon with dates and calendars, with true results."""

import calendar
import datetime
from collections.abc import Sequence
from random import Random
from typing import Any

from training import values as v
from training.families.numerals import one
from training.families.units import true
from training.family import Draw, Family, Parameter, Result, Said
from training.several import several


def day(iso: str) -> datetime.date:
    return datetime.date.fromisoformat(iso)


def between(first: int, last: int) -> Draw:
    """Draw of a date in these years, said as ISO or as "3 May 2025"."""

    def draw(random: Random) -> Any:
        date = datetime.date(random.randint(first, last), random.randint(1, 12), random.randint(1, 28))
        spoken = f"{date.day} {calendar.month_name[date.month]} {date.year}"
        return date.isoformat() if random.random() < 0.6 else Said(date.isoformat(), spoken)

    return draw


def date(names: str = "date|day|iso_date|on", first: int = 1950, last: int = 2035) -> Parameter:
    return Parameter(names, between(first, last), "Date as YYYY-MM-DD|ISO date|The date, such as 2025-01-31")


YEAR = Parameter("year|y|calendar_year|yyyy", v.integer(1800, 2100), "The year|Four digits|", "integer")


SIGNS: Sequence[tuple[int, str]] = (
    (120, "Capricorn"),
    (219, "Aquarius"),
    (321, "Pisces"),
    (420, "Aries"),
    (521, "Taurus"),
    (621, "Gemini"),
    (723, "Cancer"),
    (823, "Leo"),
    (923, "Virgo"),
    (1023, "Libra"),
    (1122, "Scorpio"),
    (1222, "Sagittarius"),
    (1232, "Capricorn"),
)


def easter(year: int) -> str:
    """Date of Easter in the Gregorian calendar, by Meeus's algorithm."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, before = divmod(h + m - 7 * n + 114, 31)
    return datetime.date(year, month, before + 1).isoformat()


DATES = [
    one(
        "day_of_week",
        "day_of_week|weekday|get_weekday|which_day",
        "Weekday of a date|Tells the day of the week|",
        date(),
        """
            What day of the week is {date}? | On which weekday does {date} fall? | I was born on {date}. What day
            was that? | weekday of {date} | Is {date} a Sunday? | Our wedding is on {date}, I want to know the
            weekday | {date} - which day? | Tell me the weekday for {date} | Find out if {date} is at the weekend |
            I have to know the weekday: {date}""",
        "the weekday of {date}|to know on which day {date} falls",
        lambda s: f"{day(s):%A}",
        "{date} is a {result}. | It's a {result}. | That falls on a {result}.",
    ),
    Family(
        "days_between",
        "days_between|date_difference|date_diff|count_days",
        "Days between two dates|Number of days from one date to another|",
        [
            date("start|from_date|start_date|date1|first", 1990, 2024),
            date("end|to_date|end_date|date2|second", 2025, 2035),
        ],
        several("""
            How many days are there between {start} and {end}? | Days from {start} to {end} | From {start} until
            {end}, how long is that in days? | {start} to {end}: days? | We met on {start} and today is {end}. For
            how many days have we known each other? | The contract runs from {start} to {end}. How many days? |
            Count the days between {start} and {end}, please. | If it began on {start}, how many days have passed on
            {end}? | I go on {end} and came on {start}; how many days is that? | It started on {start} and ended on
            {end}. How many days did it take?"""),
        "the days between {start} and {end}|to know how many days {start} to {end} are",
        [
            Result(
                true("start end", days=lambda a, b: (day(b) - day(a)).days),
                several(
                    "There are {days} days in between. | That's {days} days. | From {start} to {end} it's {days} days."
                ),
            )
        ],
        "dates",
    ),
    Family(
        "add_days",
        "add_days|date_plus|shift_date|date_after",
        "Date some days after another|Adds days to a date|Returns the date and its weekday.",
        [date(), Parameter("days|n|number_of_days|offset", v.integer(2, 400), "Days to add|", "integer")],
        several("""
            What date is {days} days after {date}? | {date} plus {days} days | Add {days} days to {date}. | The
            invoice is of {date} and due within {days} days. When is that? | {days} days from {date}, which date is
            it? | If I start on {date}, when have {days} days gone by? | My visa begins on {date} and lasts {days}
            days | Count {days} days on from {date}, please | Starting {date}: what's the day {days} days later? | I
            ordered on {date} and it takes {days} days. When will it be here?"""),
        "the date {days} days after {date}|to add {days} days to {date}",
        [
            Result(
                true(
                    "date days",
                    result=lambda s, n: (day(s) + datetime.timedelta(n)).isoformat(),
                    weekday=lambda s, n: f"{day(s) + datetime.timedelta(n):%A}",
                ),
                several(
                    "That's {result}, a {weekday}. | It's {weekday}, {result}. | {days} days later it is "
                    "{result} ({weekday})."
                ),
            )
        ],
        "dates",
    ),
    Family(
        "age_on",
        "age|calculate_age|age_on_date|years_old",
        "Age of somebody on a date|Full years between birth and a date|",
        [
            date("birth_date|birthday|born|date_of_birth|dob", 1940, 2015),
            date("on_date|today|at|reference_date|when", 2020, 2035),
        ],
        several("""
            How old is someone born on {birth_date} on {on_date}? | Born {birth_date}: age on {on_date}? | My aunt
            was born on {birth_date}. How old is she on {on_date}? | Age please, birthday {birth_date}, day
            {on_date} | On {on_date}, how old will I be? I was born on {birth_date}. | Is a child born on
            {birth_date} of age on {on_date}? | Calculate the age: from {birth_date} to {on_date} | I need the age
            on {on_date} of a patient whose date of birth is {birth_date} | If you're born on {birth_date}, how many
            years old are you on {on_date}? | If somebody's birthday is {birth_date}, what's their age on {on_date}?"""),
        "the age on {on_date} of someone born on {birth_date}|to know how old somebody is",
        [
            Result(
                true(
                    "birth_date on_date",
                    age=lambda b, o: day(o).year - day(b).year - (day(o).timetuple()[1:3] < day(b).timetuple()[1:3]),
                ),
                several("The age is {age}. | {age} years old. | Someone born on {birth_date} is {age} then."),
            )
        ],
    ),
    Family(
        "leap_year",
        "is_leap_year|leap_year|check_leap_year|year_length",
        "Tell if a year is a leap year|Days of a year and of its February|",
        [YEAR],
        several("""
            Is {year} a leap year? | leap year {year}? | Does {year} have a 29 February? | How many days does the
            year {year} have? | I was born on a 29 February; will there be one in {year}? | Check whether {year} is
            a leap year. | How long was February in {year}? | Was {year} a day longer than usual? | The year {year}:
            leap or not? | {year}: how many days has the year?"""),
        "to know if {year} is a leap year|the number of days in {year}",
        [
            Result(
                true("year", days=lambda y: 365 + calendar.isleap(y), february=lambda y: 28 + calendar.isleap(y)),
                several(
                    "{year} has {days} days, and its February has {february}. | The year is {days} days "
                    "long; February has {february}. | It has {days} days, {february} of them in February."
                ),
            )
        ],
        "year",
    ),
    one(
        "easter_date",
        "easter|easter_date|easter_sunday|get_easter",
        "Date of Easter Sunday|When Easter is in a year|",
        YEAR,
        """
            When is Easter in {year}? | Easter {year} | On which date does Easter Sunday fall in {year}? | I'm
            planning the holidays for {year}. When is Easter? | In {year}, when do we look for eggs? | Is Easter
            early in {year}? Tell me the date. | Easter Sunday of the year {year}, please | What was the date of
            Easter in {year}? | Find Easter for {year} | My aunt always comes for Easter. When would that be in
            {year}?""",
        "the date of Easter in {year}|to know when Easter is in {year}",
        easter,
        "Easter Sunday in {year} is on {result}. | It's {result}. | In {year}, Easter falls on {result}.",
    ),
    Family(
        "week_number",
        "week_number|iso_week|calendar_week|get_week",
        "Calendar week of a date|ISO week of a date and the day of the year|",
        [date()],
        several("""
            Which calendar week is {date}? | Week number of {date} | My supplier asks in which week {date} is. |
            {date} - week? | Is {date} an even or an odd week? I need its number. | In which week of the year does
            {date} lie? | Tell me the calendar week for {date} | I deliver on {date}; which week is that? | How far
            into the year is {date}, in weeks? | We plan by calendar weeks. Which one has {date} in it?"""),
        "the calendar week of {date}|to know in which week {date} is",
        [
            Result(
                true(
                    "date", week=lambda s: day(s).isocalendar().week, day_of_year=lambda s: day(s).timetuple().tm_yday
                ),
                several(
                    "It's in week {week} and is day {day_of_year} of the year. | Week {week}; counted in "
                    "days, it's number {day_of_year}. | {date} is in calendar week {week}, day "
                    "{day_of_year} of the year."
                ),
            )
        ],
    ),
    one(
        "zodiac_sign",
        "zodiac_sign|zodiac|star_sign|horoscope_sign",
        "Star sign of a birthday|Zodiac sign of a date|",
        date("date|birthday|birth_date|born", 1940, 2024),
        """
            What's the star sign of someone born on {date}? | Zodiac sign for {date} | I was born on {date}. What am
            I? | Which sign has a child of {date}? | {date}: star sign? | My boyfriend's birthday is {date}; what
            sign is he? | Look up the sign of the zodiac for {date} | Tell me what sign {date} falls in | Born
            {date}, so which zodiac sign? | Somebody with the birthday {date} has which star sign?""",
        "the star sign of {date}|to know the zodiac sign of somebody born on {date}",
        lambda s: next(n for b, n in SIGNS if day(s).month * 100 + day(s).day < b),
        "Born on {date}, that's {result}. | The star sign is {result}. | It's {result}.",
    ),
    Family(
        "format_date",
        "format_date|date_format|rewrite_date|date_to_text",
        "Write a date in another form|German, American or long form|",
        [
            Parameter(
                "date|day|iso_date|input",
                lambda r: f"{r.randint(1950, 2035)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
                "Date as YYYY-MM-DD|",
            ),
            Parameter(
                "style|format|form|locale",
                v.said_choice({"german": "the German way", "american": "the American way", "long": "in long form"}),
                "The form|",
                choices=("german", "american", "long"),
            ),
        ],
        several(
            """
                Write {date} {style}. | How is {date} written {style}? | {date}, {style} please | I have to put
                {date} in a letter, {style} | Format {date}; I want it {style} | Please give me the date {date}
                {style} | Put {date} on the invitation, but {style} | Show {date} {style} | The form asks for {date}
                {style} | I only have {date}. Write it {style}."""
        ),
        "{date} {style}|a date in another form",
        [
            Result(
                true(
                    "date style",
                    result=lambda s, f: {
                        "german": f"{day(s):%d.%m.%Y}",
                        "american": f"{day(s):%m/%d/%Y}",
                        "long": f"{day(s).day} {day(s):%B %Y}",
                    }[f],
                ),
                several("{result} | It's written {result} | That would be {result}"),
            )
        ],
    ),
    Family(
        "days_in_month",
        "days_in_month|month_length|month_days",
        "Number of days in a month|Length of a month|",
        [Parameter("month|m|month_name", v.choice(*calendar.month_name[1:]), "English name of the month|"), YEAR],
        several("""
            How many days does {month} {year} have? | {month} {year}, days? | How long is {month} in {year}? | In
            {year}, how many days has {month}? | I pay by day, so how many are there in {month} {year}? | Number of
            days in {month} of {year} | Does {month} have a 31st in {year}? | For the year {year}, tell me the
            length of {month} | The rent for {month} {year} is split by days. How many? | {month} of the year
            {year}: 28, 30 or 31 days?"""),
        "the number of days in {month} {year}|to know how long {month} {year} is",
        [
            Result(
                true("month year", days=lambda m, y: calendar.monthrange(y, list(calendar.month_name).index(m))[1]),
                several("{month} {year} has {days} days. | It has {days} days. | There are {days} days in it."),
            )
        ],
        "year",
    ),
]

FAMILIES = DATES
