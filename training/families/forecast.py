"""The tools of everyday tutorials of function calling that everybody begins with: the weather and the time."""

from collections.abc import Mapping
from random import Random
from typing import Any

from training import values as v
from training.family import Family, Parameter, Result, Said

_UNIT = Parameter(
    "unit|units|temperature_unit|scale",
    v.choice("celsius", Said("celsius", "degrees Celsius"), "fahrenheit", Said("fahrenheit", "Fahrenheit")),
    "Unit of the temperature|celsius or fahrenheit|The temperature unit to use|",
    choices=("celsius", "fahrenheit"),
    phrases=" in {}|, in {} please|, using {}| ({})",
)
_PLACE = "city|location|place|city_name|town"
_PLACE_ABOUT = "The city|The city name|Name of the city|City to look up|The location|City, e.g. San Francisco|"


def _city(random: Random) -> str:
    """Draw a city, sometimes with its country."""
    return f"{v.city(random)}, {v.country(random)}" if random.random() < 0.1 else v.city(random)


def _weather(random: Random, arguments: Mapping[str, Any]) -> dict[str, Any]:
    unit = arguments.get("unit", "celsius")
    degrees = random.randint(-15, 40) if unit == "celsius" else random.randint(10, 104)
    sign = "°C" if unit == "celsius" else "°F"
    temperature: Any = random.choice((degrees, degrees, Said(f"{degrees} {sign}", f"{degrees} {sign}")))
    fields: dict[str, Any] = {
        "temperature|temp|degrees": temperature,
        "condition|weather|description": v.weather(random),
    }
    return fields


WEATHER_AND_TIME = [
    Family(
        "current_weather",
        "get_weather|get_weather|get_current_weather|get_weather|current_weather|weather|fetch_weather|weather_now|get_temperature",
        """Get current weather in a given city|Get the weather for a city|Get the current weather for a city|Get the weather in a given city|Returns the current weather of a place|Get
        current temperature and conditions|The weather right now in a city.""".replace("\n        ", " "),
        [Parameter(_PLACE, _city, _PLACE_ABOUT), _UNIT],
        [
            "What is the weather in {city}?",
            "What's the weather in {city}?",
            "What's the weather in {city} right now?",
            "What's the weather like in {city} today?",
            "What is the current weather in {city}?",
            "What is the temperature in {city}?",
            "What's the weather like in {city}?",
            "What is the weather like in {city} right now?",
            "How's the weather in {city}?",
            "Weather in {city}?",
            "weather {city}",
            "Is it cold in {city} today?",
            "Do I need an umbrella in {city}?",
            "Tell me the current weather in {city}.",
            "I'm flying to {city} in a few hours. What should I expect outside?",
            "What's it like outside in {city}?",
            "Should I wear a jacket in {city} today?",
            "How warm is it in {city}?",
            "Can you check the weather for {city}?",
            "What's the temperature in {city}?",
            "My sister is in {city} and says it's awful out there. Is that so?",
            "Please get the weather of {city}.",
            "Is it raining in {city}?",
        ],
        "to know the weather in {city}|the current weather in {city}|to know how the weather is in {city}",
        [
            Result(
                _weather,
                (
                    "In {city} it is {condition}, with a temperature of {temperature}.",
                    "It's {temperature} in {city} right now, and {condition}.",
                    "Right now {city} has {condition} at {temperature}.",
                    "The weather in {city}: {condition}, {temperature}.",
                    "At the moment it's {condition} in {city}; the thermometer shows {temperature}.",
                    "{city} is seeing {condition}, and it's {temperature} outside.",
                ),
                2,
            ),
            Result(
                lambda random, arguments: {
                    "result|report|weather": f"The weather in {arguments['city']} is {v.weather(random)}."
                },
                ("{result}",),
            ),
            Result(
                {"temperature|temp|temperature_c|result": v.integer(-15, 40)},
                (
                    "It's {temperature} degrees in {city} right now.",
                    "The temperature in {city} is {temperature} degrees.",
                    "{city} currently has {temperature} degrees.",
                ),
            ),
            Result(
                {"condition|weather|result|forecast": v.weather},
                (
                    "It's {condition} in {city}.",
                    "The weather in {city} is {condition}.",
                    "{city} has {condition} today.",
                ),
            ),
            Result(
                {
                    "temperature|temp": v.integer(-15, 40),
                    "condition|conditions": v.weather,
                    "humidity": v.percent,
                    "wind|wind_speed": v.integer(0, 90),
                },
                (
                    "In {city} it is {condition} at {temperature} degrees, with {humidity}% humidity and wind of {wind}.",
                    "{city}: {condition}, {temperature} degrees. Humidity is {humidity}% and the wind speed {wind}.",
                ),
            ),
        ],
        near="weather",
    ),
    Family(
        "weather_forecast",
        "get_forecast|get_weather_forecast|weather_forecast|forecast|get_daily_forecast",
        "Get the weather forecast for a city|Weather forecast for the next days|Forecast of a place for some days",
        [
            Parameter(_PLACE, v.city, _PLACE_ABOUT),
            Parameter("days|num_days|number_of_days", v.integer(1, 14), "Number of days|How many days|", "integer"),
        ],
        [
            "What will the weather be like in {city} over the next {days} days?",
            "Give me the {days} day forecast for {city}.",
            "Forecast for {city}, {days} days",
            "I'm in {city} for {days} days. What weather should I pack for?",
            "How will the weather develop in {city} during the coming {days} days?",
            "Show me a forecast of {days} days for {city}",
            "Will it be nice in {city} in the next {days} days?",
        ],
        "the weather forecast for {city} over {days} days|to know the weather of the next {days} days in {city}",
        [
            Result(
                {"forecast|summary|outlook": v.weather, "high|max": v.integer(5, 40), "low|min": v.integer(-15, 4)},
                (
                    "For the next {days} days in {city}, expect {forecast}, with highs of {high} and lows of {low}.",
                    "{city} will see {forecast}. Temperatures go from {low} up to {high} degrees.",
                    "The {days}-day forecast for {city} is {forecast}, between {low} and {high} degrees.",
                ),
            ),
        ],
        near="weather",
    ),
    Family(
        "current_time",
        "get_current_time|get_time|current_time|time_in|now|world_clock|get_local_time",
        "Get the current time|Returns the current time in a place|Current local time of a city or time zone",
        [
            Parameter(
                "city|timezone|location|tz|time_zone|place",
                v.choice(
                    *["Tokyo", "London", "Berlin", "Oslo", "Lima", "UTC", "CET", "EST"],
                    "Europe/Paris",
                    "America/New_York",
                    "Asia/Tokyo",
                    "Australia/Sydney",
                    "New York",
                    "Buenos Aires",
                    *(["Nairobi", "Quito", "Perth"]),
                ),
                "City or time zone|IANA time zone name|The place|",
            )
        ],
        [
            "What time is it in {city}?",
            "What's the time in {city} now?",
            "time in {city}",
            "Can I call somebody in {city} now, or is it night there?",
            "Tell me the current time in {city}.",
            "How late is it in {city}?",
            "What does the clock say in {city}?",
            "I need the local time for {city}.",
        ],
        "to know the time in {city}|the current time in {city}|to know how late it is in {city}",
        [
            Result(
                {"time|current_time|local_time|now": v.clock},
                (
                    "It's {time} in {city}.",
                    "The time in {city} is {time}.",
                    "In {city} the clock shows {time} right now.",
                ),
            ),
            Result(
                {"time|current_time": v.clock, "date": v.iso_date},
                ("In {city} it's {time} on {date}.", "It is {time} in {city}; the date there is {date}."),
            ),
        ],
        near="time",
    ),
    Family(
        "time_now",
        "get_current_time|get_time|what_time_is_it|current_time|get_datetime|now|get_current_datetime",
        "Get the current time|Returns the current date and time|The current time of the server",
        [],
        [
            "What time is it?",
            "What's the time?",
            "time please",
            "Can you tell me how late it is?",
            "Do you know what time it is now?",
            "I lost my watch. What's the time?",
            "How late is it?",
            "current time?",
        ],
        "to know what time it is|the current time",
        [
            Result(
                {"time|current_time|now|result": v.clock}, ("It's {time}.", "The time is {time}.", "It is {time} now.")
            ),
            Result(
                {"date": v.iso_date, "time": v.clock},
                ("It's {time} on {date}.", "Today is {date} and it's {time}.", "It is now {time}, {date}."),
            ),
        ],
        near="time",
    ),
]
